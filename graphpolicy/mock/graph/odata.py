"""Lists in pages, and the properties of each row that a client selected."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from ..rules import enforces
from ..tables import JsonObject, data
from .call import Answer, Call
from .errors import GraphError
from .filters import Filterable, called, parsed, searched, value_of

_TYPE: Final = "@odata.type"
_NAMED: Final = ("eq", "in", "startswith")


_DIGITS: Final = 10
"""Digits of the longest accepted number; Python refuses to read thousands of them."""
_DIRECTORY: Final = ("$filter", "$select", "$top", "$skiptoken", "$count", "$orderby", "$search")
_SEARCHED: Final = ("displayName", "userPrincipalName", "mail", "description")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a list takes: filters, orders, options, page sizes, and the name of its context.

    A `directory` takes more of a client that says `ConsistencyLevel: eventual`; `negatable` is a
    list that always takes ne and not.
    """

    context: str
    filterable: Filterable
    orderable: Sequence[str] = ()
    options: Sequence[str] = ("$filter", "$select", "$top", "$skiptoken", "$count")
    page: int = 100
    largest: int = 999
    directory: bool = False
    negatable: bool = False


def by_name(context: str, *more: str, **operators: Sequence[str]) -> Shape:
    """The shape of most directory lists: filtered by id, displayName and what else is named.

    `operators` are further properties with the operators that they take.
    """
    names = dict.fromkeys(("id", "displayName", *more), _NAMED)
    sorts = ("displayName", *(name for name in more if name == "userPrincipalName"))
    return Shape(context, {**names, **operators}, sorts, _DIRECTORY, directory=True)


@enforces("paging", "count-ignored", "count-eventual")
def listed(call: Call, rows: Sequence[JsonObject], shape: Shape) -> Answer:
    """Answer one page of a list; without a filter only the rows of the page are looked at."""
    for name, _ in call.message.query:
        if name.lower() not in shape.options:
            raise GraphError("query-unsupported", f"The query option '{name}' is not supported.")
    text, search, order = (call.query(each) for each in ("$filter", "$search", "$orderby"))
    eventual = _eventual(call)
    if search is not None:
        if not eventual:
            raise GraphError(
                "search-eventual",
                "Request with $search query parameter only works through MSGraph with a special "
                "request header: 'ConsistencyLevel: eventual'",
            )
        found = searched(search, _SEARCHED)
        rows = [row for row in rows if found(row)]
    if text is not None:
        if shape.directory and order is not None and not eventual:
            raise GraphError("order-eventual", "Sorting not supported for current query.")
        counted = shape.directory and eventual and call.query("$count") == "true"
        advanced = shape.negatable or counted
        test = parsed(text, shape.filterable, advanced=advanced)
        rows = [row for row in rows if test(row)]
    if call.counting:
        if shape.directory and not eventual:
            raise GraphError("count-refused", "$count is not currently supported.")
        return Answer(200, {"value": rows})
    rows = _ordered(order, rows, shape)
    start, size = _offset(call.query("$skiptoken")), _top(call.query("$top"), shape)
    select = call.query("$select")
    body: JsonObject = {
        "@odata.context": f"{call.message.root}/{call.version}/$metadata#{shape.context}"
        + (f"({select})" if select else ""),
    }
    if call.query("$count") == "true" and eventual:
        body["@odata.count"] = len(rows)
    if start + size < len(rows):
        body["@odata.nextLink"] = _next_link(call, start + size)
    body["value"] = selected(call, rows[start : start + size], shape)
    return Answer(200, body)


def number(count: int) -> Answer:
    """Answer `/$count`: a bare number as text."""
    return Answer(200, str(count), {"Content-Type": "text/plain"})


def entity(call: Call, row: JsonObject, context: str) -> Answer:
    """Answer one object."""
    shown = selected(call, [row], Shape(context, {}))[0]
    address = f"{call.message.root}/{call.version}/$metadata#{context}/$entity"
    return Answer(200, {"@odata.context": address, **shown})


@enforces("select", "user-properties", "name-case")
def selected(call: Call, rows: Sequence[JsonObject], shape: Shape) -> list[JsonObject]:
    """Keep of each row what $select names; without it what Graph shows of the type by default."""
    mixed = shape.context == "directoryObjects"
    select = call.query("$select")
    if select is None:
        return [_typed(each, _shown(each), mixed) for each in rows]
    names = [name.strip().lower() for name in select.split(",")]
    return [_typed(each, _picked(each, names, mixed), mixed) for each in rows]


def _shown(row: JsonObject) -> JsonObject:
    known = _known(row)
    if known is None:
        return row
    return {name: row.get(name, default) for name, default in known["shown"].items()}


def _picked(row: JsonObject, names: Sequence[str], mixed: bool) -> JsonObject:
    known = _known(row)
    full = row if known is None else {**known["shown"], **known["selected"], **row}
    own = {name.lower(): name for name in full}
    for name in names:
        if name not in own and not mixed:
            raise GraphError("select-unknown", f"Could not find a property named '{name}'.")
    return {own[name]: full[own[name]] for name in names if name in own and own[name] != _TYPE}


def _typed(row: JsonObject, shown: JsonObject, mixed: bool) -> JsonObject:
    """An object with its type in a list of mixed types, without it in a list of one type."""
    if not mixed and _TYPE not in shown:
        return shown
    rest = {name: value for name, value in shown.items() if name != _TYPE}
    return {_TYPE: row[_TYPE], **rest} if mixed and _TYPE in row else rest


def _known(row: JsonObject) -> Any:
    return data("objects.json").get(row.get(_TYPE))


def _ordered(text: str | None, rows: Sequence[JsonObject], shape: Shape) -> Sequence[JsonObject]:
    if text is None:
        return rows
    name, _, direction = text.strip().partition(" ")
    name = called(name, shape.orderable)
    if name not in shape.orderable or direction.strip() not in {"", "asc", "desc"}:
        raise GraphError("query-unsupported", f"The order '{text}' is not supported.")
    return sorted(
        rows,
        key=lambda row: str(value_of(row, name)).casefold(),
        reverse=direction.strip() == "desc",
    )


def _eventual(call: Call) -> bool:
    return call.message.headers.get("consistencylevel", "").lower() == "eventual"


def _top(text: str | None, shape: Shape) -> int:
    if text is None:
        return shape.page
    number = int(text) if len(text) < _DIGITS and text.isascii() and text.isdigit() else 0
    if not 1 <= number <= shape.largest:
        raise GraphError("top-range", f"Invalid page size specified: '{text}'.")
    return number


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
