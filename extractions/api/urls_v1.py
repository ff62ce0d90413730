"""/api/v1/: the portal's own API, for what the dialect lacks."""

from django.urls import path

from extractions.api import reviewing

app_name = "v1"

urlpatterns = [
    path("documents/", reviewing.DocumentsView.as_view(), name="documents"),
    path("documents/<str:id>/", reviewing.ReviewedDocumentView.as_view(), name="document"),
    path("documents/<str:id>/values/", reviewing.ValuesView.as_view(), name="values"),
    path("documents/<str:id>/review/", reviewing.ReviewView.as_view(), name="review"),
]
