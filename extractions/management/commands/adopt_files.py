"""`manage.py adopt_files`: for administrators whose documents or store marker are lost."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from extractions.forwarding.steps import clone_guard


class Command(BaseCommand):
    help = "Take DATA_DIR as this portal's folder of files, even if it has none of the latest documents."

    def handle(self, **options: object) -> None:
        if not clone_guard.confirm_sole_copy(None, without_documents=True):
            raise CommandError("There is nothing to decide: database and folder of files fit.")
        self.stdout.write("Done. What waited to be sent is looked for at the service first.")
