"""jsonschema's errors as messages for the author: what is wrong, and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from graphpolicy.catalogue.kinds import Int, Strings, Targets, Text
from graphpolicy.model import EVERYONE, Json
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.pointers import ALTERATIONS, row_at, title
from graphpolicy.policyfile.schema_keys import Schema
from graphpolicy.policyfile.strict_yaml import DAYS, Document, Pointer
from graphpolicy.policyfile.unknown_keys import MapKeys
from graphpolicy.policyfile.wording import (
    MOST_LISTED,
    NO_LIMIT,
    excludes_everyone,
    in_braces,
    meant,
    not_a_target,
    range_of,
    says,
    shown,
)
from graphpolicy.policyfile.wrong_types import wrong_type

if TYPE_CHECKING:
    from jsonschema import ValidationError

FEW = 20
"""How many unknown keys are compared with the missing ones; a map may have thousands."""

UNIQUE_ID = "0d1c2b3a-0000-4000-8000-000000000001"
"""An example of an object id."""

FORM = "form"
"""The key of a schema that says what its pattern describes, and what to write."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `at_key` is whether its place is the key at `pointer` or the value there."""

    pointer: Pointer
    value: Json
    rule: str
    message: str
    fix: str
    at_key: bool = False


def mistakes(error: ValidationError, document: Document, root: Schema) -> Iterator[Mistake]:
    """The mistakes behind one error of jsonschema; `root` is the schema that was checked."""
    pointer: Pointer = tuple(error.absolute_path)
    value: Json = error.instance
    wanted: Any = error.validator_value
    if error.validator in ("additionalProperties", "minProperties") and _no_alteration(
        pointer, value
    ):
        yield Mistake(pointer, value, *wrong_type(pointer, value, "array", error.schema))
        return
    if error.validator == "additionalProperties":
        for key, rule, message, fix in MapKeys.of(error).unknown(document, root):
            yield Mistake((*pointer, key), value[key], rule, message, fix, at_key=True)
        return
    if error.validator == "required":
        first = tuple(map(repr, _missing(error)[:1]))
        if not error.message.startswith(first):
            return  # the first error of this map names all missing keys
    if error.validator in ("minimum", "maximum") and not isinstance(value, int):
        return  # the wrong type is an error of its own
    match error.validator:
        case "enum":
            rule, message, fix = _not_a_member(pointer, value, list(wanted))
        case "type":
            rule, message, fix = wrong_type(pointer, value, wanted, error.schema)
        case "minimum" | "maximum":
            rule, message, fix = _out_of_range(pointer, value, error.schema)
        case "pattern":
            rule, message, fix = _wrong_form(pointer, value, error.schema)
        case "minLength":
            rule, message = "bad-value", f"{title(pointer)} is empty"
            fix = "write a value, or remove the key"
        case "required":
            rule, message, fix = _missing_key(pointer, _missing(error))
        case "uniqueItems":
            rule = "duplicate-item"
            message, fix = f"{title(pointer)} lists {shown(value)} twice", "remove one of the two"
        case "const":  # a key that is written or left out
            rule, message = "bad-value", f"{says(pointer, value)}; it must be true"
            fix = "write true, or remove the line"
        case "minItems":
            rule, message = "bad-value", f"{title(pointer)} is an empty list"
            fix = "list at least one, or remove the line"
            fix += "" if pointer[0] == "expect" else " to leave it unmanaged"
        case _:  # minProperties
            rule, message = "target-reference", f"{title(pointer)} has an empty entry"
            fix = "write {group: DISPLAY NAME} or {id: OBJECT ID}, or remove the entry"
    yield Mistake(pointer, value, rule, message, fix)


def _missing(error: ValidationError) -> list[str]:
    """The keys that a map lacks, except those that one of its unknown keys probably means."""
    wanted: Any = error.validator_value
    keys = MapKeys.of(error)
    strange = islice((key for key in keys.there if key not in keys.known), FEW)
    meant = set(map(keys.meant, strange))
    return [key for key in wanted if key not in keys.there and key not in meant]


def _no_alteration(pointer: Pointer, value: Json) -> bool:
    """Whether a map in place of a list of targets has neither `add` nor `remove`."""
    row = row_at(pointer)
    if not row or not isinstance(row.kind, Targets) or pointer[-1] != row.name:
        return False
    return not any(key in value for key in ALTERATIONS)


def _not_a_member(pointer: Pointer, value: Json, members: list[Any]) -> tuple[str, str, str]:
    name = title(pointer)
    if name == "version":
        message = f"this release does not know version {shown(value)} of the policy language"
        if value in ("1", "1.0", "v1"):
            return "unknown-version", f"version takes a number, not {shown(value)}", "write 1"
        if value is None:
            return "unknown-version", message, "write 'version: 1'"
        return "unknown-version", message, "write 1, or install a newer graphpolicy"
    row = row_at(pointer)
    if members[0] == EVERYONE:
        return "target-reference", *not_a_target(name, value, members)
    item = "each item" if isinstance(pointer[-1], int) else "it"
    if row and isinstance(row.kind, Strings):  # each in one spelling
        members = list(row.kind.members)
    joint = "; " if any("," in str(each) for each in members) else ", "
    some, rest = joint.join(map(str, members[:MOST_LISTED])), len(members) - MOST_LISTED
    allowed = f"one of {some}{f' and {rest} more' * (rest > 0)}" if members[1:] else members[0]
    message = f"{says(pointer, value)}; {item} must be {allowed}"
    return "bad-value", message, meant(value, members)


def _out_of_range(pointer: Pointer, value: Json, subschema: Json) -> tuple[str, str, str]:
    row = row_at(pointer)
    name = title(pointer) + (f" ({row.label})" if row else "")
    limits = Int(subschema.get("minimum", Int().minimum), subschema.get("maximum", NO_LIMIT))
    kind = row.kind if row and isinstance(row.kind, Int) else limits
    if kind.maximum == NO_LIMIT and value < kind.minimum:
        message = f"{name} is {value}, below {kind.minimum}"
    else:
        unit = f" {kind.unit}" if kind.unit else ""
        whose = "the" if pointer[0] == "rollouts" else "Microsoft's"
        message = (
            f"{name} is {str(value)[:60]}{unit}, outside {whose} range of {kind.minimum} "
            f"to {kind.maximum}"
        )
    return "out-of-range", message, f"write a whole number {range_of(kind)}"


def _wrong_form(pointer: Pointer, value: str, subschema: Any) -> tuple[str, str, str]:
    row, said = row_at(pointer), says(pointer, value)
    if FORM in subschema:
        what, fix = subschema[FORM]
        return "bad-format", f"{said}, which is not {what}", fix
    if pointer == ("tenant", "name"):
        fix = "use at most 63 letters, digits, '.', '-' and '_', and start with a letter or digit"
        return "bad-format", f"{said}, which is not a valid short name", fix
    if pointer[-1] in DAYS:
        day = "last" if pointer[-1] == "expires" else "first"
        return "bad-format", f"{said}, which is not a date", f"write the {day} day as YYYY-MM-DD"
    if pointer[-1] in ("user", "person"):
        fix = "write the account's sign-in name, as in bg-01@contoso.com, or its object id"
        return "bad-format", f"{said}, which is not a user principal name", fix
    if row and isinstance(row.kind, Text | Strings) and (hint := row.kind.hint):
        example = f", such as {UNIQUE_ID}" if "GUID" in hint else ""
        fix = (example and _as_guid(value)) or f"write {hint}{example}"
        return "bad-format", f"{said}, which is not {hint}", fix
    if pointer == ("tenant", "id"):
        fix = "write the tenant's directory id, a GUID; the Entra admin center shows it on Overview"
        return "bad-format", f"{said}, which is not a tenant id", _as_guid(value) or fix
    if value == EVERYONE:
        return "target-reference", *excludes_everyone(title(pointer[:-2]))
    fix = "write the object id, a GUID"
    if pointer[:1] != ("emergencyAccess",) and pointer[-1] == "id" and value:
        fix += f", or {{group: {in_braces(value)}}} for the group with that name"
    return "bad-format", f"{said}, which is not an object id", _as_guid(value) or fix


def _as_guid(value: str) -> str:
    """What to write if the value is a GUID in another form, else nothing."""
    digits = re.sub(r"[{}()\s-]|urn:uuid:", "", value)
    if not re.fullmatch(r"[0-9a-fA-F]{32}", digits):
        return ""
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"write {'-'.join(parts)}"


def _missing_key(pointer: Pointer, missing: list[str]) -> tuple[str, str, str]:
    if missing == ["version"]:
        return "missing-key", "the file has no version", "start it with 'version: 1'"
    name = f"an entry of {title(pointer)}" if isinstance(pointer[-1], int) else title(pointer)
    *others, last = [f"'{key}'" for key in missing]
    listed = f"{', '.join(others)} and {last}" if others else last
    fix = "add it" if len(missing) == 1 else "add them"
    if pointer == ("tenant",):
        fix = "add the tenant's directory id, a GUID: id: TENANT ID"
    return "missing-key", f"{name} lacks {listed}", fix
