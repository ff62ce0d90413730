"""The table of contents."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("extractions.urls")),
    path("", include("portal.people.urls")),
    path("", include("portal.audit.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
