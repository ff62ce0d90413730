"""People and teams in the admin, with the same operations, rules and audit entries as the pages.

Staff who are not superusers may view accounts and correct names. Anyone who could set another person's password,
address, permissions or role could take over any account.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import allauth.account.admin  # registers what is unregistered below
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401 - as above
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from portal.audit.recording import Action, record
from portal.model_admin import BaseModelAdmin
from portal.people import accounts, membership
from portal.people.models import Membership, Team, User

M = TypeVar("M", bound=Model)
REFUSALS = {
    membership.LastAdministrator: _("A team keeps at least one administrator. Make somebody else one first."),
    membership.LastSiteAdministrator: _("The portal keeps at least one administrator. Make somebody else one first."),
}
REFUSED_ERRORS = tuple(REFUSALS)

# They hold credentials: editing them here would bypass the password and the audit log.
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)
admin.site.unregister([SocialAccount, SocialApp, SocialToken])
admin.site.unregister(Group)


class DomainModelAdmin(BaseModelAdmin[M]):
    """Saves and deletes through the domain operations. If one refuses, the whole form is rolled back with a message."""

    actions: tuple[str, ...] = ("delete_selected",)

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().changeform_view(request, *args, **options)
        except REFUSED_ERRORS as error:
            return self._refused(request, error)
        return response

    def delete_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().delete_view(request, *args, **options)
        except REFUSED_ERRORS as error:
            return self._refused(request, error)
        return response

    @admin.action(description=_("Delete"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, rows: QuerySet[M]) -> HttpResponse | None:
        try:
            with transaction.atomic():
                response: HttpResponse | None = actions.delete_selected(self, request, rows)
        except REFUSED_ERRORS as error:
            return self._refused(request, error)
        return response

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def _refused(self, request: HttpRequest, error: Exception) -> HttpResponse:
        self.message_user(request, REFUSALS[type(error)], messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save memberships, additions and promotions first, so that one form can replace an administrator."""
        formset.save(commit=False)
        for row in formset.new_objects:
            membership.add(row.person, row.team, row.role)
        changed = [(Membership.objects.get(pk=row.pk), row.role) for row, _fields in formset.changed_objects]
        for before, role in sorted(changed, key=lambda pair: Membership(role=pair[1]).rank, reverse=True):
            membership.change_role(before, role)
        for row in formset.deleted_objects:
            membership.remove(row)


class MembershipInline(admin.TabularInline[Membership, Any]):
    """One person in one team; only the role can be changed."""

    model = Membership
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        return super().get_formset(request, obj, form=MembershipForm, **options)

    def _has_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """As on the team page: administrators of the team and of the site."""
        if isinstance(obj, Team) and isinstance(request.user, User):
            return membership.administers(request.user, obj)
        return bool(getattr(request.user, "is_superuser", False))

    has_add_permission = has_change_permission = has_delete_permission = _has_permission


class MembershipForm(forms.ModelForm[Membership]):
    class Meta:
        model = Membership
        fields = ("person", "team", "role")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("person", "team"):
            if self.instance.pk and name in self.fields:
                self.fields[name].disabled = True


class PersonMembershipInline(MembershipInline):
    pass


class TeamMembershipInline(MembershipInline):
    autocomplete_fields = ("person",)


@admin.register(User)
class PersonAdmin(DomainModelAdmin[User], UserAdmin[User]):
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    search_fields = ("email", "name")
    inlines = (PersonMembershipInline,)
    actions: tuple[str, ...] = ("delete_selected", "remove_second_factors")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined", "traces")
    add_fieldsets: ClassVar = (  # type: ignore[misc]
        (None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    @admin.display(description=_("what is kept"))
    def traces(self, person: User) -> SafeString:
        words = _("Everything that is kept of this person, and its erasure")
        return format_html('<a href="{}">{}</a>', reverse("person_traces", args=[person.pk]), words)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (_administers_the_site(request) or obj is None or not obj.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _administers_the_site(request) and obj != request.user

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if obj is None or _administers_the_site(request):
            return self.readonly_fields
        protected = ("email", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")
        return (*self.readonly_fields, *protected)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        if _administers_the_site(request):
            return [*super().get_fieldsets(request, obj), (_("Traces"), {"fields": ("traces",)})]
        return [(None, {"fields": ("email", "name")}), *self.fieldsets[1:]]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @method_decorator(sensitive_post_parameters())
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Another person's password; one's own is changed on its page, which asks for the old one."""
        if not _administers_the_site(request):
            raise PermissionDenied
        with transaction.atomic():
            before = User.objects.filter(pk=id).values_list("password", flat=True).first() if id.isdecimal() else None
            response: HttpResponse = super().user_change_password(request, id, form_url)
            person = User.objects.filter(pk=id).first() if before is not None else None
            if person is not None and person.password != before:
                record(Action.PASSWORD_CHANGED, person)
        return response

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.lower()  # sign-in looks up addresses in lower case
        if not change:
            super().save_model(request, obj, form, change)
            return
        before = User.objects.get(pk=obj.pk)
        form.account_before = accounts.snapshot(before)
        active, obj.is_active = obj.is_active, before.is_active
        super().save_model(request, obj, form, change)
        if active != before.is_active:
            membership.set_active(obj, active)
            obj.is_active = active

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            accounts.record_change(form.instance, form.account_before)
        else:
            accounts.record_creation(form.instance)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        accounts.delete(obj)

    def has_administer_permission(self, request: HttpRequest) -> bool:
        return _administers_the_site(request)

    @admin.action(
        description=_("Remove the second factors, for somebody who has lost them"), permissions=["administer"]
    )
    def remove_second_factors(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        done = [person for person in rows if accounts.remove_second_factors(person)]
        names = ", ".join(str(person) for person in done) or "—"
        self.message_user(request, _("Second factors removed: %(names)s") % {"names": names}, messages.SUCCESS)


@admin.register(Team)
class TeamAdmin(DomainModelAdmin[Team]):
    list_display = ("name", "created_at")
    search_fields = ("name",)
    inlines = (TeamMembershipInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _administers_the_site(request)

    def has_change_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (
            obj is None or not isinstance(request.user, User) or membership.administers(request.user, obj)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> list[str]:
        """Names by which groups govern teams are for those who administer the portal."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, *(["name"] if settings.OIDC_GROUPS and not _administers_the_site(request) else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        return _administers_the_site(request)

    def save_model(self, request: HttpRequest, obj: Team, form: object, change: bool) -> None:
        if change and isinstance(request.user, User):
            membership.rename(Team.objects.get(pk=obj.pk), obj.name, by=request.user)
        elif isinstance(request.user, User):
            obj.pk = membership.make_team(obj.name, by=request.user).pk
            obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        membership.delete_team(obj)


@admin.register(Group)
class PermissionGroupAdmin(GroupAdmin):
    """Superusers only: whoever edits groups can grant themselves any permission."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _administers_the_site(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _administers_the_site(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _administers_the_site(request)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        _record_group(form.instance)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        record(Action.SETTING, obj, before={"name": obj.name})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        for group in queryset:
            self.delete_model(request, group)


def _record_group(group: Group) -> None:
    permissions = sorted(group.permissions.values_list("codename", flat=True))
    record(Action.SETTING, group, after={"name": group.name, "permissions": permissions})


def _administers_the_site(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))
