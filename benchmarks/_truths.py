"""Documents with their truth, and the reference scorer that says when a value is right. Neither is part of the project.

A folder of documents has the corpora as folders below it. `truth/NAME.json` names the file, the schema and the expected
values; in a folder without `truth`, they stand beside the file (`FILE.truth.json`), with the name of a sample schema.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
SAMPLES = PROJECT / "engine" / "samples" / "schemas.json"
FAMILY_KEYS = ("layout_family", "form", "group")
"""What a truth calls the design that several documents share."""
BESIDE = ".truth.json"

Truth = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document with its truth; `family` is the template, form or shop that it has in common with others."""

    corpus: str
    path: Path
    truth: Truth
    family: str

    @property
    def name(self) -> str:
        return self.path.stem


def shared_data() -> Path:
    return Path(os.environ.get("SHARED_DATA") or PROJECT / "../shared/data").resolve()


def scorer_of(data: Path) -> ModuleType:
    """The reference scorer stays where it is; it is not ours to copy."""
    path = data / "score.py"
    spec = importlib.util.spec_from_file_location("reference_scorer", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documents_of(corpus: Path) -> Iterator[Labelled]:
    """The documents of one corpus by name; nothing if it is not there."""
    if (corpus / "truth").is_dir():
        for path in sorted((corpus / "truth").glob("*.json")):
            truth = json.loads(path.read_text(encoding="utf-8"))
            yield Labelled(corpus.name, corpus / truth["file"], truth, _family(corpus, truth))
        return
    schemas = {schema["name"]: schema["schema"] for schema in json.loads(SAMPLES.read_text(encoding="utf-8"))}
    for path in sorted(corpus.glob(f"*{BESIDE}")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        name = path.name.removesuffix(BESIDE)
        schema = schemas[truth["schema"]]
        truth |= {"id": f"{corpus.name}/{name}", "schema": schema, "compare": dict(kinds_of(schema))}
        yield Labelled(corpus.name, corpus / name, truth, name.split(".")[0])


def kinds_of(schema: Truth, path: str = "") -> Iterator[tuple[str, str]]:
    """How the scorer is to compare the values of a schema, by path, where the truth does not say it."""
    for name, node in schema.get("properties", {}).items():
        own = f"{path}{name}"
        match node.get("type"):
            case "object":
                yield from kinds_of(node, f"{own}.")
            case "array":
                yield from kinds_of(node.get("items", {}), f"{own}[].")
            case "number" | "integer":
                yield own, "number"
            case "boolean":
                yield own, "boolean"
            case _:
                yield own, "date" if node.get("format") == "date" else "text"


def _family(corpus: Path, truth: Truth) -> str:
    """A scan is of the family of the file that it was made of; where nothing is told, a corpus is one family."""
    if "derived_from" in truth:
        return _family(corpus, origin_of(corpus.parent, truth))
    return next((str(truth[key]) for key in FAMILY_KEYS if truth.get(key)), str(truth.get("class", corpus.name)))


def origin_of(data: Path, truth: Truth) -> Truth:
    """The truth of the file that a scan was made of."""
    corpus, name = truth["derived_from"].split("/")
    origin: Truth = json.loads((data / corpus / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    return origin
