"""The structural check: jsonschema's errors as findings with place, reason and fix."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import Finding, Json
from graphpolicy.policyfile.schema import FUTURE_KEYS, schema
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.suggest import closest

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

WORDS = {
    "string": "text",
    "object": "a map",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
}


@cache
def _validator() -> Validator:
    from jsonschema import Draft7Validator

    return Draft7Validator(schema())


def check(document: Document) -> list[Finding]:
    """Everything about a document that the language's schema does not allow."""
    return [
        finding
        for error in _validator().iter_errors(document.data)
        for finding in _findings(error, document)
    ]


def title(pointer: Pointer) -> str:
    """A pointer as a person would say it: the method and Graph's dotted path below it."""
    words = [str(part) for part in pointer if not isinstance(part, int)]
    for skipped in ("authenticationMethodsPolicy", "authenticationMethodConfigurations"):
        if len(words) > 1 and words[0] == skipped:
            words = words[1:]
    return ".".join(words) or "the policy file"


def _findings(error: ValidationError, document: Document) -> Iterator[Finding]:
    pointer: Pointer = tuple(error.absolute_path)
    value: Json = error.instance
    rule_value: Any = error.validator_value
    subschema: Any = error.schema
    if value is None:  # a null, which the reader has already reported
        return
    name = title(pointer)
    rule, message, fix, place = "bad-value", "", "", document.place(pointer)
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(error, document, pointer)
            return
        case "enum":
            rule, message, fix = _not_a_member(name, value, list(rule_value))
        case "type":
            wanted = rule_value
            kinds = [WORDS[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted)]
            rule = "wrong-type"
            message = f"{name} takes {' or '.join(kinds)}, not {_shown(value)}"
            fix = _type_fix(wanted, value)
        case "minimum" | "maximum":
            low, high = subschema["minimum"], subschema["maximum"]
            rule = "out-of-range"
            message = f"{name} is {value}, outside Microsoft's range of {low} to {high}"
            fix = f"write a whole number from {low} to {high}"
        case "pattern":
            rule = "bad-format"
            message, fix = _bad_format(name, value, rule_value, subschema)
        case "minLength":
            message, fix = f"{name} is empty", "write a value, or remove the line"
        case "required":
            missing = next(key for key in rule_value if key not in value)
            rule = "missing-key"
            message = f"{name} lacks '{missing}'"
            fix = "begin the file with 'version: 1'" if missing == "version" else f"add '{missing}'"
        case "uniqueItems":
            rule, message, fix = "duplicate-item", f"{name} lists an item twice", "remove one"
        case _:  # minProperties: an empty map where an entry is due
            message, fix = f"{name} has an empty entry", "write what it refers to, or remove it"
    yield Finding(rule, "error", message, fix, path=name, source=place)


def _unknown_keys(
    error: ValidationError, document: Document, pointer: Pointer
) -> Iterator[Finding]:
    subschema: Any = error.schema
    known: list[str] = list(subschema.get("properties", {}))
    instance: Any = error.instance
    for key in instance:
        if key in known:
            continue
        near = closest(str(key), known)
        if not pointer and key in FUTURE_KEYS:
            rule = "not-yet-supported"
            message = f"'{key}' is part of the policy language but this release does not act on it"
            fix = "remove it; nothing would obey it"
        else:
            rule = "unknown-setting"
            message = f"{title(pointer)} has no setting {key!r}"
            fix = f"did you mean {near!r}?" if near else f"it has {', '.join(known)}"
        yield Finding(
            rule,
            "error",
            message,
            fix,
            path=title((*pointer, key)),
            source=document.key_place((*pointer, key)),
        )


def _not_a_member(name: str, value: Json, members: list[Any]) -> tuple[str, str, str]:
    allowed = ", ".join(str(member) for member in members)
    if name == "version":
        return (
            "unknown-version",
            f"version {_shown(value)} of the policy language is unknown to this release",
            "write 'version: 1', or install a newer graphpolicy",
        )
    near = closest(value, map(str, members)) if isinstance(value, str) else None
    if members in (["all_users"], ["all_users", "none"]):
        return (
            "target-reference",
            f"{name} has {_shown(value)} where a target is due",
            f"write {' or '.join(members)}, or {{group: DISPLAY NAME}}, or {{id: OBJECT ID}}",
        )
    fix = f"did you mean {near!r}?" if near else f"write one of {allowed}"
    return "bad-value", f"{name} is {_shown(value)}, which is none of {allowed}", fix


def _bad_format(name: str, value: Json, pattern: str, subschema: Any) -> tuple[str, str]:
    if pattern == f"^(?:{GUID})$":
        message = f"{name} is {_shown(value)}, which is not an id"
        return message, "write a GUID such as 0d1c2b3a-0000-4000-8000-000000000001"
    message = f"{name} is {_shown(value)}, which has the wrong form"
    return message, f"see: {subschema.get('description', 'the schema')}".partition("\n")[0]


def _type_fix(wanted: str | list[str], value: Json) -> str:
    if wanted == "array" and not isinstance(value, dict):
        return f"write [{value}], in brackets"
    if wanted == "boolean" and isinstance(value, str):
        return "write true or false, without quotes"
    if wanted == "integer" and isinstance(value, str):
        return "write the number without quotes"
    if wanted == "object":
        return "write its settings below it, indented"
    return "see `graphpolicy schema`, or let your editor complete it"


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
