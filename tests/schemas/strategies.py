"""Any schema of the dialect, with what else services and people write into one."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
NAMES = WORDS.filter(lambda name: name.strip() and name == name.strip())
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-1000, 1000), WORDS)


@st.composite
def _around(draw, kind):
    """Keys around the type, in any order, unknown ones among them."""
    keys = {"type": kind}
    keys |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "title": WORDS,
                "description": WORDS,
                "context:titles": st.dictionaries(st.sampled_from(["en", "fr", "de"]), WORDS, max_size=2),
                "x-unknown": st.one_of(VALUES, st.lists(VALUES, max_size=2)),
            },
        )
    )
    return keys


@st.composite
def _shuffled(draw, keys):
    return dict(draw(st.permutations(list(keys.items()))))


@st.composite
def scalars(draw):
    kind = draw(st.sampled_from(["string", "number", "integer", "boolean"]))
    keys = draw(_around(kind))
    if kind == "string" and draw(st.booleans()):
        keys["format"] = draw(st.sampled_from(["date", "date-time", "email"]))
    return draw(_shuffled(keys))


@st.composite
def enumerations(draw):
    keys = draw(_around(draw(st.sampled_from(["enum", "string", "integer"]))))
    keys["enum"] = draw(st.lists(VALUES, min_size=1, max_size=4))
    count = len(keys["enum"])
    if draw(st.booleans()):
        keys["context:descriptions"] = draw(st.lists(WORDS, min_size=count, max_size=count))
    return draw(_shuffled(keys))


@st.composite
def objects(draw, fields):
    keys = draw(_around("object"))
    keys["properties"] = draw(st.dictionaries(NAMES, fields, max_size=4))
    if draw(st.booleans()):
        names = list(keys["properties"])
        keys["required"] = draw(st.permutations(names))[: draw(st.integers(0, len(names)))]
    return draw(_shuffled(keys))


@st.composite
def arrays(draw, fields):
    return draw(_shuffled(draw(_around("array")) | {"items": draw(fields)}))


FIELDS = st.recursive(scalars() | enumerations(), lambda below: st.one_of(objects(below), arrays(below)), max_leaves=12)
SCHEMAS = objects(FIELDS)
