"""The small language in which people write rules: `total = subtotal + tax`, `invoice_no matches INV-\\d+`.

A rule compares values by their paths; `lines[].amount` is judged in each row, `sum(lines[].amount)` over all of them.
Nothing is executed: a rule becomes a tree of the few things below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from extractions.evidence.rules.pattern import checked_pattern

LONGEST = 500
DEEPEST = 20
LONGEST_NUMBER = 30
TOKEN = re.compile(
    r"""\s*(?:
    (?P<day>\d{4}-\d\d-\d\d)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>'[^']*'|"[^"]*"|“[^”]*”)
    |(?P<name>[^\W\d]\w*(?:\[\])?(?:\.[^\W\d]\w*(?:\[\])?)*)
    |(?P<sign><=|>=|!=|<>|==|≤|≥|≠|[-+*/=<>(),×−])
    )""",
    re.VERBOSE,
)
SAME = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "−": "-"}
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
WORDS = frozenset({"and", "or", "in", "matches", "is", "if", "then", "not"})


class RuleError(Exception):
    """Why a rule cannot be understood: a code, and the part of the rule that it is about."""

    def __init__(self, code: str, part: str = "") -> None:
        super().__init__(code, part)
        self.code, self.part = code, part


@dataclass(frozen=True, slots=True)
class Constant:
    value: Decimal | date | str


@dataclass(frozen=True, slots=True)
class Today:
    pass


@dataclass(frozen=True, slots=True)
class Path:
    name: str


@dataclass(frozen=True, slots=True)
class Total:
    """`sum` or `count` of all values of a path."""

    how: str
    path: Path


@dataclass(frozen=True, slots=True)
class Sum:
    """Two terms and what joins them: + - * /."""

    sign: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Comparison:
    sign: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class OneOf:
    left: Term
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    left: Term
    pattern: str


@dataclass(frozen=True, slots=True)
class Given:
    path: Path
    wanted: bool


@dataclass(frozen=True, slots=True)
class Both:
    """Two conditions joined by `and`, `or`, `then`."""

    how: str
    left: Condition
    right: Condition


Term = Constant | Today | Path | Total | Sum
Condition = Comparison | OneOf | Matches | Given | Both


@lru_cache(maxsize=256)
def parsed(text: str) -> Condition:
    """The rule as a tree; raises `RuleError`."""
    if not text.strip():
        raise RuleError("empty")
    if len(text) > LONGEST:
        raise RuleError("long")
    return _Parser(text).rule()


def paths_in(tree: Condition | Term) -> Iterator[str]:
    """The paths that the rule speaks of, in their order."""
    match tree:
        case Path(name):
            yield name
        case Total(_, path):
            yield path.name
        case Given(path, _):
            yield path.name
        case Sum(_, left, right) | Comparison(_, left, right) | Both(_, left, right):
            yield from paths_in(left)
            yield from paths_in(right)
        case OneOf(left, _) | Matches(left, _):
            yield from paths_in(left)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def rule(self) -> Condition:
        tree: Condition
        if self._take("if"):
            first = self._condition()
            self._expect("then")
            tree = Both("then", first, self._condition())
        else:
            tree = self._condition()
        if self._rest():
            raise RuleError("unexpected", self._rest())
        return tree

    def _condition(self) -> Condition:
        tree = self._all()
        while self._take("or"):
            tree = Both("or", tree, self._all())
        return tree

    def _all(self) -> Condition:
        tree = self._comparison()
        while self._take("and"):
            tree = Both("and", tree, self._comparison())
        return tree

    def _comparison(self) -> Condition:
        left = self._term()
        if self._take("is"):
            return self._given(left)
        if self._take("in"):
            return OneOf(left, tuple(self._choices()))
        if self._take("matches"):
            return Matches(left, self._pattern())
        sign = self._sign(COMPARISONS)
        if sign is None:
            raise RuleError("unexpected", self._rest()) if self._rest() else RuleError("nothing_said")
        return Comparison(sign, left, self._term())

    def _given(self, left: Term) -> Condition:
        if not isinstance(left, Path):
            raise RuleError("unexpected", "is")
        wanted = not self._take("not")
        if self._take("empty"):
            return Given(left, not wanted)
        self._expect("given")
        return Given(left, wanted)

    def _choices(self) -> Iterator[str]:
        """Words, numbers or quoted texts, parted by commas."""
        bracket = self._take("(")
        while True:
            kind, word = self._next()
            if kind is None or (kind == "sign" and word == ")"):
                raise RuleError("unfinished")
            yield word[1:-1] if kind == "text" else word
            if not self._take(","):
                break
        if bracket:
            self._expect(")")

    def _pattern(self) -> str:
        """In quotes, or all that is left of the rule."""
        rest = self._rest()
        quoted = re.match(r"'([^']*)'|\"([^\"]*)\"", rest)
        pattern = (quoted.group(1) or quoted.group(2) or "") if quoted else rest
        self.at = len(self.text) - len(self.text[self.at :].lstrip()) + (quoted.end() if quoted else len(rest))
        if not pattern:
            raise RuleError("unfinished")
        problem = checked_pattern(pattern)
        if problem:
            raise RuleError(problem, pattern)
        return pattern

    def _term(self) -> Term:
        return self._chain(lambda: self._chain(self._single, frozenset("*/")), frozenset("+-"))

    def _chain(self, single: Callable[[], Term], signs: frozenset[str]) -> Term:
        tree = single()
        while (sign := self._sign(signs)) is not None:
            tree = Sum(sign, tree, single())
        return tree

    def _single(self) -> Term:
        self.depth += 1
        if self.depth > DEEPEST:
            raise RuleError("long")
        tree = self._plain()
        self.depth -= 1
        return tree

    def _plain(self) -> Term:
        if self._take("-"):
            return Sum("-", Constant(Decimal(0)), self._single())
        if self._take("("):
            inner = self._term()
            self._expect(")")
            return inner
        before = self.at
        kind, token = self._next()
        match kind:
            case None:
                raise RuleError("unfinished")
            case "number" if len(token) > LONGEST_NUMBER:
                raise RuleError("number", token)
            case "number":
                return Constant(Decimal(token))
            case "day":
                return Constant(_day(token))
            case "text":
                return Constant(token[1:-1])
            case "name" if token not in WORDS:
                return self._named(token)
        self.at = before
        raise RuleError("unexpected", self._rest())

    def _named(self, name: str) -> Term:
        if name == "today":
            return Today()
        if name in {"sum", "count"} and self._take("("):
            kind, path = self._next()
            if kind != "name":
                raise RuleError("unexpected", path or name)
            self._expect(")")
            return Total(name, Path(path))
        return Path(name)

    def _rest(self) -> str:
        return self.text[self.at :].strip()

    def _next(self) -> tuple[str | None, str]:
        if not self._rest():
            return None, ""
        found = TOKEN.match(self.text, self.at)
        if found is None:
            raise RuleError("unexpected", self._rest())
        self.at = found.end()
        kind = str(found.lastgroup)
        token = found.group(kind)
        return kind, SAME.get(token, token)

    def _take(self, wanted: str) -> bool:
        before = self.at
        try:
            _, token = self._next()
        except RuleError:
            return False
        if token.lower() == wanted:
            return True
        self.at = before
        return False

    def _sign(self, signs: frozenset[str]) -> str | None:
        return next((sign for sign in sorted(signs, key=len, reverse=True) if self._take(sign)), None)

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise RuleError("expected", wanted)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RuleError("day", text) from error
