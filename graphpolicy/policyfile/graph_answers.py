"""Graph's own answers as people save them: how to recognise and combine them.

`az rest`, Graph Explorer and EntraExporter save a whole policy, a list of methods or of strengths,
or one of them as JSON. PowerShell's `>` writes it in UTF-16.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import get_args

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, METHODS, RESOURCES
from graphpolicy.catalogue.shared import GUID
from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH, STRENGTHS
from graphpolicy.compare.conformance import filled, misshapen, misshapen_items
from graphpolicy.journal.snapshot import from_json
from graphpolicy.model import CONFIGURATIONS, POLICY, Cloud, Json, Observed, Tenant, Version
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.schema_keys import TENANT_NAME
from graphpolicy.policyfile.wording import shown

EXPECTED = (
    "give the JSON answer of GET /beta/policies/authenticationMethodsPolicy, some of its "
    f"{CONFIGURATIONS}, that of GET {AUTHENTICATION_STRENGTH.url}, or a file of "
    "`graphpolicy pull --snapshot FILE`"
)
VERSIONS: tuple[Version, ...] = ("v1.0", "beta")
TYPE = "AuthenticationMethodConfiguration"
CLOUD_NAMES = get_args(Cloud)
IDS = frozenset(row.id.casefold() for row in METHODS if row is not EXTERNAL)
ROOT = frozenset(row.name for row in AUTHENTICATION_METHODS_POLICY.properties)
ODD_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SavedTenant:
    """What was saved of a tenant, with its id and the names of its groups if they were saved too.

    If one version of Graph was not saved, it gets the values of the other.
    """

    observed: Observed
    tenant: Tenant | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()
    """Files of a folder that are not about the policy."""

    @property
    def lacks(self) -> str:
        """What was not saved of the policy, its own settings or its methods, for a message."""
        document = self.observed.documents["beta"]
        if not document[CONFIGURATIONS]:
            return f"{CONFIGURATIONS}: no method is in it"
        return "" if document.keys() & ROOT else "the policy's own settings beside its methods"


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """A policy with its methods, one method, or one of a list of its own (`listed`, a kind's id);
    its version if the answer has one.

    EntraExporter saves each method in its own file, and the policy without them.
    """

    data: Mapping[str, Json]
    version: Version | None
    listed: str = ""

    @property
    def is_policy(self) -> bool:
        return isinstance(self.data.get(CONFIGURATIONS), list)

    @property
    def methods(self) -> list[Mapping[str, Json]]:
        return list(self.data[CONFIGURATIONS]) if self.is_policy else [self.data]


def is_raw(data: Json) -> bool:
    """Whether this is a whole or partial answer of Graph about the policy, not a policy file."""
    if isinstance(data, dict) and "version" in data:
        return False
    if isinstance(data, dict) and "documents" in data:
        return "format_version" in data
    try:
        return any(parts(data))
    except ValueError:
        return False


def put_together(answers: Iterable[Json]) -> SavedTenant:
    """Combine several answers of one tenant. Where two have the same part, the first counts.

    Raises:
        ValueError: one of them is something else, or they are from several tenants.
    """
    found: list[SavedAnswer] = []
    lists: dict[str, dict[str, Mapping[str, Json]]] = {}
    tenants: dict[str, Tenant] = {}
    names: dict[str, str] = {}
    for data in answers:
        if isinstance(data, dict) and "documents" in data:
            snapshot = from_json(data)
            _check_tenant(snapshot.tenant)
            tenants.setdefault(str(snapshot.tenant.id).lower(), snapshot.tenant)
            names |= snapshot.names
            for version, document in snapshot.observed.documents.items():
                found += [SavedAnswer(part.data, version) for part in parts(document)]
            for kind, items in snapshot.observed.lists.items():
                found += [SavedAnswer(item, None, kind) for item in items]
        else:
            found += parts(data)
    for part in found:
        if part.listed:
            lists.setdefault(part.listed, {}).setdefault(str(part.data.get("id")), part.data)
    if not found:
        raise ValueError("it contains nothing of the policy")
    if len(tenants) > 1:
        raise ValueError(f"they are from several tenants: {', '.join(tenants)}")
    of_policy = [part for part in found if not part.listed]
    documents = {version: _document(of_policy, version) for version in VERSIONS}
    listed = {kind: tuple(map(filled, items.values())) for kind, items in lists.items()}
    told = [misshapen(document) for document in documents.values()]
    told += [misshapen_items(RESOURCES[kind], items) for kind, items in listed.items()]
    for each in told:
        if odd := list(each):
            more = f"; and {len(odd) - ODD_SHOWN} more" if len(odd) > ODD_SHOWN else ""
            raise ValueError(
                f"its shape is not what Graph documents: {'; '.join(odd[:ODD_SHOWN])}{more} "
                "(PowerShell's ConvertTo-Json needs -Depth 20)"
            )
    return SavedTenant(Observed(documents, listed), next(iter(tenants.values()), None), names)


def parts(data: Json, version: Version | None = None) -> Iterator[SavedAnswer]:
    """The policies and methods in an answer.

    Raises:
        ValueError: it contains something else.
    """
    if isinstance(data, list):
        for item in data:
            yield from parts(item, version)
        return
    if not isinstance(data, dict):
        raise ValueError(f"it contains {shown(data)}, which is neither a policy nor a method")
    version = _version(data) or version
    if any(str(key).endswith("@odata.nextLink") for key in data):
        raise ValueError("it is one page of several (@odata.nextLink), not the whole answer")
    if isinstance(data.get(CONFIGURATIONS), list | dict) or _is_root(data):
        # PowerShell turns a list of one item into that item.
        items = [part.data for part in parts(data.get(CONFIGURATIONS) or [], version)]
        yield SavedAnswer({**data, CONFIGURATIONS: items}, version)
    elif _is_method(data):
        yield SavedAnswer(_typed(data), version)
    elif isinstance(data.get("allowedCombinations"), list):
        yield SavedAnswer(data, version, STRENGTHS)
    elif isinstance(data.get("value"), list | dict):
        yield from parts(data["value"], version)
    elif isinstance(data.get("error"), dict):
        raise ValueError(f"it is an error of Graph: {shown(data['error'].get('code'))}")
    elif "AuthenticationMethodConfigurations" in data:
        raise ValueError(
            "it contains objects of the PowerShell module instead of Graph's answer: save the "
            "output of Invoke-MgGraphRequest -OutputType Json"
        )
    else:
        raise ValueError(f"it has no {CONFIGURATIONS} and is not a method")


def _check_tenant(tenant: Tenant) -> None:
    fits = ((tenant.id, GUID), (tenant.name, TENANT_NAME), (tenant.cloud, "|".join(CLOUD_NAMES)))
    if not all(isinstance(said, str) and re.fullmatch(form, said) for said, form in fits):
        raise ValueError("it is a snapshot whose tenant has no valid id, name and cloud")


def _document(found: Iterable[SavedAnswer], version: Version) -> dict[str, Json]:
    """The document of one version, completed with what only the other version has."""
    other = "beta" if version == "v1.0" else "v1.0"
    own = [part for part in found if part.version != other]
    rest = [part for part in found if part.version == other]
    root: dict[str, Json] = {"id": POLICY}
    for part in (*own, *rest):
        if part.is_policy:
            root = {**part.data, **root}
    items = [item for part in own for item in part.methods]
    there = {str(item.get("id")).casefold() for item in items}
    items += [
        item
        for part in rest
        for item in part.methods
        if str(item.get("id")).casefold() not in there
    ]
    document: dict[str, Json] = filled({**root, CONFIGURATIONS: items})
    return document


def _version(data: Mapping[str, Json]) -> Version | None:
    context = str(data.get("@odata.context", ""))
    return next((version for version in VERSIONS if f"/{version}/" in context), None)


def _is_root(data: Mapping[str, Json]) -> bool:
    """Whether this is the policy itself, even if only part of it was saved."""
    said = str(data.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    names = (said.casefold(), str(data.get("id", "")).casefold())
    return POLICY.casefold() in names or bool(data.keys() & ROOT)


def _is_method(data: Mapping[str, Json]) -> bool:
    if str(data.get("@odata.type", "")).endswith(TYPE):
        return True
    settings = {"includeTargets", "excludeTargets", "openIdConnectSetting"}
    known = str(data.get("id", "")).casefold() in IDS
    return isinstance(data.get("id"), str) and bool(known or settings & data.keys())


def _typed(data: Mapping[str, Json]) -> Mapping[str, Json]:
    """A method, with the type that marks an external one; without it, it would be unknown."""
    if "@odata.type" in data or "openIdConnectSetting" not in data:
        return data
    return {"@odata.type": f"#microsoft.graph.{EXTERNAL.type}", **data}
