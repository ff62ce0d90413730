"""The web app manifest: what a browser needs to install the portal on a phone or a desktop."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

ICONS = (
    ("app/icon-192.png", "192x192", "any"),
    ("app/icon-512.png", "512x512", "any"),
    ("app/icon-maskable-512.png", "512x512", "maskable"),
)
ACCENT, GROUND = "#70378a", "#f8f7f5"


@require_safe
@cache_control(public=True, max_age=3600)
@vary_on_headers("Accept-Language", "Cookie")
def manifest(request: HttpRequest) -> JsonResponse:
    """Names follow the language of the page; nothing in it depends on who asks."""
    home = reverse("extractions:dashboard")
    content = {
        "id": home,
        "name": _("Extraction"),
        "lang": get_language(),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "theme_color": ACCENT,
        "background_color": GROUND,
        "icons": [
            {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {"name": _("New extraction"), "url": reverse("extractions:upload")},
            {"name": _("Review"), "url": reverse("extractions:review_queue")},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")
