"""The dialect below /api/0.8.1/: whoever speaks it changes only the address and the key.

The prefix keeps programs apart from pages, for a proxy that asks people to sign in or limits what comes from outside.
Paths to files in answers are those of the dialect ("/document/…/"): most clients put them behind the address that they
were given, but those that resolve them as URLs end at the root, so the files are there as well.
"""

from django.urls import URLPattern, path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView

from extractions.api import views
from portal.admission import receives_by_token
from portal.people.models import ApiToken

app_name = "api"

create_or_list = receives_by_token(views.most_bytes_of_an_upload, ApiToken.Scope.UPLOAD)(views.ExtractsView.as_view())

urlpatterns = [
    path("extract/", create_or_list, name="extracts"),
    path("extract/<str:id>/", views.ExtractView.as_view(), name="extract"),
    path("schema/", views.SchemasView.as_view(), name="schemas"),
    path("schema/<str:id>/", views.SchemaView.as_view(), name="schema"),
    path("document/<str:id>/", views.DocumentView.as_view(), name="document"),
    path("images/<str:id>/", views.ImageView.as_view(), name="image"),
    path("x/classifier/", views.ClassifiersView.as_view(), name="classifiers"),
]


class DescriptionView(SpectacularAPIView):
    """The OpenAPI description, for anybody: it says nothing of any document."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    renderer_classes = [OpenApiJsonRenderer]  # noqa: RUF012 - as the base class has it
    urlconf = "extractions.api.described"


def files_at_root() -> list[URLPattern]:
    """The same files at the addresses of the API's own links; described once, below the prefix."""
    return [
        path("document/<str:id>/", views.DocumentView.as_view(schema=None), name="api_document"),
        path("images/<str:id>/", views.ImageView.as_view(schema=None), name="api_image"),
    ]
