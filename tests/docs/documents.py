"""The project's documents: their code, their links, their headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.running import ROOT

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^ {4,}\S.*$", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def spans(self) -> list[str]:
        """The inline code."""
        return SPAN.findall(FENCED.sub("", self.text))

    @cached_property
    def code(self) -> list[str]:
        """Everything set as code: spans, and the lines of blocks."""
        fenced = [line for block in FENCED.findall(self.text) for line in block.splitlines()[1:-1]]
        return [*self.spans, *fenced, *(line.strip() for line in INDENTED.findall(self.text))]

    @cached_property
    def links(self) -> list[str]:
        """Those that lead to a place within the project."""
        without_code = SPAN.sub("", FENCED.sub("", self.text))
        return [link for link in LINK.findall(without_code) if not re.match(r"[a-z]+:", link)]

    @cached_property
    def anchors(self) -> set[str]:
        return {anchor(heading) for heading in HEADING.findall(FENCED.sub("", self.text))}


def anchor(heading: str) -> str:
    """As hosts of source code make them out of headings."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def all_documents() -> list[Document]:
    return [Document(path) for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])]


def document(name: str) -> Document:
    return Document(ROOT / name)


def mentions(pattern: str) -> list[tuple[str, str]]:
    """What the first group of a pattern finds in the code of each document, with the document's name."""
    return sorted(
        {(each.name, found) for each in all_documents() for line in each.code for found in re.findall(pattern, line)}
    )
