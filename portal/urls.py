"""The root URL configuration."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from portal.manifest import manifest

# The admin's own login form has neither second factors nor rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "portal.errors.bad_request"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"

urlpatterns = [
    path("", include("extractions.urls")),
    path("", include("portal.people.urls")),
    path("", include("portal.audit.urls")),
    path("app.webmanifest", manifest, name="manifest"),
    # Not `allauth.urls`, which has doors for any provider: ours is in portal/people/views/company.py.
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("language/", include("django.conf.urls.i18n")),
    # The admin's own password page writes no audit entry.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
]
