"""The words of a family: of each label one wording per language, chosen once."""

from __future__ import annotations

import random
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "fr", "de", "nl", "es", "it")
_FOLDER = Path(__file__).parent


@cache
def toml_of(name: str) -> dict[str, Any]:
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def choices(text: str) -> list[str]:
    return text.split("|")


class Wording:
    def __init__(
        self, seed: str, language: str, *, colon: str = "", case: str = "", second: str = "", country: str = ""
    ) -> None:
        self.country = country
        self.language, self._seed, self._colon, self._case = language, seed, colon, case
        self._words = toml_of(f"words/{language}")
        self._second = toml_of(f"words/{second}") if second and second != language else None

    def _one(self, part: str, key: str, words: dict[str, Any]) -> str:
        return random.Random(f"{self._seed} {part} {key}").choice(choices(words[part][key]))

    def known(self, key: str) -> bool:
        return key in self._words["labels"]

    def label(self, *keys: str, rate: str = "", colon: bool = True) -> str:
        """The first of the labels that the language has; `rate` fills those that name one."""
        key = next(key for key in keys if self.known(key))
        text = self._one("labels", key, self._words)
        if "{rate}" in text and not rate:
            text = next(word for word in choices(self._words["labels"][key]) if "{rate}" not in word)
        text = self._at_home(key, text).replace("{rate}", rate)
        if self._second and "{" not in text and not rate:
            text = f"{text} / {choices(self._second['labels'][key])[0]}"
        return self._cased(text) + (self._colon if colon and not text.endswith(("?", "#")) else "")

    def column(self, key: str) -> str:
        return self._cased(self._at_home("", self._one("columns", key, self._words)))

    def title(self, kind: str) -> str:
        title = self._one("titles", kind, self._words)
        return f"{title} / {choices(self._second['titles'][kind])[0]}" if self._second else title

    def say(self, key: str, chance: random.Random, **values: str) -> str:
        return chance.choice(choices(self._words[key])).format(**values)

    def fixed(self, key: str, **values: str) -> str:
        """A sentence that the family always puts the same way."""
        return random.Random(f"{self._seed} {key}").choice(choices(self._words[key])).format(**values)

    def all(self, key: str) -> list[str]:
        return choices(self._words[key])

    def _at_home(self, key: str, text: str) -> str:
        """Taxes and registers have names of their own in some countries."""
        own = toml_of("names").get(self.country, {})
        if key in ("tax_number", "legal_id") and key in own:
            return random.Random(f"{self._seed} {key} {self.country}").choice(choices(own[key]))
        return text.replace("VAT", own["vat"]) if "vat" in own else text

    def _cased(self, text: str) -> str:
        return {"upper": text.upper(), "lower": text.lower()}.get(self._case, text)
