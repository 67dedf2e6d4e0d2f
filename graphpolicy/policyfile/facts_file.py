"""A user's own facts (`--facts FILE`): rows in YAML or JSON that take the place of shipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from graphpolicy.catalogue import RESOURCES, Resource
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.settings import settings
from graphpolicy.model import Finding, Json, Place
from graphpolicy.model.did_you_mean import closest
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.files import leading_out, read_bytes
from graphpolicy.policyfile.strict_yaml import Document, Pointer, parse
from graphpolicy.policyfile.wording import shown

if TYPE_CHECKING:
    from jsonschema import ValidationError

MANAGED = "managed_values"
TABLES = (MANAGED, "limits", "retirements", "gaps")
DATE = r"^20\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$"
TEXT = {"type": "string", "minLength": 1}
DATED: Mapping[str, Json] = {
    "status": {"enum": ["announced", "rolling", "complete", "withdrawn"]},
    "as_of": {"type": "string", "pattern": DATE},
    "source": {"type": "string", "pattern": r"^https://\S+$"},
    "since": {"type": "string", "pattern": DATE},
    "cloud": {"enum": ["global", "usgov", "usgov-dod", "china"]},
}
OPTIONAL = frozenset({"since", "cloud", "setting"})
ABOUT_LIMIT = {"resource": TEXT, "setting": TEXT, "about": TEXT, "unit": TEXT}
MOST = 8
"""Names that a way out lists at most."""


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
    "type": "object",
    "properties": {
        "as_of": {"type": "string", "pattern": DATE},
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
"""The columns of `facts.json`; what a limit's row leaves out is as in the shipped row."""

WAYS_OUT = {
    DATE: ("a date", "write the year and the month, with the day or without, as in 2026-11"),
    DATED["source"]["pattern"]: ("a page", "write the https address of the page that says so"),
}


@dataclass(frozen=True, slots=True)
class FactsFile:
    """What a file of facts holds: the facts if all of it is right, else what is wrong with it."""

    facts: Facts | None
    findings: tuple[Finding, ...]


def read_facts(file: str, shipped: Facts) -> FactsFile:
    """The shipped facts with a user's rows laid over them."""
    raw = leading_out(file) or read_bytes(file)
    if isinstance(raw, Finding):
        return FactsFile(None, (raw,))
    document = parse(raw, file)
    if document.data is None:
        return FactsFile(None, document.findings)
    if not isinstance(document.data, dict) or not {"as_of", *TABLES} & document.data.keys():
        return FactsFile(None, (_no_facts(file),))
    told = {finding.source for finding in document.findings}
    own = [finding for finding in _mistakes(document, shipped) if finding.source not in told]
    if document.findings or own:
        every = dict.fromkeys((*document.findings, *own))
        return FactsFile(None, tuple(sorted(every, key=_where)))
    return FactsFile(shipped.overridden(Facts.of(_whole(document.data, shipped))), ())


def _no_facts(file: str) -> Finding:
    """Of a file that is something else, nothing is quoted."""
    tables = ", ".join(TABLES)
    message = f"this is no file of facts: it has none of as_of, {tables}"
    fix = "name a file of facts, or give it one of these keys"
    return Finding("wrong-type", "error", message, fix, source=Place(file, 1, 1))


def _mistakes(document: Document, shipped: Facts) -> Iterator[Finding]:
    from jsonschema import Draft7Validator

    errors = list(Draft7Validator(SCHEMA).iter_errors(document.data))
    for error in errors:
        yield from _mistake(document, error)
    wrong = {tuple(error.absolute_path)[:2] for error in errors}
    for table in TABLES:
        rows = document.data.get(table, ()) if isinstance(document.data, dict) else ()
        seen: set[tuple[Json, ...]] = set()
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            at: Pointer = (table, index)
            if at in wrong or (table,) in wrong:
                continue
            yield from _names(document, at, row, shipped)
            about = tuple(
                row.get(name) for name in ("resource", "setting", "name", "version", "cloud")
            )
            if (*about, row["status"]) in seen:
                message = f"a row of {table} is about the same thing, as far along, as one before"
                yield _finding(document, at, "duplicate-entry", message, "keep one of the two")
            seen.add((*about, row["status"]))


def _mistake(document: Document, error: ValidationError) -> Iterator[Finding]:
    pointer: Pointer = tuple(error.absolute_path)
    value: Json = error.instance
    said = f"{_name(pointer)} is {shown(value)}"
    wanted: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])  # type: ignore[index]
            for key in (key for key in value if key not in known):
                near = closest(key, known)
                fix = f"did you mean '{near}'?" if near else f"write one of {', '.join(known)}"
                message = f"{_name(pointer)} has no {shown(key)}"
                yield _finding(document, (*pointer, key), "unknown-setting", message, fix, key=True)
        case "required":
            missing = ", ".join(name for name in wanted if name not in value)
            message = f"a row of {pointer[0]} lacks {missing}"
            yield _finding(document, pointer, "missing-key", message, "add what is missing")
        case "enum":
            message = f"{said}, which is none of {', '.join(wanted)}"
            near = closest(str(value), wanted)
            fix = f"write {near}" if near else f"write one of {', '.join(wanted)}"
            yield _finding(document, pointer, "bad-value", message, fix)
        case "pattern":
            what, fix = WAYS_OUT[wanted]
            yield _finding(document, pointer, "bad-format", f"{said}, which is not {what}", fix)
        case "minimum" | "minLength":
            yield _finding(document, pointer, "bad-value", said, "write what Microsoft's page says")
        case _:  # type
            kinds = {"object": "a map", "array": "a list", "string": "text", "integer": "a number"}
            message = f"{_name(pointer)} takes {kinds[wanted]}, not {shown(value)}"
            yield _finding(document, pointer, "wrong-type", message, f"write {kinds[wanted]}")


def _names(document: Document, at: Pointer, row: Json, shipped: Facts) -> Iterator[Finding]:
    """A row must be about something that there is."""
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
        listed = f"write one of {', '.join(names[:MOST])}" if names else "take the row out"
        what = (
            "which Microsoft does not manage"
            if (table, column) == (MANAGED, "setting")
            else "which there is not"
        )
        message = f"{_name(at)} is {shown(value)}, {what}"
        fix = f"did you mean '{near}'?" if near else listed
        yield _finding(document, at, "unknown-setting", message, fix)


def _whole(data: Json, shipped: Facts) -> Json:
    """The rows with the columns that a user need not repeat."""
    known = {limit.name: limit for limit in shipped.limits}
    limits = [
        {name: getattr(known[row["name"]], name) for name in ABOUT_LIMIT} | row
        for row in data.get("limits", ())
    ]
    return {**data, "limits": limits}


def _finding(
    document: Document, at: Pointer, rule: str, message: str, fix: str, *, key: bool = False
) -> Finding:
    place = document.key_place(at) if key else document.place(at)
    return Finding(rule, "error", message, fix, source=place)


def _where(finding: Finding) -> tuple[int, int]:
    return (finding.source.line, finding.source.column) if finding.source else (0, 0)


def _name(pointer: Pointer) -> str:
    return ".".join(str(step) for step in pointer if isinstance(step, str)) or "the file of facts"
