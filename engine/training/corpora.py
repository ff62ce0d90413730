"""Documents with known values to learn from: folders in the form of the shared corpora, and pages drawn by ourselves.

A corpus is a folder with `truth/*.json` (file, schema, expected values, how to compare them) and the files themselves.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

CORPORA = (
    "layouts", "einvoices", "einvoices_scan", "einvoices_odd", "invoices_real", "receipts_sroie", "receipts_sroie2",
    "forms_funsd", "forms_funsd2", "forms_irs", "documents_misc",
)  # fmt: skip
_GROUPS = 5
"""Into so many families a corpus falls that does not name its own."""
_SOLITARY = ("forms_funsd", "forms_funsd2")
_TOGETHER = ("einvoices_odd", "invoices_real")


@dataclass(frozen=True, slots=True)
class Sample:
    """One document: its file, what is asked, what is right, and the family that it is left out with."""

    corpus: str
    family: str
    file: Path
    truth: dict[str, Any]
    is_drawn: bool = False
    """Whether this project drew it: no document that anybody sent."""

    @property
    def name(self) -> str:
        return f"{self.corpus}/{self.file.name}"


def samples(
    data: Path, corpora: Sequence[str], extra: Iterable[Path] = (), drawn: Iterable[Path] = ()
) -> Iterator[Sample]:
    """Those of the shared corpora, then those of further folders, then those that were drawn."""
    folders = [data / corpus for corpus in corpora if (data / corpus / "truth").is_dir()]
    drawn = tuple(drawn)
    for folder in (*folders, *extra, *drawn):
        for path in sorted((folder / "truth").glob("*.json")):
            truth = json.loads(path.read_text(encoding="utf-8"))
            yield Sample(folder.name, _family(folder, truth), folder / truth["file"], truth, folder in drawn)


def _family(folder: Path, truth: dict[str, Any]) -> str:
    """A scan belongs to the family of the file that it was made from."""
    corpus = folder.name
    derived = str(truth.get("derived_from") or "")
    own = truth.get("layout_family") or truth.get("family")
    if derived and not own:
        original = folder.parent / derived.split("/")[0] / "truth" / f"{derived.split('/')[-1]}.json"
        if original.is_file():
            return _family(original.parent.parent, json.loads(original.read_text(encoding="utf-8")))
    if corpus in _TOGETHER:
        return corpus
    if corpus in _SOLITARY:
        return f"{corpus} {int(hashlib.sha256(truth['id'].encode()).hexdigest(), 16) % _GROUPS}"
    name = own or truth.get("form") or truth.get("group") or truth.get("class") or corpus
    return str(name)


def folds_of(all_samples: Sequence[Sample], count: int) -> list[int]:
    """The fold of each sample: whole families, large ones first, each into the fold that has fewest documents."""
    sizes = Counter(sample.family for sample in all_samples)
    filled = [0] * count
    fold: dict[str, int] = {}
    for family, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold[family] = filled.index(min(filled))
        filled[fold[family]] += size
    return [fold[sample.family] for sample in all_samples]


def load_scorer(data: Path) -> ModuleType:
    """The reference scorer stays where it is; it is not ours to copy."""
    spec = importlib.util.spec_from_file_location("reference_scorer", data / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(data / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
