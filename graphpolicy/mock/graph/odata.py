"""Lists in pages, and what of each row a client asked for."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from ..rules import enforces
from ..tables import JsonObject
from .call import Answer, Call
from .errors import GraphError
from .filters import Filterable, parsed, value_of

_TYPE: Final = "@odata.type"
_NAMED: Final = ("eq", "in", "startswith")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a list takes: filters, orders, options, page sizes, and the name of its context."""

    context: str
    filterable: Filterable
    orderable: Sequence[str] = ()
    options: Sequence[str] = ("$filter", "$select", "$top", "$skiptoken", "$count")
    page: int = 100
    largest: int = 999


def by_name(context: str, *more: str) -> Shape:
    """The shape of most directory lists: filtered by id, displayName and what else is named."""
    return Shape(context, dict.fromkeys(("id", "displayName", *more), _NAMED))


@enforces("paging")
def listed(call: Call, rows: Sequence[JsonObject], shape: Shape) -> Answer:
    """Answer one page of a list; without a filter only the rows of the page are looked at."""
    for name, _ in call.message.query:
        if name.lower() not in shape.options:
            raise GraphError("query-unsupported", f"The query option '{name}' is not supported.")
    text = call.query("$filter")
    if text is not None:
        test = parsed(text, shape.filterable)
        rows = [row for row in rows if test(row)]
    rows = _ordered(call.query("$orderby"), rows, shape)
    start, size = _offset(call.query("$skiptoken")), _top(call.query("$top"), shape)
    select = call.query("$select")
    body: JsonObject = {
        "@odata.context": f"{call.message.root}/{call.version}/$metadata#{shape.context}"
        + (f"({select})" if select else ""),
    }
    if call.query("$count") is not None:
        body["@odata.count"] = _count(call, rows)
    if start + size < len(rows):
        body["@odata.nextLink"] = _next_link(call, start + size)
    body["value"] = selected(call, rows[start : start + size], shape)
    return Answer(200, body)


@enforces("count-eventual")
def counted(call: Call, rows: Sequence[JsonObject]) -> Answer:
    """Answer `/$count`: a bare number as text."""
    if not _eventual(call):
        raise GraphError("count-refused", "$count is not currently supported.")
    return Answer(200, str(len(rows)), {"Content-Type": "text/plain"})


def entity(call: Call, row: JsonObject, context: str) -> Answer:
    """Answer one object."""
    shown = selected(call, [row], Shape(context, {}))[0]
    address = f"{call.message.root}/{call.version}/$metadata#{context}/$entity"
    return Answer(200, {"@odata.context": address, **shown})


def selected(call: Call, rows: Sequence[JsonObject], shape: Shape) -> list[JsonObject]:
    """Keep of each row what $select names, everything without it."""
    select = call.query("$select")
    if select is None:
        mixed = shape.context == "directoryObjects"
        return [each if mixed or _TYPE not in each else _untyped(each) for each in rows]
    names = [name.strip() for name in select.split(",")]
    for name in names:
        if any(name not in row for row in rows):
            raise GraphError("select-unknown", f"Could not find a property named '{name}'.")
    return [{name: row[name] for name in names} for row in rows]


def _untyped(row: JsonObject) -> JsonObject:
    return {key: value for key, value in row.items() if key != _TYPE}


def _ordered(text: str | None, rows: Sequence[JsonObject], shape: Shape) -> Sequence[JsonObject]:
    if text is None:
        return rows
    name, _, direction = text.strip().partition(" ")
    if name not in shape.orderable or direction.strip() not in {"", "asc", "desc"}:
        raise GraphError("query-unsupported", f"The order '{text}' is not supported.")
    return sorted(
        rows, key=lambda row: str(value_of(row, name)), reverse=direction.strip() == "desc"
    )


def _count(call: Call, rows: Sequence[JsonObject]) -> int:
    if not _eventual(call):
        raise GraphError("count-refused", "$count is not currently supported.")
    return len(rows)


def _eventual(call: Call) -> bool:
    return call.message.headers.get("consistencylevel", "").lower() == "eventual"


def _top(text: str | None, shape: Shape) -> int:
    if text is None:
        return shape.page
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= shape.largest:
        raise GraphError("top-range", f"Invalid page size specified: '{text}'.")
    return int(text)


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError) as error:
        raise GraphError("skiptoken", "The skip token is not valid.") from error
    if offset < 0:
        raise GraphError("skiptoken", "The skip token is not valid.")
    return offset


def _next_link(call: Call, offset: int) -> str:
    token = base64.urlsafe_b64encode(str(offset).encode()).decode()
    kept = [pair for pair in call.message.query if pair[0].lower() != "$skiptoken"]
    query = "&".join(
        f"{name}={quote(value, safe='')}" for name, value in (*kept, ("$skiptoken", token))
    )
    return f"{call.message.root}{quote(call.message.path, safe='/$')}?{query}"
