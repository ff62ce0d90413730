from django.db import migrations, models

RENAMED = {
    'extraction': {
        'trouble': 'error_code',
        'trouble_detail': 'error_detail',
        'looks': 'search_misses',
        'later_since': 'retrying_since',
    },
    'trialdocument': {'trouble': 'error_code', 'trouble_detail': 'error_detail', 'looks': 'search_misses'},
    'trial': {'trouble': 'error_code', 'trouble_detail': 'error_detail'},
    'schemapublication': {'trouble': 'error_code', 'trouble_detail': 'error_detail'},
    'studioclassifier': {'trouble': 'error_code', 'trouble_detail': 'error_detail'},
    'watchedfolder': {'trouble': 'error_code', 'trouble_detail': 'error_detail'},
    'mailbox': {'trouble': 'error_code', 'trouble_detail': 'error_detail'},
    'contentimage': {'trouble': 'error_code'},
    'workerprocess': {'trouble': 'error_code'},
    'backup': {'trouble': 'error'},
}
OF_FORTY = ('extraction', 'trialdocument', 'trial', 'schemapublication', 'studioclassifier', 'watchedfolder', 'mailbox')


class Migration(migrations.Migration):
    dependencies = [("extractions", "0034_guest_links")]

    operations = [
        *(
            migrations.RenameField(model, old, new)
            for model, columns in RENAMED.items()
            for old, new in columns.items()
        ),
        *(
            migrations.AlterField(
                model, 'error_code', models.CharField(blank=True, max_length=40, verbose_name='error code')
            )
            for model in OF_FORTY
        ),
    ]
