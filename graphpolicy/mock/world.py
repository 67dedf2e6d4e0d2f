"""Everything behind one mock server: tenants, tokens, switches, faults and the request log."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .clock import Clock
from .entra.applications import Applications
from .entra.consents import EVERYBODY, Consents
from .entra.github import Jobs
from .entra.pending_sign_ins import SignIns
from .entra.tokens import Issuer
from .faults import FaultBook
from .graph.call import Message
from .graph.errors import GraphError
from .seeds import seed_document, seeded, stored_policy
from .snapshots import seed_of, switches_of
from .strengths.demands import checked
from .switches import Switches
from .tables import JsonObject
from .tenant import Tenant
from .web import sayable


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that came in on a Graph path; tokens are never recorded.

    `body` is the parsed JSON, text if it is not JSON, None if it is empty; `status` is None if the
    connection was broken instead of an answer.
    """

    method: str
    path: str
    query: str
    body: Any
    status: int | None


@dataclass(slots=True)
class World:
    """The state of one mock; a request's token selects the tenant."""

    switches: Switches
    clock: Clock
    issuer: Issuer
    applications: Applications = field(default_factory=Applications)
    sign_ins: SignIns = field(default_factory=SignIns)
    consents: Consents = field(default_factory=Consents)
    jobs: Jobs = field(default_factory=Jobs)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    faults: FaultBook = field(default_factory=FaultBook)
    requests: list[RecordedRequest] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _seeds: dict[str, JsonObject] = field(default_factory=dict)

    def add_tenant(self, seed: str, identifier: str | None, name: str | None) -> Tenant:
        """Add a tenant in the state of a seed, under its own or another id and name."""
        document = dict(seed_document(seed))
        document["tenant"] = {
            **document["tenant"],
            "id": identifier or document["tenant"]["id"],
            "displayName": name or document["tenant"]["displayName"],
        }
        self._seeds[document["tenant"]["id"]] = document
        return self._seed(document)

    def add_snapshot(self, snapshot: JsonObject) -> Tenant:
        """Add the tenant of a snapshot, with the switches that its documents imply."""
        document = seed_of(snapshot)
        self.switch(switches_of(snapshot))
        self._seeds[document["tenant"]["id"]] = document
        return self._seed(document)

    def reset(self) -> None:
        """Return to the initial state, but keep the switches; forget the requests."""
        self.faults.clear()
        self.requests.clear()
        self.clock.reset()
        self.issuer.reset()
        self.applications, self.sign_ins, self.jobs = Applications(), SignIns(), Jobs()
        self.consents = Consents()
        for document in self._seeds.values():
            self._seed(document)

    def sow(self, document: JsonObject, identifier: str | None = None) -> Tenant:
        """Put a tenant into the state of another seed under its own id; a reset keeps the seed."""
        tenant = self.tenant(identifier)
        own = {"id": tenant.id, "displayName": tenant.display_name, "domain": tenant.domain}
        seed = {**document, "tenant": {**document.get("tenant", {}), **own}}
        sown = self._seed(seed)
        self._seeds[tenant.id] = seed
        return sown

    def switch(self, changes: Mapping[str, object]) -> None:
        """Change switches; those that decide how a tenant starts reset the tenants."""
        before = self.switches
        self.switches = before.changed(changes)
        for tenant in self.tenants.values():
            tenant.switches = self.switches
            tenant.shown.clear()
            tenant.rewritten &= before.september_2026 == self.switches.september_2026
        starting = (
            "passkey_opt_in",
            "migration_state",
            "deleted_target",
            "duplicate_names",
            "opt_out",
        )
        if any(getattr(before, name) != getattr(self.switches, name) for name in starting):
            for document in self._seeds.values():
                self._seed(document)

    def tenant(self, identifier: str | None = None) -> Tenant:
        """A tenant by id, or the first one."""
        return self.tenants[identifier or next(iter(self.tenants))]

    def tenant_named(self, name: str) -> Tenant | None:
        """A tenant by id or by a domain of it."""
        for tenant in self.tenants.values():
            if name.lower() in {tenant.id.lower(), tenant.domain.lower()}:
                return tenant
        return None

    def home_of(self, principal_name: str) -> Tenant:
        """The tenant of a person; KeyError if no tenant has the name."""
        for tenant in self.tenants.values():
            if tenant.directory.person(principal_name) is not None:
                return tenant
        raise KeyError(principal_name)

    def consent(
        self, scopes: frozenset[str], application: str, person: str | None, tenant_id: str | None
    ) -> None:
        """Consent to permissions of an application for a person, or for everybody of a tenant."""
        tenant = self.tenant(tenant_id)
        principal = EVERYBODY if person is None else tenant.signed_in(person).id
        self.consents.grant(tenant.id, application, principal, scopes)

    def tenant_of(self, authorization: str | None) -> Tenant | None:
        """The tenant of a request's token; None if the token is not valid."""
        try:
            return self.tenants.get(self.issuer.recognise(authorization).tenant_id)
        except GraphError:
            return None

    def load(self, document: JsonObject, identifier: str | None = None) -> None:
        """Replace a tenant's policy and groups with raw documents, or with those of a snapshot."""
        if "documents" in document:
            self.switch(switches_of(document))
            seed = seed_of(document)
            document = {name: seed[name] for name in ("groups", "strengths")}
            document["policy"] = seed["stored"]
        tenant = self.tenant(identifier)
        if "policy" in document:
            tenant.policy = stored_policy(document["policy"])
            tenant.settle()
        if "groups" in document:
            tenant.directory.clear()
        if "strengths" in document:
            tenant.strengths.rows = []
        tenant.populate(document)
        for each in document.get("objects", ()):
            tenant.directory.add(dict(each))

    def demand(self, demand: JsonObject, identifier: str | None = None) -> None:
        """Add a Conditional Access policy to a tenant, or replace that of the same id."""
        tenant = self.tenant(identifier)
        rows = [each for each in tenant.demands if each["id"] != checked(demand)["id"]]
        tenant.demands = [*rows, demand]

    def undemand(self, demand: str, identifier: str | None = None) -> None:
        """Delete a Conditional Access policy of a tenant; KeyError if there is none."""
        tenant = self.tenant(identifier)
        rows = [each for each in tenant.demands if each["id"] != demand]
        if len(rows) == len(tenant.demands):
            raise KeyError(demand)
        tenant.demands = rows

    def state(self) -> JsonObject:
        """The state as `GET /_mock/state` returns it."""
        return {
            "switches": self.switches.as_dict(),
            "faults": [asdict(each) for each in self.faults.armed()],
            "tenants": [
                {
                    "id": tenant.id,
                    "displayName": tenant.display_name,
                    "policy": tenant.policy,
                    "groups": [
                        {"id": each["id"], "displayName": each["displayName"]}
                        for each in tenant.groups
                    ],
                    "strengths": tenant.strengths.rows,
                    "demands": tenant.demands,
                    "edits": [asdict(each) for each in tenant.edits],
                }
                for tenant in self.tenants.values()
            ],
        }

    def _seed(self, document: JsonObject) -> Tenant:
        tenant = seeded(document, self.switches, self.clock, self.issuer)
        self.tenants[tenant.id] = tenant
        return tenant


def recorded(message: Message, status: int | None) -> RecordedRequest:
    """Return what is remembered of a request: everything but its headers."""
    body: Any = None
    if message.body:
        text = message.body.decode(errors="replace")
        try:
            body = sayable(json.loads(text))
        except (ValueError, RecursionError):
            body = text
    query = "&".join(f"{name}={value}" for name, value in message.query)
    return RecordedRequest(message.method, message.path, query, body, status)
