from django.urls import path

from portal.audit import views

urlpatterns = [
    path("audit/", views.log, name="audit"),
    path("audit/export/", views.export, name="export_audit"),
]
