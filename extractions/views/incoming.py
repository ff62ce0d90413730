"""What comes in by itself: a team's watched folders, configured by its administrators."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions import wakeup
from extractions.forms.incoming import FolderRuleForm, WatchedFolderForm
from extractions.models import Extraction, FolderRule, Mailbox, WatchedFolder
from extractions.presentation.operations.incoming import file_lines, trouble_of
from extractions.presentation.operations.incoming_mail import trouble_of_mailbox
from extractions.services import watched_folders as service
from extractions.views.access import administered_team
from extractions.views.live import AuthenticatedRequest, live, refreshed
from portal.people.models import Membership

MAX_LINES = 50


@login_required
@require_safe
def incoming(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = administered_team(request.user, pk)
    folders = WatchedFolder.objects.filter(team=team).select_related("person", "schema")
    context = {
        "team": team,
        "folders": [(folder, trouble_of(folder)) for folder in folders],
        "mailboxes": [(mailbox, trouble_of_mailbox(mailbox)) for mailbox in Mailbox.objects.filter(team=team)],
        "roots": service.allowed_roots(),
    }
    return render(request, "extractions/incoming.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_watched_folder(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    folder = WatchedFolder(team=administered_team(request.user, pk))
    form = WatchedFolderForm(request.POST or None, source=folder, person=request.user)
    if request.method == "POST" and form.is_valid():
        form.fill(folder)
        service.save(folder)
        messages.success(request, _("The folder is watched from now on."))
        return redirect("extractions:watched_folder", folder.pk)
    context = {"team": folder.team, "form": form, "roots": service.allowed_roots()}
    return render(request, "extractions/new_watched_folder.html", context, status=422 if form.errors else 200)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def watched_folder(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    folder = _folder(request, pk)
    form = WatchedFolderForm(request.POST or None, source=folder, person=request.user)
    if request.method == "POST" and form.is_valid():
        form.fill(folder)
        service.save(folder)
        messages.success(request, _("Saved. It applies to whatever comes in from now on."))
        return redirect("extractions:watched_folder", folder.pk)
    return _page(request, folder, form=form, rule_form=FolderRuleForm(folder=folder))


@login_required
@require_POST
def pause_watched_folder(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    folder = _folder(request, pk)
    paused = request.POST.get("paused") == "yes"
    if folder.set_paused(paused):
        messages.success(request, _("Paused. Files stay where they are.") if paused else _("The folder is watched."))
    return redirect("extractions:watched_folder", folder.pk)


@login_required
@require_POST
def run_watched_folder(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    folder = _folder(request, pk)
    if folder.run_now():
        wakeup.notify_workers()
    return redirect("extractions:watched_folder", folder.pk)


@login_required
@require_POST
def remove_watched_folder(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    folder = _folder(request, pk)
    service.remove(folder)
    messages.success(request, _("The folder is no longer watched. Its files stay where they are."))
    return redirect("extractions:incoming", folder.team_id)


@login_required
@require_POST
def add_folder_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    folder = _folder(request, pk)
    form = FolderRuleForm(request.POST, folder=folder)
    if not form.is_valid():
        return _page(request, folder, form=WatchedFolderForm(None, source=folder, person=request.user), rule_form=form)
    service.add_rule(form.rule())
    return redirect("extractions:watched_folder", folder.pk)


@login_required
@require_POST
def remove_folder_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(FolderRule.objects.select_related("folder"), pk=pk)
    folder = _folder(request, rule.folder_id)
    service.remove_rule(rule)
    return redirect("extractions:watched_folder", folder.pk)


def _folder(request: AuthenticatedRequest, pk: int) -> WatchedFolder:
    folder = get_object_or_404(WatchedFolder.objects.select_related("team", "person"), pk=pk)
    administered_team(request.user, folder.team_id)
    return folder


def _page(
    request: AuthenticatedRequest, folder: WatchedFolder, *, form: WatchedFolderForm, rule_form: FolderRuleForm
) -> HttpResponse:
    is_member = Membership.objects.filter(person=request.user, team=folder.team).exists()
    rows = list(folder.files.all()[:MAX_LINES]) if is_member else []
    numbers = [row.extraction_id for row in rows if row.extraction_id]
    visible = Extraction.objects.visible_to(request.user).for_lists().in_bulk(numbers)
    context: dict[str, object] = {
        "folder": folder,
        "team": folder.team,
        "trouble": trouble_of(folder),
        "lines": file_lines(rows, visible),
        "is_member": is_member,
        "form": form,
        "rule_form": rule_form,
        "rules": folder.rules.select_related("schema", "classifier"),
        "roots": service.allowed_roots(),
    }
    if form.errors or rule_form.errors:
        return render(request, "extractions/watched_folder.html", context, status=422)
    facts = [
        (folder.paused, folder.error_code, folder.error_detail, folder.waiting, folder.ran_at, folder.lease_until),
        [(row.pk, row.moved_at, row.extraction_id in visible) for row in rows],
    ]
    return refreshed(
        request, "extractions/watched_folder.html", "extractions/_watched_folder_now.html", context, facts=facts
    )
