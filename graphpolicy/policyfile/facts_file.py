"""The user's facts (`--facts FILE`): rows in YAML or JSON that replace shipped ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from graphpolicy.catalogue import RESOURCES, Resource
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.settings import settings
from graphpolicy.model import Finding, Json, Place
from graphpolicy.model.did_you_mean import closest
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.files import leading_out, read_bytes
from graphpolicy.policyfile.pointers import finding, title
from graphpolicy.policyfile.schema_check import check
from graphpolicy.policyfile.schema_errors import FORM
from graphpolicy.policyfile.strict_yaml import Document, Pointer, parse
from graphpolicy.policyfile.wording import shown

MANAGED = "managed_values"
TABLES = (MANAGED, "limits", "retirements", "gaps")
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
OPTIONAL = frozenset({"since", "cloud", "setting"})
ABOUT_LIMIT = {"resource": TEXT, "setting": TEXT, "about": TEXT, "unit": TEXT}
MOST = 8
"""At most this many names are listed in a help."""


def _table(optional: Iterable[str] = OPTIONAL, **columns: Json) -> Json:
    known = {**columns, **DATED}
    row = {
        "type": "object",
        "properties": known,
        "required": [name for name in known if name not in optional],
        "additionalProperties": False,
    }
    return {"type": "array", "items": row}


SCHEMA: Json = {
    "title": "a facts file",
    "type": "object",
    "properties": {
        "as_of": DATE,
        MANAGED: _table({"since", "cloud"}, resource=TEXT, setting=TEXT, means=TEXT),
        "limits": _table(
            {*OPTIONAL, *ABOUT_LIMIT},
            name=TEXT,
            value={"type": "integer", "minimum": 0},
            **ABOUT_LIMIT,
        ),
        "retirements": _table(resource=TEXT, setting=TEXT, about=TEXT, instead=TEXT),
        "gaps": _table(resource=TEXT, version={"enum": ["v1.0", "beta"]}),
    },
    "additionalProperties": False,
}
"""The columns of `facts.json`. What a limit's row leaves out is taken from the shipped row."""


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
    if not isinstance(document.data, dict) or not {"as_of", *TABLES} & document.data.keys():
        return FactsFile(None, (_no_facts(file),))
    checked = check(document, SCHEMA)
    broken = {pointer[:depth] for pointer in checked.wrong for depth in (1, 2)}
    found = (*checked.findings, *_wrong_rows(document, broken, shipped))
    if found:
        return FactsFile(None, tuple(sorted(dict.fromkeys(found), key=lambda found: found.where)))
    return FactsFile(shipped.overridden(Facts.of(_whole(document.data, shipped))), ())


def _no_facts(file: str) -> Finding:
    """For a file that is something else. It is not quoted, because it may be anything."""
    tables = ", ".join(TABLES)
    message = f"this is not a facts file: it has none of the keys as_of, {tables}"
    fix = "name a facts file, or add one of these keys"
    return Finding("wrong-type", "error", message, fix, source=Place(file, 1, 1))


def _wrong_rows(
    document: Document, broken: Collection[Pointer], shipped: Facts
) -> Iterator[Finding]:
    """What is wrong in rows with a sound shape; `broken` holds the pointers of all others."""
    for table in TABLES:
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


def _paths(resource: Resource, table: str | int) -> list[str]:
    return [
        setting.dotted
        for setting in settings([resource])
        if setting.can_be_managed or table != MANAGED
    ]


def _one_of(document: Document, at: Pointer, known: Iterable[str]) -> Iterator[Finding]:
    table, index, column = at
    value = document.data[table][index][column]
    names = list(known)
    if value not in names:
        near = closest(value, names)
        listed = f"write one of {', '.join(names[:MOST])}" if names else "remove the row"
        what = (
            "which Microsoft does not manage"
            if (table, column) == (MANAGED, "setting")
            else "which does not exist"
        )
        message = f"{title(at)} is {shown(value)}, {what}"
        fix = f"did you mean '{near}'?" if near else listed
        yield finding(document, at, "unknown-setting", message, fix)


def _whole(data: Json, shipped: Facts) -> Json:
    """The rows, with what a limit's row may leave out taken from the shipped row."""
    known = {limit.name: limit for limit in shipped.limits}
    limits = [
        {name: getattr(known[row["name"]], name) for name in ABOUT_LIMIT} | row
        for row in data.get("limits", ())
    ]
    return {**data, "limits": limits}
