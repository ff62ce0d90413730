"""Where the installation is: a checkout, or a package of the interpreter's."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
PACKAGES_DIR = PACKAGE.parent
"""What has to be on the path of a process that imports `portal`, `extractions` or `engine`."""
IS_CHECKOUT = (PACKAGES_DIR / "manage.py").exists()
ASSETS = PACKAGES_DIR if IS_CHECKOUT else PACKAGE / "assets"
"""Templates, static files and translations; setup.py puts them into the wheel."""
BASE_DIR = PACKAGES_DIR if IS_CHECKOUT else Path.cwd()
"""Where `.env` is looked for, and where the data are unless DATA_DIR says otherwise."""
