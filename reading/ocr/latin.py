"""Cut a recogniser's last layer down to the characters of Latin scripts.

The networks know about 19,000 characters, nearly all of them Chinese. Without those a line takes a fifth less time
and no letter is mistaken for an ideograph. Only the weights of the last layer are selected, none is changed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import numpy_helper

logger = logging.getLogger(__name__)

ALSO = frozenset("–—‘’‚“”„†‡•…‰‹›€™→←↑↓↓−×÷≤≥≠≈±°№■□▪●○◆★☆☐☑☒✓✔✗✘½¼¾²³¹")
LAST_LATIN = 0x24F


def kept(characters: Sequence[str]) -> list[int]:
    """The classes to keep of all (the first is the blank of CTC, the last the space)."""
    return [0, *(n for n, character in enumerate(characters, 1) if _is_latin(character)), len(characters) + 1]


def pruned(model: Path, classes: Sequence[int], cache_dir: Path | None) -> Path | bytes:
    """The smaller network: a file in the cache, or its content if there is no cache to write to.

    A file is named for the hash of its content, so that one that a power cut left empty is made anew.
    """
    if cache_dir is None:
        return _prune(model, classes)
    start = f"{model.parent.parent.name}-latin-{len(classes)}-onnx{onnx.__version__}"
    for path in cache_dir.glob(f"{start}-*.onnx"):
        if path.name == _name(start, path.read_bytes()):
            return path
        logger.warning("%s is damaged and is made anew", path)
    content = _prune(model, classes)
    path = cache_dir / _name(start, content)
    try:
        _write(path, content)
    except OSError as error:
        logger.warning("cannot keep the Latin model in %s: %s", cache_dir, error)
        return content
    return path


def _name(start: str, content: bytes) -> str:
    return f"{start}-{hashlib.sha256(content).hexdigest()[:32]}.onnx"


def _prune(model: Path, classes: Sequence[int]) -> bytes:
    network = onnx.load(str(model))
    weights = {tensor.name: tensor for tensor in network.graph.initializer}
    # The end of the graph is MatMul, Add, Identity, Softmax.
    names = [name for node in network.graph.node[-4:] for name in node.input if name in weights]
    for name in names:
        selected = numpy_helper.to_array(weights[name])[..., list(classes)]
        weights[name].CopyFrom(numpy_helper.from_array(selected.copy(), name))
    network.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(classes)
    content: bytes = network.SerializeToString()
    return content


def _write(path: Path, content: bytes) -> None:
    """In one step, for several processes may do it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)  # noqa: PTH105 - a name, not a path


def _is_latin(character: str) -> bool:
    if len(character) != 1:
        return False
    code = ord(character)
    return character in ALSO or (0x20 < code <= LAST_LATIN and unicodedata.category(character)[0] in "LNPSM")
