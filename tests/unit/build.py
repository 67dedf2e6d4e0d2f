"""Small tenants and files for the tests of the core."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphpolicy.catalogue import RESOURCES
from graphpolicy.compare.resolve import resolve
from graphpolicy.model import Author, Declared, Desired, Directory, Event, Json, Observed, Tenant
from graphpolicy.plan.make import Planned, make_plan
from tests.laws.generated import EXTERNAL_ID, head, observed
from tests.laws.situations import OCCASION, TENANT_ID, Held, desired

ALL = {"targetType": "group", "id": "all_users"}
NOBODY = {"targetType": "group", "id": "00000000-0000-0000-0000-000000000000"}
A, B, C = (f"0d1c2b3a-0000-4000-8000-00000000000{digit}" for digit in "abc")


def group(id_: str, **members: Any) -> dict[str, Any]:
    return {"targetType": "group", "id": id_, **members}


def held(**resources: Any) -> Held:
    """What a tenant holds, with what identifies each resource."""
    return {name: {**head(RESOURCES[name]), **truth} for name, truth in resources.items()}


def planned(
    live: Held, trees: Held, cloud: Any = "global", directory: Directory | None = None
) -> Planned:
    """The plan of a file against a tenant."""
    documents = observed(live, ("beta",) if cloud == "china" else ("v1.0", "beta"))
    known = directory or Directory()
    return make_plan(resolve(desired(trees, cloud), known, documents), documents, known, OCCASION)


def rules(made: Planned) -> dict[str, str]:
    """The rules that fired, with their levels."""
    return {finding.rule: finding.level for finding in made.plan.findings}


def file_of(resources: Iterable[Declared], tenant: str = TENANT_ID) -> Desired:
    return Desired("policy.yaml", Tenant("contoso", tenant), tuple(resources))


def by(name: str, at: str, *modified: tuple[str, Json, Json]) -> Event:
    """A person's record in the audit log."""
    return Event(Author("user", name, at=at), modified)


def read(*items: dict[str, Any]) -> Observed:
    """What v1.0 answered, as far as configurations go."""
    return Observed({"v1.0": {"authenticationMethodConfigurations": list(items)}})


def external(id_: str = EXTERNAL_ID, name: str = "Duo", **members: Any) -> dict[str, Any]:
    type_ = "#microsoft.graph.externalAuthenticationMethodConfiguration"
    return {"@odata.type": type_, "id": id_, "displayName": name, **members}
