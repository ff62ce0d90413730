"""Find and check the neural networks.

They come inside the portal's wheel or, in a checkout, inside two packages which serve as boxes of models: their code is
never imported, and nothing is downloaded.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path

from reading.errors import ModelMissing
from reading.network_files import BOXES

INSIDE = Path(__file__).parent / "networks_inside"


@functools.cache
def model_path(package: str, name: str) -> Path:
    path = _folder(package) / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"{package} has no file {name}") from error
    if hashlib.sha256(content).hexdigest() != BOXES[package][name]:
        raise ModelMissing(f"{name} of {package} is not the known version")
    return path


def _folder(package: str) -> Path:
    if (inside := INSIDE / package).is_dir():
        return inside
    spec = importlib.util.find_spec(package)  # finds the folder of a package without running its code
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0])
