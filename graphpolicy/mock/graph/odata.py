"""The part of OData's query language that the directory's lists take here."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from ..rules import enforces
from ..tables import JsonObject
from .call import Answer, Call
from .errors import GraphError

Test = Callable[[JsonObject], bool]

MAXIMUM_CLAUSES: Final = 15
PAGE: Final = 100
LARGEST_PAGE: Final = 999

_TEXT: Final = r"'((?:[^']|'')*)'"
_EQUAL: Final = re.compile(rf"(\w+)\s+eq\s+{_TEXT}")
_STARTS: Final = re.compile(rf"startswith\(\s*(\w+)\s*,\s*{_TEXT}\s*\)", re.IGNORECASE)
_IN: Final = re.compile(rf"(\w+)\s+in\s*\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)")
_OR: Final = re.compile(r"\s+or\s+")
_OPTIONS: Final = {"$filter", "$select", "$top", "$skiptoken"}


@enforces("filter-case")
def parsed(text: str, properties: Sequence[str]) -> Test:
    """Turn a filter of eq, in and startswith, joined by or, into a test."""
    tests: list[Test] = []
    clauses = 0
    position = 0
    text = text.strip()
    while True:
        test, count, position = _clause(text, position, properties)
        tests.append(test)
        clauses += count
        if position == len(text):
            break
        joined = _OR.match(text, position)
        if joined is None:
            raise _unsupported(text)
        position = joined.end()
    if clauses > MAXIMUM_CLAUSES:
        raise GraphError(
            "filter-too-many",
            "Too many child clauses specified in search filter expression containing 'OR' "
            f"operators: {clauses}. Max allowed: {MAXIMUM_CLAUSES}.",
        )
    return lambda row: any(test(row) for test in tests)


def _clause(text: str, position: int, properties: Sequence[str]) -> tuple[Test, int, int]:
    for pattern in (_EQUAL, _STARTS, _IN):
        found = pattern.match(text, position)
        if found is None:
            continue
        name = found.group(1)
        if name not in properties:
            raise _unsupported(text)
        if pattern is _IN:
            values = [each.replace("''", "'") for each in re.findall(_TEXT, found.group(2))]
            return _one_of(name, values), len(values), found.end()
        value = found.group(2).replace("''", "'")
        test = _one_of(name, [value]) if pattern is _EQUAL else _starting(name, value)
        return test, 1, found.end()
    raise _unsupported(text)


def _one_of(name: str, values: Sequence[str]) -> Test:
    wanted = {value.casefold() for value in values}
    return lambda row: str(row.get(name, "")).casefold() in wanted


def _starting(name: str, value: str) -> Test:
    return lambda row: str(row.get(name, "")).casefold().startswith(value.casefold())


def _unsupported(text: str) -> GraphError:
    return GraphError("filter-unsupported", f"Unsupported or invalid query filter clause: {text}")


def selected(call: Call, rows: Sequence[JsonObject]) -> list[JsonObject]:
    """Keep of each row what $select names, everything without it."""
    select = call.query("$select")
    if select is None:
        return [{key: row[key] for key in row if not key.startswith("@")} for row in rows]
    names = [name.strip() for name in select.split(",")]
    for name in names:
        if any(name not in row for row in rows):
            raise GraphError("select-unknown", f"Could not find a property named '{name}'.")
    return [{name: row[name] for name in names} for row in rows]


@enforces("paging")
def listed(
    call: Call, rows: Sequence[JsonObject], context: str, filterable: Sequence[str]
) -> Answer:
    """Answer one page of a filtered list."""
    for name, _ in call.message.query:
        if name.lower() not in _OPTIONS:
            raise GraphError("query-unsupported", f"The query option '{name}' is not supported.")
    text = call.query("$filter")
    test = parsed(text, filterable) if text is not None else (lambda _row: True)
    found = [row for row in rows if test(row)]
    start, size = _offset(call.query("$skiptoken")), _top(call.query("$top"))
    select = call.query("$select")
    body: JsonObject = {
        "@odata.context": f"{call.message.root}/{call.version}/$metadata#{context}"
        + (f"({select})" if select else ""),
    }
    if start + size < len(found):
        body["@odata.nextLink"] = _next_link(call, start + size)
    body["value"] = selected(call, found[start : start + size])
    return Answer(200, body)


def _top(text: str | None) -> int:
    if text is None:
        return PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise GraphError("top-range", f"Invalid page size specified: '{text}'.")
    return int(text)


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError) as error:
        raise GraphError("skiptoken", "The skip token is not valid.") from error


def _next_link(call: Call, offset: int) -> str:
    token = base64.urlsafe_b64encode(str(offset).encode()).decode()
    kept = [pair for pair in call.message.query if pair[0].lower() != "$skiptoken"]
    query = "&".join(
        f"{name}={quote(value, safe='')}" for name, value in (*kept, ("$skiptoken", token))
    )
    return f"{call.message.root}{quote(call.message.path, safe='/$')}?{query}"
