from django.urls import path

from extractions.views import actions, dashboard, files, hooks, lists, options, results, uploads

app_name = "extractions"

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("extractions/", lists.list_, name="list"),
    path("extractions/new/", uploads.upload, name="upload"),
    path("extractions/new/sample/<slug:slug>/", uploads.sample, name="sample"),
    path("extractions/<uuid:key>/", results.detail, name="detail"),
    path("extractions/<uuid:key>/progress/", results.progress, name="progress"),
    path("extractions/<uuid:key>/raw/", files.raw, name="raw"),
    path("extractions/<uuid:key>/document/", files.document, name="document"),
    path("extractions/<uuid:key>/pages/<int:number>/", files.page, name="page"),
    path("extractions/<uuid:key>/pictures/<int:position>/", files.picture, name="picture"),
    path("extractions/<uuid:key>/cancel/", actions.cancel, name="cancel"),
    path("extractions/<uuid:key>/delete/", actions.delete, name="delete"),
    path("extractions/<uuid:key>/try-again/", actions.try_again, name="try_again"),
    path("extractions/<uuid:key>/again/", actions.again, name="again"),
    path("extractions/<uuid:key>/decide/", actions.decide, name="decide"),
    path("schemas/", options.schemas, name="schemas"),
    path("schemas/refresh/", options.refresh, name="refresh_schemas"),
    path("classifiers/", options.classifiers, name="classifiers"),
    path("classifiers/<int:pk>/", options.classifier, name="classifier"),
    path("classifiers/<int:pk>/remove/", options.remove_classifier, name="remove_classifier"),
    path("hooks/<str:secret>/", hooks.hook, name="hook"),
]
    path("connection/go-on/", connection.go_on, name="go_on"),
