"""What of a tenant's values can stand in a policy file: all that `validate` takes."""

from __future__ import annotations

from collections.abc import Iterable

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Object
from graphpolicy.guards.levels import Levels
from graphpolicy.guards.offline import guarded_declaration
from graphpolicy.model import POLICY, Finding, Json
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile import schema_check
from graphpolicy.policyfile.declarations import declare
from graphpolicy.policyfile.pointers import METHODS_AT, rows_along, subject, title
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.strict_yaml.quoting import show
from graphpolicy.rules import Subject, broken_declarations

LEFT_OUT = "Left out, for a file can't say what the tenant has there, or validate would refuse it:"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A live value that is not in a pulled file: the rule that it would break, why, the way out."""

    at: Pointer
    rule: str
    why: str
    fix: str

    @property
    def title(self) -> str:
        return title(self.at)


NOTHING = Finding(
    "yaml-null",
    "error",
    "the tenant has nothing (null) where something is due",
    "set it in the portal, and pull again",
)
"""What the check of a file leaves to the reader of YAML to tell."""


def comment(left_out: Iterable[LeftOut]) -> str:
    """What is left out, for the top of a file."""
    lines = "".join(
        f"# - {show(one.title, 200)}\n#   {one.rule}: {show(one.why, 400)}\n"
        f"#   help: {show(one.fix, 2000)}\n"
        for one in left_out
    )
    return f"#\n# {LEFT_OUT}\n{lines}" if lines else ""


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: half a character can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def without_mistakes(data: dict[str, Json]) -> tuple[dict[str, Json], list[LeftOut]]:
    """The data without each setting that would not validate, and what those are.

    A list goes whole: without one of its entries it would say something else.
    """
    left_out: list[LeftOut] = []
    while wrong := _mistakes(data):
        removed = [one for one in wrong if _removed(data, one.at)]
        if not removed:
            break
        left_out += removed
    return data, left_out


def _mistakes(data: dict[str, Json]) -> list[LeftOut]:
    """The settings that would not validate, each with the first mistake that is in it."""
    document = Document("", data, {}, {}, ())
    checked = schema_check.check(document)
    found: dict[Pointer, LeftOut] = {}
    for pointer in checked.wrong:
        about = subject(pointer)
        said = (one for one in checked.findings if (one.resource, one.path) == about)
        at = _setting(pointer)
        found.setdefault(at, _left_out(at, next(said, NOTHING)))
    if found:
        return list(found.values())
    resources, findings = declare(document, data)
    for resource in resources:
        findings += broken_declarations(resource)
        findings += guarded_declaration(Subject.declared(resource, None, "global"), Levels())
    for told in findings:
        if told.level == "error":
            at = _setting(_pointer(told))
            found.setdefault(at, _left_out(at, told))
    return list(found.values())


def _left_out(at: Pointer, told: Finding) -> LeftOut:
    return LeftOut(at, told.rule, told.message, told.help)


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
