"""What of a tenant's values can stand in a policy file: all that `validate` takes."""

from __future__ import annotations

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Object
from graphpolicy.guards.levels import Levels
from graphpolicy.guards.offline import guarded_declaration
from graphpolicy.model import POLICY, Finding, Json
from graphpolicy.policyfile import structure
from graphpolicy.policyfile.declare import declare
from graphpolicy.policyfile.pointers import METHODS_AT, rows_along
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.rules import Subject, broken_declarations


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: half a character can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def without_mistakes(data: dict[str, Json]) -> tuple[dict[str, Json], list[Pointer]]:
    """The data without each setting that would not validate, and the pointers of those.

    A list goes whole: without one of its entries it would say something else.
    """
    left_out: list[Pointer] = []
    while wrong := dict.fromkeys(map(_setting, _mistakes(data))):
        removed = [pointer for pointer in wrong if _removed(data, pointer)]
        if not removed:
            break
        left_out += removed
    return data, left_out


def _mistakes(data: dict[str, Json]) -> list[Pointer]:
    document = Document("", data, {}, {}, ())
    checked = structure.check(document)
    if checked.wrong:
        return list(checked.wrong)
    resources, findings = declare(document, data)
    for resource in resources:
        findings += broken_declarations(resource)
        findings += guarded_declaration(Subject.declared(resource, None, "global"), Levels())
    return [_pointer(finding) for finding in findings if finding.level == "error"]


def _pointer(finding: Finding) -> Pointer:
    """Where a finding's setting stands in a file."""
    path = tuple(finding.path.split("."))
    if finding.resource == POLICY:
        return (POLICY, *path)
    if finding.resource in RESOURCES:
        return (*METHODS_AT, finding.resource, *path)
    return (*METHODS_AT, "External", finding.resource, *path)


def _setting(pointer: Pointer) -> Pointer:
    """The innermost setting around a pointer that is right or wrong whole."""
    last: Pointer = pointer
    for at, row in rows_along(pointer):
        last = at
        if not isinstance(row.kind, Object) and not getattr(row.kind, "key", ""):
            break
    return last


def _removed(data: dict[str, Json], pointer: Pointer) -> bool:
    """Take out what stands at a pointer, if it is still there."""
    *above, last = pointer
    around: Json = data
    for step in above:
        around = around.get(step) if isinstance(around, dict) else None
    return isinstance(around, dict) and around.pop(last, None) is not None
