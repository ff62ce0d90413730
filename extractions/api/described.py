"""What the OpenAPI description describes, at its address."""

from django.urls import include, path

urlpatterns = [
    path("api/0.8.1/", include("extractions.api.urls")),
    path("api/v1/", include("extractions.api.urls_v1")),
]
