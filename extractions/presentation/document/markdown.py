"""Renders the untrusted text of a document to sanitized HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# Rendering can take more than linear time, so long texts are rendered in parts of about this many characters.
PART = 60_000
# Square brackets are the worst case: texts with more than this are shown unrendered.
BRACKETS = 2_000
TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li",
    "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "loading"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
    "span": {"class"},
}
ALIGNMENTS = {"text-align:right": "text-end", "text-align:center": "text-center"}


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table in the text, as the text of its cells."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def render_markdown(text: str, pictures: Mapping[str, str]) -> SafeString:
    """Safe HTML. `pictures` maps names of the document's pictures to URLs; others are never loaded, only named."""
    if text.count("[") > BRACKETS:
        return mark_safe(f"<pre>{escape(text)}</pre>")  # noqa: S308 - escaped just now
    renderer = _markdown()
    html = renderer.render(text, {"pictures": pictures})
    own = set(pictures.values())

    def only_ours(tag: str, attribute: str, value: str) -> str | None:
        return value if (tag, attribute) != ("img", "src") or value in own else None

    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=only_ours,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(cleaned)  # noqa: S308 - cleaned just now


def parts_of(text: str) -> list[str]:
    """Split the text into parts that render quickly, between paragraphs where possible."""
    parts = []
    while len(text) > PART:
        cut = text.rfind("\n\n", PART // 2, PART)
        cut = cut if cut > 0 else PART
        parts.append(text[:cut])
        text = text[cut:].lstrip("\n")
    return [*parts, text]


def tables_of(text: str) -> list[TextTable]:
    """The tables in the text."""
    if "|" not in text or text.count("[") > BRACKETS:
        return []
    tables: list[TextTable] = []
    rows: list[tuple[str, ...]] = []
    cells: list[str] = []
    for token in _markdown().parse(text):
        match token.type:
            case "table_open":
                rows = []
            case "tr_open":
                cells = []
            case "inline" if token.level and token.map is not None:
                cells.append(token.content)
            case "tr_close":
                rows.append(tuple(cells))
            case "table_close":
                tables.append(TextTable(rows[0], tuple(rows[1:])))
    return tables


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _image)
    for name in ("td_open", "th_open"):
        markdown.add_render_rule(name, _cell)
    return markdown


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: object, env: Mapping[str, Mapping[str, str]]
) -> str:
    token = tokens[index]
    name = unquote(str(token.attrGet("src") or ""))
    address = env["pictures"].get(name) or env["pictures"].get(name.rpartition("/")[2])
    alternative = token.content or name
    if address is None:
        words = _("Picture: %(name)s") % {"name": alternative}
        return f'<span class="picture-name">{escape(words)}</span>'
    return f'<img src="{escape(address)}" alt="{escape(alternative)}" loading="lazy">'


def _cell(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: object, env: object) -> str:
    """The CSP forbids style attributes, so alignment becomes a class."""
    token = tokens[index]
    name = ALIGNMENTS.get(str(token.attrGet("style") or ""))
    return f'<{token.tag} class="{name}">' if name else f"<{token.tag}>"
