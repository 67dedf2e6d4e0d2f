"""The law of editing a text: whatever form a person gave it, an edit says what it is to say, adding
or replacing a word loses no comment, and no line changes that has nothing to do with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import given, settings, strategies as st

from graphpolicy.policyfile.strict_yaml import Pointer, parse
from graphpolicy.policyfile.yaml_edit import comments, edited
from graphpolicy.policyfile.yaml_text import REMOVED, Edit

WORDS = ("alpha", "it's", "no", "0755", "a b", "größe", "#x", "")


class Scribe:
    """Writes data as YAML, each time in another form."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.count = 0

    def text(self, data: dict[str, Any]) -> str:
        end = self.chance.choice(("\n", "", "\n\n# end\n"))
        return "\n".join(self.lines(data, 0)) + end

    def comment(self) -> str:
        self.count += 1
        return self.chance.choice(("", "", "", f"  # c{self.count}"))

    def word(self, value: Any) -> str:
        if not isinstance(value, str):
            return str(value).lower()
        single = "'{}'".format(value.replace("'", "''"))
        plain = value in ("alpha", "a b", "größe") or value[:1] == "k"
        return self.chance.choice(
            (value, single, f'"{value}"') if plain else (single, f'"{value}"')
        )

    def flow(self, value: Any, column: int) -> str:
        if not isinstance(value, dict | list):
            return self.word(value)
        items = [
            f"{self.word(item[0])}: {self.flow(item[1], column + 2)}"
            if isinstance(value, dict)
            else self.flow(item, column + 2)
            for item in (value.items() if isinstance(value, dict) else value)
        ]
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        if not items or self.chance.random() < 0.6:
            tail = self.chance.choice(("", "", " ", ",")) if items else ""
            return f"{opened}{', '.join(items)}{tail}{closed}"
        pad = "\n" + " " * (column + 2)
        last = len(items) - 1
        lines = [
            f"{pad}{item}{',' if n < last or self.chance.random() < 0.5 else ''}{self.comment()}"
            for n, item in enumerate(items)
        ]
        return f"{opened}{''.join(lines)}{pad[:-1]}{closed}"

    def lines(self, value: Any, column: int) -> Iterator[str]:
        """A map or list on lines of its own."""
        pad, step = " " * column, self.chance.choice((1, 2, 4))
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            if self.chance.random() < 0.1:
                yield self.chance.choice(("", f"{pad}# above{self.comment()}", "   "))
            if isinstance(value, dict):
                lead, inner = f"{pad}{self.word(key)}:", column + step
                if isinstance(member, list) and self.chance.random() < 0.5:
                    inner = column
            else:
                lead, inner = f"{pad}-", column + 2
            if not isinstance(member, dict | list) or not member or self.chance.random() < 0.4:
                yield f"{lead} {self.flow(member, column + 4)}{self.comment()}"
                continue
            if isinstance(value, list) and isinstance(member, dict):
                first, *rest = self.lines({**member}, inner)
                while not first.strip() or first.lstrip().startswith("#"):
                    first, *rest = self.lines({**member}, inner)
                yield f"{lead} {first.lstrip()}"
                yield from rest
            else:
                yield f"{lead}{self.comment()}"
                yield from self.lines(member, inner)


scalars = st.sampled_from(WORDS) | st.booleans() | st.integers(0, 99)
keys = st.sampled_from([f"k{number}" for number in range(6)])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, values, min_size=2, max_size=4)


def pointers(data: Any, at: Pointer = ()) -> Iterator[Pointer]:
    if at:
        yield at
    if isinstance(data, dict | list):
        for key, member in data.items() if isinstance(data, dict) else enumerate(data):
            yield from pointers(member, (*at, key))


def value_at(data: Any, pointer: Pointer) -> Any:
    for step in pointer:
        data = data[step]
    return data


@settings(max_examples=100)
@given(documents, st.integers(0, 1 << 32), values, st.data())
def test_an_edit_says_what_it_is_to_say_and_touches_nothing_else(
    document: dict[str, Any], seed: int, value: Any, data: st.DataObject
) -> None:
    text = Scribe(seed).text(document)
    break_ = data.draw(st.sampled_from(["\n", "\r\n"]))
    raw = text.replace("\n", break_).encode()
    parsed = parse(raw, "")
    assert (parsed.data, parsed.findings) == (document, ()), text
    there = list(pointers(document))
    pointer = data.draw(st.sampled_from(there))
    old = value_at(document, pointer)
    ways = ["replace", *(["remove"] if len(pointer) > 1 else [])]
    ways += ["add"] if isinstance(old, dict | list) else []
    match data.draw(st.sampled_from(ways)):
        case "remove":
            edit = Edit(pointer, REMOVED)
        case "add":
            edit = Edit((*pointer, len(old) if isinstance(old, list) else "new"), value)
        case _:
            edit = Edit(pointer, value)
    new, _ = edited(raw, document, [edit])
    assert b"\n" not in new.replace(b"\r\n", b"") or break_ == "\n"
    words = isinstance(old, str | bool | int)
    if edit.pointer != pointer or (words and edit.value is not REMOVED):
        assert [c for _, c in comments(new)] == [c for _, c in comments(raw)], text
        gone = Counter(raw.splitlines()) - Counter(new.splitlines())
        assert gone.total() <= 1, text
