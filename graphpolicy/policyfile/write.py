"""What is observed, written as a policy file: the inverse of `declare`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, METHODS, Resource
from graphpolicy.catalogue.kinds import Property
from graphpolicy.catalogue.values import same
from graphpolicy.compare.diff import CONFIGURATIONS, home
from graphpolicy.model import POLICY, Directory, Json, Observed, Tenant, Version
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.dump import dump
from graphpolicy.policyfile.language import Language
from graphpolicy.policyfile.pointers import METHODS_AT
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.strict_yaml.quoting import show
from graphpolicy.policyfile.writable import LeftOut, comment, is_text, without_mistakes
from graphpolicy.rules import LEGACY_PASSKEY

HEADER = """\
# yaml-language-server: $schema=policy.schema.json
# What Graph answered for {name}. Delete what is not to be managed.
"""
UNKNOWN = "Not known to this release, and so not in here:"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A policy file, and the settings that the tenant has and the file can't say."""

    text: str
    left_out: tuple[LeftOut, ...]


def policy_yaml(
    tenant: Tenant, observed: Observed, directory: Directory, unknown: Iterable[str] = ()
) -> Pulled:
    """A policy file that declares everything modelled that the tenant returned.

    It validates, and planning it against the same tenant finds nothing. Nulls are left out; so is
    what the language can't say, which a comment at the top lists, as another does what is
    `unknown` to this release.
    """
    writer = Writer(observed, directory)
    policy = writer.properties(AUTHENTICATION_METHODS_POLICY, tenant, observed.documents, (POLICY,))
    methods: dict[str, Json] = {}
    for row in METHODS:
        for key, documents in writer.configurations(row):
            at = (*METHODS_AT, row.id, *([key] if row is EXTERNAL else []))
            data = writer.properties(row, tenant, documents, at)
            if not data:
                continue
            if row is EXTERNAL:
                methods.setdefault(EXTERNAL.id, {})[key] = data
            else:
                methods[row.id] = data
    head: dict[str, Json] = {"name": tenant.name, "id": tenant.id}
    if tenant.cloud != "global":
        head["cloud"] = tenant.cloud
    document, wrong = without_mistakes(
        {"version": 1, "tenant": head, POLICY: {**policy, CONFIGURATIONS: methods}}
    )
    by_title = {one.title: one for one in (*wrong, *writer.left_out)}
    left_out = tuple(by_title[title] for title in sorted(by_title))
    lines = "".join(f"# - {show(item, 200)}\n" for item in unknown)
    comments = comment(left_out) + (f"#\n# {UNKNOWN}\n{lines}" if lines else "")
    text = HEADER.format(name=tenant.name) + comments + dump(document)
    return Pulled(text, left_out)


class Writer(Language):
    """Whole resources in the language's shape."""

    def __init__(self, observed: Observed, directory: Directory) -> None:
        super().__init__(observed, directory)
        self.observed = observed

    def configurations(
        self, row: Resource
    ) -> Iterator[tuple[str, Mapping[Version, Mapping[str, Json]]]]:
        """Each live configuration of a row, by the key that a file gives it.

        Where an answer repeats one, the first counts, as it does in a plan.
        """
        found: dict[str, dict[Version, Mapping[str, Json]]] = {}
        ids: dict[str, str] = {}
        for version, document in self.observed.documents.items():
            for item in document.get(CONFIGURATIONS) or ():
                if _is_of(row, item):
                    id_ = str(item.get("id"))
                    id_ = ids.setdefault(id_.casefold(), id_)
                    first = found.setdefault(id_, {}).setdefault(version, item)
                    if first is not item and _differ(row, first, item):
                        self.repeated(row, id_)
        names = {id_: _display_name(documents) for id_, documents in found.items()}
        taken = Counter([*names.values(), *found])
        for id_, documents in found.items():
            name = names[id_]
            usable = row is EXTERNAL and name and taken[name] == 1 and is_text(name)
            yield (name if usable else id_), documents

    def repeated(self, row: Resource, id_: str) -> None:
        at = (*METHODS_AT, row.id, *([id_] if row is EXTERNAL else []))
        why = "the answer has it twice with different values; the second one is left out"
        fix = "pull again; where it stays so, compare with the portal and tell Microsoft"
        self.left_out.append(LeftOut(at, "method-repeated", why, fix))

    def properties(
        self,
        row: Resource,
        tenant: Tenant,
        documents: Mapping[Version, Mapping[str, Json]],
        at: Pointer,
    ) -> dict[str, Json]:
        """The settings of one resource, each from the version that has it whole."""
        result: dict[str, Json] = {}
        for property_ in row.properties:
            live = documents.get(home(row, property_, tenant.cloud), {})
            if not self.superseded(row, property_, live):
                result |= self.members([property_], live, at)
        return result

    def superseded(self, row: Resource, property_: Property, live: Mapping[str, Json]) -> bool:
        """Of the old and the new passkey settings only one kind is written."""
        if row.id != "Fido2":
            return False
        profiles = bool(live.get("passkeyProfiles"))
        return property_.name in LEGACY_PASSKEY if profiles else property_.name == "passkeyProfiles"


def _differ(row: Resource, one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    return not all(same(p.kind, one.get(p.name), other.get(p.name)) for p in row.properties)


def _is_of(row: Resource, item: Mapping[str, Json]) -> bool:
    if row is EXTERNAL:
        return str(item.get("@odata.type", "")).endswith(row.type)
    return str(item.get("id", "")).casefold() == row.id.casefold()


def _display_name(documents: Mapping[Version, Mapping[str, Json]]) -> str:
    return next(
        (name for item in documents.values() if isinstance(name := item.get("displayName"), str)),
        "",
    )
