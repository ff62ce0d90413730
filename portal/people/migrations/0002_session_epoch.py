from django.db import migrations, models
from django.utils import timezone


def withdraw_unbacked(apps, schema_editor):
    """Open invitations whose maker may not invite any more."""
    Invitation = apps.get_model("people", "Invitation")
    Membership = apps.get_model("people", "Membership")
    opened = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("invited_by")
    for invitation in opened.iterator():
        maker = invitation.invited_by
        administered = Membership.objects.filter(person=maker, team=invitation.team_id, role="administrator")
        if maker is None or not maker.is_active or not (maker.is_superuser or administered.exists()):
            Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="sign-outs everywhere"),
        ),
        migrations.RunPython(withdraw_unbacked, migrations.RunPython.noop),
    ]
