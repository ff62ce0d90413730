"""What an installation is made of, as CycloneDX 1.6: its Python packages, and the neural networks that they carry."""

from __future__ import annotations

import re
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from reading.network_files import BOXES

OURS = "extraction-portal"
NOT_SHIPPED = {"test", "train"}
ALONE = (*BOXES, "openvino")
"""Installed without what they require."""
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[(?P<extras>[^\]]*)\])?")
OF_AN_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
CLASSIFIER, UNCLASSIFIED = "License :: ", "Other/Proprietary License"
LONGEST_NAME = 80
"""Some packages put the whole text where the name of their licence belongs."""


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    licence: str
    """As the package itself declares it; empty if it does not."""

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def packages() -> list[Package]:
    """Those that are installed and that the portal needs, by itself or for one of its extras; the portal first."""
    found: dict[str, Package] = {}
    ours = distribution(OURS)
    extras = set(ours.metadata.get_all("Provides-Extra") or ()) - NOT_SHIPPED
    waiting = deque([(OURS, frozenset(extras)), *((_normal(name), frozenset[str]()) for name in ALONE)])
    seen = set(waiting)
    while waiting:
        name, wanted = waiting.popleft()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another system, or an extra that nobody installed
        found.setdefault(name, Package(name, package.version, licence_of(package)))
        if name in map(_normal, ALONE):
            continue
        for needed in _requirements(package, wanted):
            if needed not in seen:
                seen.add(needed)
                waiting.append(needed)
    return [found.pop(OURS), *(found[name] for name in sorted(found))]


def cyclonedx() -> dict[str, object]:
    ours, *others = packages()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": _component(ours, "application"),
        },
        "components": [*(_component(package, "library") for package in others), *_networks()],
    }


def licence_of(package: Distribution) -> str:
    metadata = package.metadata
    if expressions := metadata.get_all("License-Expression"):
        return str(expressions[0])
    classified = [
        line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or () if line.startswith(CLASSIFIER)
    ]
    if classified and UNCLASSIFIED not in classified:
        return " OR ".join(classified)
    written = str((metadata.get_all("License") or [""])[0]).strip()
    return written.splitlines()[0][:LONGEST_NAME] if written else " OR ".join(classified)


def _requirements(package: Distribution, wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Markers but those of extras are not evaluated: what does not fit this system is not installed."""
    for line in package.requires or ():
        requirement, _semicolon, marker = line.partition(";")
        extra = OF_AN_EXTRA.search(marker)
        found = REQUIREMENT.match(requirement.strip())
        if found and (extra is None or _normal(extra[1]) in wanted):
            extras = (found["extras"] or "").split(",")
            yield _normal(found["name"]), frozenset(_normal(name.strip()) for name in extras if name.strip())


def _component(package: Package, kind: str) -> dict[str, object]:
    component: dict[str, object] = {
        "type": kind,
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
    }
    if package.licence:
        component["licenses"] = [{"license": {"name": package.licence}}]
    return component


def _networks() -> Iterator[dict[str, object]]:
    for package, files in BOXES.items():
        for name, digest in files.items():
            if name.endswith(".onnx"):
                yield {
                    "type": "machine-learning-model",
                    "bom-ref": f"{package}/{name}",
                    "name": f"{package}/{name}",
                    "hashes": [{"alg": "SHA-256", "content": digest}],
                }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
