"""The part of OData's filter language that the lists take here."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from ..rules import enforces
from ..tables import JsonObject
from .errors import GraphError

Test = Callable[[JsonObject], bool]
Filterable = Mapping[str, Sequence[str]]
"""Which operators a list takes on which property; the path of a property inside has slashes."""

MAXIMUM_CLAUSES: Final = 15

_TEXT: Final = r"'(?:[^']|'')*'"
_VALUE: Final = rf"({_TEXT}|true|false|\d{{4}}-\d\d-\d\d(?:T[0-9:.]+Z)?)(?![^\s)])"
_COMPARED: Final = re.compile(rf"([\w/]+)\s+(eq|ne|ge|le)\s+{_VALUE}")
_PART: Final = re.compile(
    rf"(startswith|endswith)\(\s*([\w/]+)\s*,\s*({_TEXT})\s*\)", re.IGNORECASE
)
_NOT: Final = re.compile(r"not(?:\s+|\s*(\()\s*)", re.IGNORECASE)
_CLOSED: Final = re.compile(r"\s*\)")
_TERM: Final = re.compile(r'"(\w+):([^"]+)"')
_IN: Final = re.compile(rf"([\w/]+)\s+in\s*\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)")
_ANY: Final = re.compile(rf"(\w+)/any\(\s*(\w+)\s*:\s*\2\s+eq\s+({_TEXT})\s*\)")
_HAS: Final = re.compile(rf"(\w+)/any\(\s*(\w+)\s*:\s*\2\s+has\s+({_TEXT})\s*\)")
_INSIDE: Final = re.compile(
    rf"targetResources/any\(\s*(\w+)\s*:\s*(startswith\(\s*)?\1/(\w+)(?:\s+eq\s+|\s*,\s*)({_TEXT})\s*\)?\s*\)",
    re.IGNORECASE,
)
_JOIN: Final = re.compile(r"\s+(and|or)\s+")


@enforces("filter-case", "filter-advanced")
def parsed(text: str, filterable: Filterable, *, advanced: bool = False) -> Test:
    """Turn a filter of comparisons joined by `and` or `or` into a test; `and` binds tighter.

    `advanced` allows what a client gets only with eventual consistency: ne, not, endswith.
    """
    alternatives: list[list[Test]] = [[]]
    clauses = 0
    position = 0
    text = text.strip()
    joins: set[str] = set()
    while True:
        test, count, position = _negatable(text, position, filterable, advanced)
        alternatives[-1].append(test)
        clauses += count
        if position == len(text):
            break
        joined = _JOIN.match(text, position)
        if joined is None:
            raise _unsupported(text)
        joins.add(joined.group(1))
        if joined.group(1) == "or":
            alternatives.append([])
        position = joined.end()
    if clauses > MAXIMUM_CLAUSES and "and" not in joins:
        raise GraphError(
            "filter-too-many",
            "Too many child clauses specified in search filter expression containing 'OR' "
            f"operators: {clauses}. Max allowed: {MAXIMUM_CLAUSES}.",
        )
    return lambda row: any(all(test(row) for test in tests) for tests in alternatives)


def called(name: str, known: Iterable[str]) -> str:
    """A property's own name, whatever the case of `name`; what is not known stays as it is."""
    return next((each for each in known if each.lower() == name.lower()), name)


def value_of(row: JsonObject, path: str) -> Any:
    """The property at a path with slashes, None where there is none."""
    found: Any = row
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def searched(text: str, searchable: Collection[str]) -> Test:
    """Turn a $search of `"property:words"` terms joined by AND or OR into a test.

    Each word must begin a word of the property.
    """
    parts = re.split(r"\s+(AND|OR)\s+", text.strip())
    alternatives: list[list[Test]] = [[]]
    for part in parts:
        found = _TERM.fullmatch(part)
        if part == "OR":
            alternatives.append([])
        elif part != "AND":
            name = called(found.group(1), searchable) if found else ""
            if found is None or name not in searchable:
                raise GraphError("search-syntax", f"Syntax error in $search: {text}")
            alternatives[-1].append(_wording(name, found.group(2)))
    return lambda row: any(all(test(row) for test in tests) for tests in alternatives)


def _wording(name: str, text: str) -> Test:
    wanted = _words(text)
    return lambda row: all(
        any(word.startswith(each) for word in _words(str(row.get(name) or ""))) for each in wanted
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _negatable(
    text: str, position: int, filterable: Filterable, advanced: bool
) -> tuple[Test, int, int]:
    negated = _NOT.match(text, position)
    if negated is None:
        return _clause(text, position, filterable, advanced)
    if not advanced:
        raise _unsupported(text)
    test, count, position = _clause(text, negated.end(), filterable, advanced)
    if negated.group(1):
        closed = _CLOSED.match(text, position)
        if closed is None:
            raise _unsupported(text)
        position = closed.end()
    return (lambda row: not test(row)), count, position


def _clause(
    text: str, position: int, filterable: Filterable, advanced: bool
) -> tuple[Test, int, int]:
    for operator, pattern in (("in", _IN), ("any", _ANY), ("has", _HAS), ("inside", _INSIDE)):
        found = pattern.match(text, position)
        if found is None:
            continue
        if operator == "inside":
            name = _own(text, f"targetResources/{found.group(3)}", "eq", filterable)
            name = name.rpartition("/")[2]
            return _inside(name, _text(found.group(4)), bool(found.group(2))), 1, found.end()
        name = _own(text, found.group(1), operator, filterable)
        if operator == "has":
            return _having(name, _text(found.group(3))), 1, found.end()
        values = [_text(each) for each in re.findall(_TEXT, found.group(found.re.groups))]
        return _one_of(name, values), len(values), found.end()
    found = _PART.match(text, position)
    if found is not None:
        name = _own(text, found.group(2), "startswith", filterable)
        if found.group(1).lower() == "startswith":
            return _starting(name, _text(found.group(3))), 1, found.end()
        if not advanced:
            raise _unsupported(text)
        return _ending(name, _text(found.group(3))), 1, found.end()
    found = _COMPARED.match(text, position)
    if found is None:
        raise _unsupported(text)
    name, operator, literal = found.groups()
    if operator == "ne" and not advanced:
        raise _unsupported(text)
    name = _own(text, name, "eq" if operator == "ne" else operator, filterable)
    value = literal if not literal.startswith("'") else _text(literal)
    if operator in {"eq", "ne"}:
        same = _one_of(name, [value])
        return (same if operator == "eq" else lambda row: not same(row)), 1, found.end()
    return _bounded(name, operator, value), 1, found.end()


def _own(text: str, name: str, operator: str, filterable: Filterable) -> str:
    """The property that a filter names in any case, or a refusal."""
    own = called(name, filterable)
    if operator not in filterable.get(own, ()):
        raise _unsupported(text)
    return own


def _text(literal: str) -> str:
    return literal[1:-1].replace("''", "'")


def _shown(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(each).casefold() for each in values if each is not None]


def _one_of(path: str, values: Sequence[str]) -> Test:
    wanted = {value.casefold() for value in values}
    return lambda row: not wanted.isdisjoint(_shown(value_of(row, path)))


def _having(path: str, value: str) -> Test:
    """A test for an array of flags in which one entry has all of these."""
    wanted = _flags(value)
    return lambda row: any(wanted <= _flags(each) for each in value_of(row, path) or ())


def _flags(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text.split(","))


def _starting(path: str, value: str) -> Test:
    return lambda row: any(
        each.startswith(value.casefold()) for each in _shown(value_of(row, path))
    )


def _ending(path: str, value: str) -> Test:
    return lambda row: any(each.endswith(value.casefold()) for each in _shown(value_of(row, path)))


def _bounded(path: str, operator: str, value: str) -> Test:
    moment = value if "T" in value else f"{value}T00:00:00Z"

    def holds(row: JsonObject) -> bool:
        found = _moment(str(value_of(row, path)))
        return found >= _moment(moment) if operator == "ge" else found <= _moment(moment)

    return holds


def _moment(text: str) -> str:
    """A time stamp that compares as text, however many fractional digits it had."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return f"{seconds}.{fraction:0<7}"


def _inside(name: str, value: str, starts: bool) -> Test:
    test = _starting(name, value) if starts else _one_of(name, [value])
    return lambda row: any(test(each) for each in row["targetResources"])


def _unsupported(text: str) -> GraphError:
    return GraphError("filter-unsupported", f"Unsupported or invalid query filter clause: {text}")
