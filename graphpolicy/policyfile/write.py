"""What is observed, written as a policy file: the inverse of `declare`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import yaml

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, METHODS, Resource
from graphpolicy.catalogue.kinds import (
    Collection,
    Enum,
    Flags,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Target,
    Targets,
)
from graphpolicy.catalogue.values import canonical, split_flags
from graphpolicy.diff import CONFIGURATIONS, home
from graphpolicy.model import EVERYONE, NOBODY, Directory, Json, Observed, Tenant, Version
from graphpolicy.policyfile import strict_yaml
from graphpolicy.rules import LEGACY_PASSKEY

HEADER = """\
# yaml-language-server: $schema=policy.schema.json
# What Graph answered for {name}. Delete what is not to be managed.
"""


def policy_yaml(tenant: Tenant, observed: Observed, directory: Directory) -> str:
    """A policy file that declares everything modelled that the tenant returned.

    It validates, and planning it against the same tenant finds nothing. Nulls are left out, and so
    is a value that the catalogue does not know.
    """
    writer = _Writer(observed, directory)
    policy = writer.properties(AUTHENTICATION_METHODS_POLICY, tenant, observed.documents)
    methods: dict[str, Json] = {}
    for row in METHODS:
        for key, documents in writer.configurations(row):
            data = writer.properties(row, tenant, documents)
            if not data:
                continue
            if row is EXTERNAL:
                methods.setdefault(EXTERNAL.id, {})[key] = data
            else:
                methods[row.id] = data
    head: dict[str, Json] = {"name": tenant.name, "id": tenant.id}
    if tenant.cloud != "global":
        head["cloud"] = tenant.cloud
    document = {
        "version": 1,
        "tenant": head,
        "authenticationMethodsPolicy": {**policy, CONFIGURATIONS: methods},
    }
    return HEADER.format(name=tenant.name) + dump(document)


class _Writer:
    """Graph's shape to the language's, with the names that the tenant gives."""

    def __init__(self, observed: Observed, directory: Directory) -> None:
        self.observed = observed
        self.directory = directory
        self.profiles: dict[str, str] = {}
        for document in observed.documents.values():
            for item in document[CONFIGURATIONS]:
                for profile in item.get("passkeyProfiles") or ():
                    self.profiles[profile["id"].casefold()] = profile["name"]

    def configurations(
        self, row: Resource
    ) -> Iterable[tuple[str, Mapping[Version, Mapping[str, Json]]]]:
        """Each live configuration of a row, by the key that a file gives it."""
        found: dict[str, dict[Version, Mapping[str, Json]]] = {}
        for version, document in self.observed.documents.items():
            for item in document[CONFIGURATIONS]:
                type_ = str(item.get("@odata.type", "")).removeprefix("#microsoft.graph.")
                if type_ == row.type or str(item.get("id", "")).casefold() == row.id.casefold():
                    found.setdefault(str(item["id"]), {})[version] = item
        names = [
            str(next(iter(documents.values())).get("displayName", ""))
            for documents in found.values()
        ]
        for (id_, documents), name in zip(found.items(), names, strict=True):
            yield (name if name and names.count(name) == 1 else id_), documents

    def properties(
        self, row: Resource, tenant: Tenant, documents: Mapping[Version, Mapping[str, Json]]
    ) -> dict[str, Json]:
        result: dict[str, Json] = {}
        for property_ in row.properties:
            live = documents.get(home(row, property_, tenant.cloud), {})
            if live.get(property_.name) is not None and not self.left_out(row, property_, live):
                value = self.value(property_.kind, live[property_.name])
                if value is not None:
                    result[property_.name] = value
        return result

    def left_out(self, row: Resource, property_: Property, live: Mapping[str, Json]) -> bool:
        """Of the old and the new passkey settings only one kind is written."""
        if row.id != "Fido2":
            return False
        profiles = bool(live.get("passkeyProfiles"))
        return property_.name in LEGACY_PASSKEY if profiles else property_.name == "passkeyProfiles"

    def value(self, kind: Kind, value: Json) -> Json:
        """One value in the language's shape; None for what can't be written."""
        match kind:
            case Object(members=members):
                return self.members(members, value) or None
            case Enum(members=names):
                spelled = canonical(kind, value)
                return spelled if spelled in names else None
            case Flags(members=names):
                parts = split_flags(value)
                return [name for name in names if name in parts] or None
            case ProfileRef():
                return self.profile(value)
            case ProfileRefs():
                return [self.profile(item) for item in value]
            case Target(nobody=nobody):
                return "none" if nobody and value.get("id") == NOBODY else self.target((), value)
            case Targets(members=members):
                return [self.target(members, entry) for entry in value]
            case Collection(members=members, key=key):
                if not key:
                    return [self.members(members, entry) for entry in value]
                return {
                    entry[key]: {
                        name: member
                        for name, member in self.members(members, entry).items()
                        if name != key
                    }
                    for entry in value
                }
            case _:
                return value

    def members(self, rows: Iterable[Property], entry: Mapping[str, Json]) -> dict[str, Json]:
        result: dict[str, Json] = {}
        for row in rows:
            if entry.get(row.name) is not None:
                value = self.value(row.kind, entry[row.name])
                if value is not None:
                    result[row.name] = value
        return result

    def target(self, rows: Iterable[Property], entry: Mapping[str, Json]) -> Json:
        id_, type_ = entry.get("id", ""), entry.get("targetType", "group")
        said = [row for row in rows if row.absent is None or entry.get(row.name) != row.absent]
        properties = self.members(said, entry)
        if id_ == EVERYONE:
            return _OneLine({"group": EVERYONE, **properties}) if properties else EVERYONE
        name = self.directory.names.get(id_.casefold()) if type_ == "group" else None
        if name:
            reference = {"group": name, "id": id_}
        elif type_ in ("role", "administrativeUnit"):
            reference = {type_: id_}
        else:
            reference = {"id": id_} if type_ == "group" else {"id": id_, "targetType": type_}
        return _OneLine({**reference, **properties})

    def profile(self, id_: str) -> str:
        return self.profiles.get(id_.casefold(), id_)


class _OneLine(dict[str, Json]):
    """A map that is written in braces: a target."""


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some reader of YAML could take for something else."""

    def ignore_aliases(self, _data: Json) -> bool:
        return True


PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@/-]*(?: [A-Za-z0-9_.@/-]+)*")


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = PLAIN.fullmatch(text) is not None and _plain_is_text(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


def _plain_is_text(text: str) -> bool:
    """Whether our own strict reader takes the bare word for just this text."""
    document = strict_yaml.parse(f"k: {text}\n".encode(), "-")
    return not document.findings and document.data == {"k": text}


def _represent_list(dumper: yaml.SafeDumper, items: list[Json]) -> yaml.SequenceNode:
    words = all(isinstance(item, str) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=words)


def _represent_one_line(dumper: yaml.SafeDumper, entry: _OneLine) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", entry, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(_OneLine, _represent_one_line)


def dump(document: Json) -> str:
    """YAML in block style, short lists of words in brackets, keys in the given order."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )
    return text
