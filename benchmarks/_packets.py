"""Stacks of pages made of documents one after the other, as a scanner or a mail room makes them, with their truth."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reading.boundaries.facts import PageFacts, facts_of

FEWEST, MOST = 5, 20
LONG_SHARE = 0.45
"""Of the documents that are drawn, as many have several pages, if there are any."""
ALIKE_SHARE = 0.4
"""As many follow another one of the same family: invoices of one supplier in a row."""
BLANK_SHARE, SEPARATED_SHARE, BACK_SHARE = 0.06, 0.06, 0.05
BLANK = facts_of([], (595.0, 842.0), recognised=True)
SHEET = facts_of([(0.3, 0.4, 0.7, 0.45, "Trennblatt")], (595.0, 842.0), recognised=True)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the stack: what its pages show, and the template or supplier that it has in common with others."""

    name: str
    family: str
    pages: tuple[PageFacts, ...]
    group: str = ""
    """Versions of one document, of which a stack holds one."""


@dataclass
class Packet:
    pages: list[PageFacts] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)
    """Pages (from 1) with which a document begins, without the first."""
    alike: set[int] = field(default_factory=set)
    """Those of them that follow a document of the same family."""
    names: list[str] = field(default_factory=list)


def packets_of(papers: Sequence[Paper], count: int, seed: int) -> Iterator[Packet]:
    chance = random.Random(seed)
    for _ in range(count):
        yield _packet(papers, chance)


def _packet(papers: Sequence[Paper], chance: random.Random) -> Packet:
    by_family = defaultdict(list)
    for paper in papers:
        by_family[paper.family].append(paper)
    packet, used, last = Packet(), set(), None
    wanted = chance.randint(FEWEST, MOST)
    while len(packet.pages) < wanted and len(used) < len(papers):
        alike = by_family[last.family] if last and chance.random() < ALIKE_SHARE else papers
        free = [paper for paper in alike if (paper.group or paper.name) not in used]
        free = free or [paper for paper in papers if (paper.group or paper.name) not in used]
        if not free:
            break
        long = [paper for paper in free if len(paper.pages) > 1]
        paper = chance.choice(long if long and chance.random() < LONG_SHARE else free)
        _append(packet, paper, last, chance)
        used.add(paper.group or paper.name)
        last = paper
    return packet


def _append(packet: Packet, paper: Paper, last: Paper | None, chance: random.Random) -> None:
    if last:
        between = chance.random()
        if between < BLANK_SHARE:
            packet.pages.append(BLANK)
        elif between < BLANK_SHARE + SEPARATED_SHARE:
            packet.pages.append(SHEET)
        packet.starts.add(len(packet.pages) + 1)
        if last.family == paper.family:
            packet.alike.add(len(packet.pages) + 1)
    packet.names.append(paper.name)
    for number, page in enumerate(paper.pages):
        if number and chance.random() < BACK_SHARE:
            packet.pages.append(BLANK)
        packet.pages.append(page)
