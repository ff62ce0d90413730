"""Template tags and filters: icons, durations, sizes and short times."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: the text beside it, or a label, names it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.filter
def coded(text: str) -> SafeString:
    """What stands between backticks as code, as in docstrings."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in parts)
    )


@register.filter
def grouped(number: float | None) -> str:
    """A number with localized thousands separators; for display only, not for form values."""
    return "" if number is None else formats.number_format(number, force_grouping=True)


@register.filter
def duration(value: float | timedelta | None) -> str:
    """`9 s`, `1 min 52 s`, `2 h 5 min`, `3 d`: at most two units, and the same words as static/duration.js."""
    if value is None:
        return ""
    seconds = max(round(value.total_seconds() if isinstance(value, timedelta) else value), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days >= 2:
        return _("%(count)d d") % {"count": days}
    if hours:
        return _pair(_("%(count)d h"), hours, _("%(count)d min"), minutes % 60)
    if minutes:
        return _pair(_("%(count)d min"), minutes, _("%(count)d s"), seconds % 60)
    return _("%(count)d s") % {"count": seconds}


@register.filter
def size(value: float | None) -> str:
    """`4 bytes`, `155 kB`, `1.7 MB`: thousands, as the browser writes them in static/upload/units.js."""
    number = Decimal(value or 0)
    if number < 1000:
        return filesizeformat(int(number))
    units = [_("%(number)s kB"), _("%(number)s MB"), _("%(number)s GB")]
    number /= 1000
    while number >= 1000 and len(units) > 1:
        units.pop(0)
        number /= 1000
    digits = 1 if number < 10 else 0
    rounded = number.quantize(Decimal(10) ** -digits, ROUND_HALF_UP)
    is_integer = rounded == rounded.to_integral_value()
    return units[0] % {"number": formats.number_format(rounded, 0 if is_integer else digits)}


def _pair(large: str, count: int, small: str, remainder: int) -> str:
    words = large % {"count": count}
    return f"{words} {small % {'count': remainder}}" if remainder else words


@register.filter
def since(value: datetime | None) -> float | None:
    """Seconds elapsed since then, never negative."""
    return None if value is None else max((timezone.now() - value).total_seconds(), 0.0)


@register.simple_tag
def ticking(start: datetime | None) -> SafeString | str:
    """A duration that static/ticking.js keeps counting in the browser."""
    seconds = since(start)
    if seconds is None:
        return ""
    return format_html('<span class="number" data-ticks="{}">{}</span>', f"{seconds:.1f}", duration(seconds))


@register.simple_tag
def when(value: datetime | None) -> SafeString | str:
    """A short form of the date: the time if today, then `Yesterday`, `20 Nov`, `20 Nov 2024`."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        formats.date_format(local, "SHORT_DATETIME_FORMAT"),
        _short(local),
    )


def _short(local: datetime) -> str:
    today = timezone.localtime().date()
    if local.date() == today:
        return formats.time_format(local, "H:i")
    if local.date() == today - timedelta(days=1):
        return _("Yesterday")
    if local.year == today.year:
        # Translators: a day of this year, in the format of Django's date filter.
        return formats.date_format(local, _("j M"))
    # Translators: a day of another year, in the format of Django's date filter.
    return formats.date_format(local, _("j M Y"))
