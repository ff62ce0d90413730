from django.db import migrations
from django.utils import timezone


def weigh_again(apps, schema_editor):
    """Have the worker ground the values of all documents that are open to review, which gives them a confidence."""
    Extraction = apps.get_model('extractions', 'Extraction')
    open_documents = Extraction.objects.filter(
        state='EXTRACTED', review_state__in=('waiting', 'postponed'), deleted_at__isnull=True,
        delete_requested_at__isnull=True,
    )
    open_documents.update(evidence_due_at=timezone.now())


def forget(apps, schema_editor):
    """Without a confidence, what stands on the page counts as confirmed, as it did before."""
    apps.get_model('extractions', 'Value').objects.filter(standing='on_page').update(standing='by_evidence')
    weigh_again(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('extractions', '0012_confidence'),
    ]

    operations = [
        migrations.RunPython(weigh_again, forget),
    ]
