"""The documented paths are at the root, our extensions under /x/."""

from django.urls import path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView

from engine.api import views

handler400 = "engine.api.errors.bad_request"
handler404 = "engine.api.errors.not_found"
handler500 = "engine.api.errors.server_error"

description = SpectacularAPIView.as_view(
    authentication_classes=[], permission_classes=[], renderer_classes=[OpenApiJsonRenderer]
)

urlpatterns = [
    path("extract/", views.ExtractsView.as_view()),
    path("extract/<str:id>/", views.ExtractView.as_view()),
    path("schema/", views.SchemasView.as_view()),
    path("schema/<str:id>/", views.SchemaView.as_view()),
    path("workflow/<str:id>/extract/", views.WorkflowExtractView.as_view()),
    path("document/<str:id>/", views.DocumentView.as_view()),
    path("images/<str:id>/", views.ImageView.as_view()),
    path("x/classifier/", views.ClassifiersView.as_view()),
    path("x/classifier/<uuid:id>/", views.ClassifierView.as_view()),
    path("x/extract/<str:id>/category/", views.CorrectionView.as_view()),
    path("x/health/", views.HealthView.as_view()),
    path("openapi.json", description),
]
