"""The user's facts (`--facts FILE`): rows in YAML or JSON that replace shipped ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, RESOURCES, Resource, facts
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Bool, Enum
from graphpolicy.catalogue.settings import settings
from graphpolicy.model import Finding, Json, Place
from graphpolicy.model.did_you_mean import question
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.files import leading_out, read_bytes
from graphpolicy.policyfile.pointers import finding, title
from graphpolicy.policyfile.schema_check import check
from graphpolicy.policyfile.schema_errors import FORM
from graphpolicy.policyfile.strict_yaml import Document, Pointer, parse
from graphpolicy.policyfile.wording import shown

MANAGED = "managed_values"
DATE: Mapping[str, Json] = {
    "type": "string",
    "pattern": r"^20\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$",
    FORM: ("a date", "write the year and the month, as in 2026-11, or a whole date"),
}
PAGE: Mapping[str, Json] = {
    "type": "string",
    "pattern": r"^https://\S+$",
    FORM: ("the address of a page", "write the https address of the page that says so"),
}
TEXT = {"type": "string", "minLength": 1}
DATED: Mapping[str, Json] = {
    "status": {"enum": ["announced", "rolling", "complete", "withdrawn"]},
    "as_of": DATE,
    "source": PAGE,
    "since": DATE,
    "cloud": {"enum": ["global", "usgov", "usgov-dod", "china"]},
}
"""The columns that every table has, after its own."""
OWN: Mapping[str, Json] = {
    "value": {"type": "integer", "minimum": 0},
    "version": {"enum": ["v1.0", "beta"]},
}
"""The columns that take no free text."""
ABOUT_LIMIT = ("resource", "setting", "about", "unit")
"""What a limit's row may leave out: it is taken from the shipped row."""
MOST = 8
"""At most this many names are listed in a help."""


def _table(name: str) -> Json:
    """The schema of one table: its columns are the fields of its rows."""
    columns = {each.name: each for each in fields(facts.TABLES[name])}
    own = {column: OWN.get(column, TEXT) for column in columns if column not in DATED}
    needed = [column for column in (*own, *DATED) if columns[column].default is MISSING]
    row = {
        "type": "object",
        "properties": {**own, **DATED},
        "required": [each for each in needed if name != "limits" or each not in ABOUT_LIMIT],
        "additionalProperties": False,
    }
    return {"type": "array", "items": row}


SCHEMA: Json = {
    "title": "a facts file",
    "type": "object",
    "properties": {"as_of": DATE, **{name: _table(name) for name in facts.TABLES}},
    "additionalProperties": False,
}
"""The columns of `facts.json`."""


@dataclass(frozen=True, slots=True)
class FactsFile:
    """What a facts file holds: the facts, or None and what is wrong with it."""

    facts: Facts | None
    findings: tuple[Finding, ...]


def read_facts(file: str, shipped: Facts) -> FactsFile:
    """The shipped facts, with the rows of a file in place of those about the same subject."""
    raw = leading_out(file) or read_bytes(file)
    if isinstance(raw, Finding):
        return FactsFile(None, (raw,))
    document = parse(raw, file)
    if document.data is None:
        return FactsFile(None, document.findings)
    if not isinstance(document.data, dict) or not {"as_of", *facts.TABLES} & document.data.keys():
        return FactsFile(None, (_no_facts(file),))
    checked = check(document, SCHEMA)
    broken = {pointer[:depth] for pointer in checked.wrong for depth in (1, 2)}
    found = (*checked.findings, *_wrong_rows(document, broken, shipped))
    if found:
        return FactsFile(None, tuple(sorted(dict.fromkeys(found), key=lambda found: found.where)))
    return FactsFile(shipped.overridden(Facts.of(_whole(document.data, shipped))), ())


def _no_facts(file: str) -> Finding:
    """The result for any other file. It is not quoted, because it may be anything."""
    tables = ", ".join(facts.TABLES)
    message = f"this is not a facts file: it has none of the keys as_of, {tables}"
    fix = "name a facts file, or add one of these keys"
    return Finding("wrong-type", "error", message, fix, source=Place(file, 1, 1))


def _wrong_rows(
    document: Document, broken: Collection[Pointer], shipped: Facts
) -> Iterator[Finding]:
    """What is wrong in rows with a sound shape; `broken` holds the pointers of all others."""
    for table in facts.TABLES:
        seen: set[tuple[Json, ...]] = set()
        for index, row in enumerate(() if (table,) in broken else document.data.get(table, ())):
            at: Pointer = (table, index)
            if at in broken:
                continue
            yield from _names(document, at, row, shipped)
            about = tuple(
                row.get(name)
                for name in ("resource", "setting", "name", "version", "cloud", "status")
            )
            if about in seen:
                message = f"a row of {table} has the same subject and status as an earlier one"
                yield finding(document, at, "duplicate-entry", message, "keep one of the two")
            seen.add(about)


def _names(document: Document, at: Pointer, row: Json, shipped: Facts) -> Iterator[Finding]:
    """A row must be about something that exists."""
    if at[0] == "limits":
        yield from _one_of(document, (*at, "name"), sorted({rule.name for rule in shipped.limits}))
        return
    unknown = list(_one_of(document, (*at, "resource"), RESOURCES))
    yield from unknown
    if not unknown and "setting" in row:
        yield from _one_of(document, (*at, "setting"), _paths(RESOURCES[row["resource"]], at[0]))
    if "unless" in row:
        switches = [
            setting.dotted
            for setting in settings([AUTHENTICATION_METHODS_POLICY])
            if isinstance(setting.row.kind, Bool)
        ]
        yield from _one_of(document, (*at, "unless"), switches)
    if "becomes" in row and not unknown:
        yield from _value(document, at, row)


def _value(document: Document, at: Pointer, row: Json) -> Iterator[Finding]:
    """The value that a setting gets must be one that it can have."""
    for each in settings([RESOURCES[row["resource"]]]):
        kind = each.row.kind
        if each.dotted == row["setting"] and row["becomes"] not in getattr(kind, "members", ()):
            if isinstance(kind, Enum):
                fix = f"write one of {', '.join(kind.members)}"
            else:
                fix = f"remove `becomes`: {each.dotted} has no fixed values"
            message = f"{title((*at, 'becomes'))} can't be {shown(row['becomes'])}"
            yield finding(document, (*at, "becomes"), "bad-value", message, fix)


def _paths(resource: Resource, table: str | int) -> list[str]:
    every = settings([resource])
    return [each.dotted for each in every if each.can_be_managed or table != MANAGED]


def _one_of(document: Document, at: Pointer, known: Iterable[str]) -> Iterator[Finding]:
    table, index, column = at
    value = document.data[table][index][column]
    names = list(known)
    if value not in names:
        listed = f"write one of {', '.join(names[:MOST])}" if names else "remove the row"
        what = (
            "which Microsoft does not manage"
            if (table, column) == (MANAGED, "setting")
            else "which does not exist"
        )
        message = f"{title(at)} is {shown(value)}, {what}"
        fix = question(value, names) or listed
        yield finding(document, at, "unknown-setting", message, fix)


def _whole(data: Json, shipped: Facts) -> Json:
    """The rows, with what a limit's row may leave out taken from the shipped row."""
    known = {limit.name: limit for limit in shipped.limits}
    limits = [
        {name: getattr(known[row["name"]], name) for name in ABOUT_LIMIT} | row
        for row in data.get("limits", ())
    ]
    return {**data, "limits": limits}
