"""/api/v1/: the portal's own API, for what the dialect lacks."""

from django.urls import path

from extractions.api import classifier_studio, events, exporting, options, reviewing

app_name = "v1"

urlpatterns = [
    path("teams/", options.TeamsView.as_view(), name="teams"),
    path("schemas/", options.SchemasView.as_view(), name="schemas"),
    path("schemas/<str:id>/", options.SchemaView.as_view(), name="schema"),
    path("classifiers/", options.ClassifiersView.as_view(), name="classifiers"),
    path("classifiers/<str:id>/", options.ClassifierView.as_view(), name="classifier"),
    path("team-schemas/", options.StudioSchemasView.as_view(), name="team_schemas"),
    path("team-schemas/<str:id>/", options.StudioSchemaView.as_view(), name="team_schema"),
    path("team-classifiers/", classifier_studio.TeamClassifiersView.as_view(), name="team_classifiers"),
    path("team-classifiers/<str:id>/", classifier_studio.MeasuredClassifierView.as_view(), name="team_classifier"),
    path("team-classifiers/<str:id>/test/", classifier_studio.ClassifierTestView.as_view(), name="classifier_test"),
    path("events/", events.EventsView.as_view(), name="events"),
    path("exports/", exporting.ExportsView.as_view(), name="exports"),
    path("exports/<str:id>/", exporting.ExportView.as_view(), name="export"),
    path("exports/<str:id>/file/", exporting.ExportFileView.as_view(), name="export_file"),
    path("documents/", reviewing.DocumentsView.as_view(), name="documents"),
    path("documents/<str:id>/", reviewing.ReviewedDocumentView.as_view(), name="document"),
    path("documents/<str:id>/values/", reviewing.ValuesView.as_view(), name="values"),
    path("documents/<str:id>/review/", reviewing.ReviewView.as_view(), name="review"),
]
