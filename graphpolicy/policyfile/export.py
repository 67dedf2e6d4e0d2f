"""Writes what a tenant has as a policy file: the inverse of `declare`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue import RESOURCES, Resource
from graphpolicy.catalogue.kinds import Object
from graphpolicy.catalogue.values import as_map, same
from graphpolicy.compare.documents import is_of, kind_of, known_as
from graphpolicy.guards import guarded_declaration
from graphpolicy.guards.levels import Levels
from graphpolicy.model import (
    CONFIGURATIONS,
    POLICY,
    Directory,
    Finding,
    Json,
    Observed,
    Tenant,
    Version,
)
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile import schema_check
from graphpolicy.policyfile.declarations import declare
from graphpolicy.policyfile.dump import dump
from graphpolicy.policyfile.language import Language, LeftOut, is_text
from graphpolicy.policyfile.merge import merge
from graphpolicy.policyfile.pointers import pointer_of, rows_along, subject
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.strict_yaml.text import show
from graphpolicy.policyfile.wording import shown
from graphpolicy.rules import broken_declarations
from graphpolicy.rules.passkeys import LEGACY_PASSKEY, PROFILES
from graphpolicy.rules.subject import Subject

HEADER = """\
# yaml-language-server: $schema=policy.schema.json
# The policy that Graph returned for {name}. Delete what you do not want to manage.
"""
LEFT_OUT = "Left out, because a file can't express the tenant's value or validate would refuse it:"
UNKNOWN = "Left out, because this release does not know it:"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A policy file, and the tenant's settings that it can't express."""

    text: str
    left_out: tuple[LeftOut, ...]


def policy_yaml(
    tenant: Tenant, observed: Observed, directory: Directory, unknown: Iterable[str] = ()
) -> Pulled:
    """A policy file that declares everything modelled that the tenant returned.

    It validates, and a plan of it against the same tenant has no changes. Nulls are left out.
    Comments at the top list what the language can't express and what is `unknown` to this release.
    """
    writer = PolicyWriter(observed, directory)
    resources: dict[str, Json] = {POLICY: {}}
    for row in RESOURCES.values():
        for key, documents in writer.resources(row):
            at = (*row.keys, key) if row.several else row.keys
            if data := writer.properties(row, tenant, documents, at):
                _put(resources, at, data)
    resources[POLICY].setdefault(CONFIGURATIONS, {})
    head: dict[str, Json] = {"name": tenant.name, "id": tenant.id}
    if tenant.cloud != "global":
        head["cloud"] = tenant.cloud
    document, wrong = without_mistakes({"version": 1, "tenant": head, **resources})
    by_title = {one.title: one for one in (*wrong, *writer.left_out)}
    left_out = tuple(by_title[title] for title in sorted(by_title))
    lines = "".join(f"# - {show(item, 200)}\n" for item in unknown)
    comments = comment(left_out) + (f"#\n# {UNKNOWN}\n{lines}" if lines else "")
    text = HEADER.format(name=tenant.name) + comments + dump(document)
    return Pulled(text, left_out)


def _put(data: dict[str, Json], at: Pointer, value: Mapping[str, Json]) -> None:
    for step in at[:-1]:
        data = data.setdefault(str(step), {})
    data[str(at[-1])] = {**data.get(str(at[-1]), {}), **value}


class PolicyWriter(Language):
    """Whole resources in the language's shape."""

    def resources(
        self, row: Resource
    ) -> Iterator[tuple[str, Mapping[Version, Mapping[str, Json]]]]:
        """Each live resource of a row, by the key that a file gives it; no built-in ones.

        If an answer repeats one, the first counts, as in a plan.
        """
        found: dict[str, dict[Version, Mapping[str, Json]]] = {}
        ids: dict[str, str] = {}
        for version, item in self.observed.items(row.root):
            if is_of(row, item) and item.get(row.builtin[0]) != row.builtin[1]:
                id_ = row.id if row.single else str(item.get("id"))
                id_ = ids.setdefault(id_.casefold(), id_)
                first = found.setdefault(id_, {}).setdefault(version, item)
                if first is not item and any(
                    not same(p.kind, first.get(p.name), item.get(p.name)) for p in row.properties
                ):
                    self.repeated(row, id_)
        names = {id_: _display_name(documents) for id_, documents in found.items()}
        taken = Counter([*names.values(), *found])
        for id_, documents in found.items():
            name = names[id_]
            usable = row.several and name and taken[name] == 1 and is_text(name)
            if row.by_name and not usable:
                self.nameless(row, id_, name)
                continue
            shown = {version: as_map(row, item) for version, item in documents.items()}
            yield (name if usable else id_), shown

    def repeated(self, row: Resource, id_: str) -> None:
        at = (*row.keys, id_) if row.several else row.keys
        why = "the answer has it twice with different values; the second one is left out"
        fix = "pull again; if this persists, compare with the portal and report it to Microsoft"
        self.left_out.append(LeftOut(at, "method-repeated", why, fix))

    def nameless(self, row: Resource, id_: str, name: str) -> None:
        """Leave out a resource that a file can't find by its name."""
        why = f"several have the name {shown(name)}, or it is not text that a file can store"
        fix = "give it a unique name in the portal, and pull again"
        self.left_out.append(LeftOut((*row.keys, id_), row.ambiguous, why, fix))

    def properties(
        self,
        row: Resource,
        tenant: Tenant,
        documents: Mapping[Version, Mapping[str, Json]],
        at: Pointer,
    ) -> dict[str, Json]:
        """The settings of one resource, each from the version of Graph that has all of it."""
        result: dict[str, Json] = {}
        for property_ in row.properties:
            live = documents.get(row.home(property_, tenant.cloud), {})
            # Profiles replace the older settings.
            unused = LEGACY_PASSKEY if live.get(PROFILES) else (PROFILES,)
            if row.id != "Fido2" or property_.name not in unused:
                result |= self.members([property_], live, at)
        return result


def _display_name(documents: Mapping[Version, Mapping[str, Json]]) -> str:
    return next(
        (name for item in documents.values() if isinstance(name := item.get("displayName"), str)),
        "",
    )


def comment(left_out: Iterable[LeftOut]) -> str:
    """A comment for the top of a file that lists what is left out."""
    lines = "".join(
        f"# - {show(one.title, 200)}\n#   {one.rule}: {show(one.why, 400)}\n"
        f"#   help: {show(one.fix, 2000)}\n"
        for one in left_out
    )
    return f"#\n# {LEFT_OUT}\n{lines}" if lines else ""


NOTHING = Finding(
    "yaml-null",
    "error",
    "the tenant has null where a value is required",
    "set it in the portal, and pull again",
)
"""For null, about which the YAML reader has a finding and the schema check has none."""


def without_mistakes(data: dict[str, Json]) -> tuple[dict[str, Json], list[LeftOut]]:
    """The data without the settings that would not validate, and what those are.

    A list is removed whole: without one of its entries it would mean something else.
    """
    left_out: list[LeftOut] = []
    while wrong := _mistakes(data):
        removed = [one for one in wrong if _removed(data, one.at)]
        if not removed:
            break
        left_out += removed
    return data, left_out


def _mistakes(data: dict[str, Json]) -> list[LeftOut]:
    """The settings that would not validate, each with its first mistake."""
    document = Document("", data, {}, {}, ())
    checked = schema_check.check(document)
    found: dict[Pointer, LeftOut] = {}
    for pointer in checked.wrong:
        about = subject(pointer)
        said = (one for one in checked.findings if (one.resource, one.path) == about)
        at = _setting(pointer)
        told = next(said, NOTHING)
        found.setdefault(at, LeftOut(at, told.rule, told.message, told.help))
    if found:
        return list(found.values())
    resources, findings = declare(document, data)
    for resource in merge([resources]).resources:
        findings += broken_declarations(resource)
        findings += guarded_declaration(Subject.declared(resource, None, "global"), Levels())
    for told in findings:
        if told.level == "error":
            at = _setting(_pointer(told))
            found.setdefault(at, LeftOut(at, told.rule, told.message, told.help))
    return list(found.values())


def _pointer(finding: Finding) -> Pointer:
    """The pointer to a finding's setting in a file."""
    path = tuple(finding.path.split("."))
    kind = kind_of(finding.resource)
    return (*pointer_of(known_as(kind.id, finding.resource)), *path)


def _setting(pointer: Pointer) -> Pointer:
    """The innermost setting around a pointer that can be removed by itself."""
    last: Pointer = pointer
    for at, row in rows_along(pointer):
        last = at
        if not isinstance(row.kind, Object) and not getattr(row.kind, "key", ""):
            break
    return last


def _removed(data: dict[str, Json], pointer: Pointer) -> bool:
    """Remove what is at a pointer; False if it is no longer there."""
    *above, last = pointer
    around: Json = data
    for step in above:
        around = around.get(step) if isinstance(around, dict) else None
    return isinstance(around, dict) and around.pop(last, None) is not None
