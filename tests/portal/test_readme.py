"""The README tells the truth about what can be set."""

import re

import pytest

from tests.running import ROOT

README = (ROOT / "README.md").read_text()


def settings_of(module):
    source = (ROOT / module).read_text()
    return set(re.findall(r'env\.\w+\(\s*"(\w+)"', source))


@pytest.mark.parametrize("module", ["portal/settings.py", "engine/settings.py"])
def test_every_setting_stands_in_the_table(module):
    names = settings_of(module)

    assert names
    assert not {name for name in names if f"`{name}`" not in README}


def test_every_name_in_the_table_is_a_setting():
    table = README.split("## Settings")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}

    assert not named - settings_of("portal/settings.py") - settings_of("engine/settings.py") - {"TEST_POSTGRES_URL"}


def test_every_file_that_it_shows_exists():
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).exists(), path
