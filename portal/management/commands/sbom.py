"""`manage.py sbom`: what this installation is made of, and under which licences."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal import bill_of_materials


class Command(BaseCommand):
    help = "Print the bill of materials of this installation (CycloneDX 1.6, JSON), or its licences."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--licences", action="store_true", help="a line for each package: name, version, licence")

    def handle(self, **options: Any) -> None:
        if options["licences"]:
            for package in bill_of_materials.packages():
                self.stdout.write(f"{package.name} {package.version}: {package.licence or 'not declared'}")
        else:
            self.stdout.write(json.dumps(bill_of_materials.cyclonedx(), indent=2))
