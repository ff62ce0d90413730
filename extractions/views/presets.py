"""Presets: named options, of a person or of a team."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.forms.upload import OptionsForm, PresetForm, PresetNameForm
from extractions.models import Connection, Preset
from extractions.presentation.upload.suggestions import presets_for
from extractions.views.live import AuthenticatedRequest
from extractions.views.uploads import connection_of
from portal.parameters import row_key


@login_required
@require_safe
def presets(request: AuthenticatedRequest) -> HttpResponse:
    changeable = set(Preset.objects.changeable_by(request.user).values_list("pk", flat=True))
    rows = [
        (
            offer.preset,
            PresetNameForm(instance=offer.preset, prefix=str(offer.preset.pk)),
            offer.preset.pk in changeable,
        )
        for offer in presets_for(request.user, *Connection.used_by(request.user))
    ]
    return render(request, "extractions/presets.html", {"rows": rows})


@login_required
@require_POST
def keep_preset(request: AuthenticatedRequest) -> HttpResponse:
    """Save the options of the upload page as a preset, overwriting one of the same name."""
    connection = connection_of(request)
    form = OptionsForm(request.POST, person=request.user, connection=connection)
    named = PresetForm(request.POST)
    batch = row_key(request.POST.get("batch", ""))
    query: dict[str, object] = {"sent": batch} if batch else {}
    if not form.is_valid() or not named.is_valid():
        sentences = [*form.sentences(), *(str(error) for errors in named.errors.values() for error in errors)]
        messages.error(request, _("The preset was not saved: %(why)s") % {"why": " ".join(sentences)})
        return redirect(reverse("extractions:upload", query=query))
    chosen = form.cleaned_data
    names = ("schema", "classifier", "server", "pdf_page_start", "pdf_page_end", "metadata")
    team = chosen["team"] if named.cleaned_data["for_team"] else None
    whose = {"team": team} if team else {"team": None, "owner": request.user}
    preset, _made = Preset.objects.update_or_create(
        **whose,
        connection=connection,
        name=named.cleaned_data["preset_name"],
        defaults={name: chosen[name] for name in names},
        create_defaults={name: chosen[name] for name in names} | {"owner": request.user},
    )
    messages.success(request, _("The preset “%(name)s” is saved.") % {"name": preset})
    return redirect(reverse("extractions:upload", query=query | {"preset": preset.pk}))


@login_required
@require_POST
def rename_preset(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    preset = get_object_or_404(Preset.objects.changeable_by(request.user), pk=pk)
    form = PresetNameForm(request.POST, instance=preset, prefix=str(pk))
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("extractions:presets")
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        messages.error(request, _("There is already a preset of this name. Choose another one."))
    else:
        messages.success(request, _("The preset is called “%(name)s” now.") % {"name": preset})
    return redirect("extractions:presets")


@login_required
@require_POST
def remove_preset(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    preset = get_object_or_404(Preset.objects.changeable_by(request.user), pk=pk)
    preset.delete()
    messages.success(request, _("The preset “%(name)s” is deleted.") % {"name": preset})
    return redirect("extractions:presets")
