"""What the sheets agree on: spacing from one scale, few breakpoints, short sheets, each linked by some page."""

import re

import pytest

from tests.running import ROOT

STATIC = ROOT / "static"
SHEETS = sorted(path for path in STATIC.rglob("*.css") if "vendor" not in path.parts)
TOKENS = (STATIC / "tokens.css").read_text()
SCALE = set(re.findall(r"--space-(\d+):", TOKENS))
SPACING = re.compile(r"(?m)^\s*((?:margin|padding|gap|row-gap|column-gap)[a-z-]*):([^;]+);")
LONGEST = 400


def literals_on_the_scale(sheet: str) -> list[str]:
    """Declarations that write out a length for which there is a token."""
    return [
        f"{name}:{value}"
        for name, value in SPACING.findall(sheet)
        if SCALE & set(re.findall(r"(?<![\w.])(\d+)px", value))
    ]


def breakpoints(sheet: str) -> set[str]:
    queries = re.findall(r"@media[^{]*", sheet)
    return {width for query in queries for width in re.findall(r"width: *([^)]+)\)", query)}


def documented_breakpoints() -> set[str]:
    """Those in the head of tokens.css, each line beginning with one, and what it begins from is one pixel more."""
    widths = set(re.findall(r"(?m)^ +(\d+)px ", TOKENS.split("@font-face")[0]))
    return {f"{width}px" for width in widths} | {f"{int(width) + 1}px" for width in widths}


def test_spacing_and_breakpoints_are_recognised():
    assert literals_on_the_scale("a {\n  margin: 0 8px;\n}") == ["margin: 0 8px"]
    assert literals_on_the_scale("a {\n  gap: var(--space-8) 9px;\n  width: 8px;\n}") == []
    assert breakpoints("@media (min-width: 900px) and (max-width: 1199px) {") == {"900px", "1199px"}
    assert len(documented_breakpoints()) == 10


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: str(path.relative_to(STATIC)))
def test_a_sheet_is_short_and_uses_the_scale_and_the_breakpoints(path):
    sheet = path.read_text()

    assert len(sheet.splitlines()) <= LONGEST
    assert literals_on_the_scale(sheet) == []
    assert breakpoints(sheet) <= documented_breakpoints()


def test_every_sheet_is_linked_and_every_link_leads_to_one():
    templates = (path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    linked = {name for template in templates for name in re.findall(r"static '([^']+\.css)'", template)}

    assert linked == {str(path.relative_to(STATIC)) for path in SHEETS}


def test_tokens_that_are_used_are_defined():
    """Those of tokens.css; a component may have properties of its own, which it sets itself."""
    everything = "\n".join(path.read_text() for path in SHEETS)
    scripts = "\n".join(path.read_text() for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
    templates = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    used = set(re.findall(r"var\((--[\w-]+)\)", everything))

    defined = set(re.findall(r"(--[\w-]+):", everything + templates)) | set(re.findall(r'"(--[\w-]+)"', scripts))
    assert used - defined == set()
