"""A mock Microsoft Graph: its state, its ASGI application, and what a test may do to it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.types import ASGIApp

from .app import application
from .clock import Clock
from .directory.audit import Edit
from .entra.app import authority_application
from .entra.applications import GRAPH_TOOLS, Application
from .entra.consents import Consents
from .entra.github import PATH, Job
from .entra.tokens import Issuer
from .faults import Fault
from .graph.call import Answer, Message
from .graph.permissions import every_permission
from .graph.router import Graph
from .people_controls import PeopleControls
from .policy.offer import Offer
from .policy.view import View
from .policy.wire import VERSIONS
from .switches import Switches
from .tables import JsonObject, copied, data
from .world import RecordedRequest, World

DEFAULT_TENANT: Final[str] = data("seeds/contoso.json")["tenant"]["id"]
ALL_ROLES: Final = every_permission("application")
ALL_SCOPES: Final = every_permission("delegated")

_ROOT: Final = "https://graph.microsoft.com"


class Mock(PeopleControls):
    """A mock Graph that starts with one tenant; `serve` puts it on a socket.

    `seed` is one of SEEDS; `snapshot`, a file of `pull --snapshot`, replaces it. `clock` returns
    the time for time stamps and tokens. `tenant` gives access to everything in a tenant.
    """

    def __init__(
        self,
        switches: Switches | None = None,
        seed: str = "contoso",
        *,
        snapshot: JsonObject | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """Start in the state of a seed or snapshot; raises SnapshotError if it is not valid."""
        moved = Clock(clock)
        self.world = World(switches or Switches(), moved, Issuer(moved))
        self.tenant_id = (
            self.world.add_tenant(seed, None, None)
            if snapshot is None
            else self.world.add_snapshot(snapshot)
        ).id
        self.authority = ""

    @cached_property
    def app(self) -> ASGIApp:
        """Graph and the control paths, to be served."""
        return application(self.world)

    @cached_property
    def authority_app(self) -> ASGIApp:
        """Entra, to be served."""
        return authority_application(self.world)

    @cached_property
    def token(self) -> str:
        """A token for the first tenant with all permissions."""
        return self.issue_token()

    def ask(
        self,
        method: str,
        url: str,
        body: JsonObject | str | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Answer a request without a socket; `url` is a path with a query, `body` JSON or text.

        An empty `token` sends no Authorization header. A fault that breaks the connection raises
        ConnectionResetError.
        """
        given = self.token if token is None else token
        sent = {"authorization": f"Bearer {given}"} if given else {}
        parts = urlsplit(url)
        text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        message = Message(
            method=method,
            path=unquote(parts.path),
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={**sent, **{name.lower(): value for name, value in (headers or {}).items()}},
            body=text.encode(),
            root=_ROOT,
        )
        outcome = Graph(self.world).receive(message)
        answer = outcome.answer
        if answer is None or (outcome.fault and outcome.fault.kind == "reset_half"):
            raise ConnectionResetError("the mock broke the connection")
        return answer

    @property
    def switches(self) -> Switches:
        """The present switches."""
        return self.world.switches

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests received on Graph's paths so far."""
        return list(self.world.requests)

    @property
    def edits(self) -> list[Edit]:
        """The changes to the first tenant's policy so far, by anybody."""
        return list(self.tenant().edits)

    def set_switches(self, **changes: object) -> None:
        """Change switches by name; contested keys as `**{"v1.0/HardwareOath": "writable"}`.

        `passkey_opt_in` and `migration_state` decide how a tenant starts: changing one of them
        puts every tenant back to its seed.
        """
        with self.world.lock:
            self.world.switch(changes)

    def add_fault(self, kind: str, **options: Any) -> Fault:
        """Arm a fault of a kind or a name; `options` are the fields of `Fault`."""
        fault = Fault.named(kind, **options)
        with self.world.lock:
            self.world.faults.add(fault)
        return fault

    def clear_faults(self) -> None:
        """Disarm every fault."""
        with self.world.lock:
            self.world.faults.clear()

    def clear_requests(self) -> None:
        """Forget the requests received so far."""
        with self.world.lock:
            self.world.requests.clear()

    def reset(self) -> None:
        """Return to the initial state, but keep the switches; forget the requests."""
        with self.world.lock:
            self.world.reset()

    def portal(
        self,
        resource: str,
        changes: JsonObject | None,
        actor: str = "admin@contoso.com",
        *,
        tenant_id: str | None = None,
    ) -> None:
        """Change a resource as an administrator does in the portal: merged, not validated.

        `resource` is a configuration id, `authenticationMethodsPolicy` or, for a strength,
        `authenticationStrengthPolicies/NAME`; an unknown id or name adds a raw one. A strength
        without changes is deleted.
        """
        with self.world.lock:
            self.tenant(tenant_id).portal(resource, changes, actor)

    def demand(self, demand: JsonObject, *, tenant_id: str | None = None) -> None:
        """Add a Conditional Access policy, or replace that of the same id; see `checked`."""
        with self.world.lock:
            self.world.demand(demand, tenant_id)

    def undemand(self, identifier: str, *, tenant_id: str | None = None) -> None:
        """Delete a Conditional Access policy; raises KeyError if no policy has this id."""
        with self.world.lock:
            self.world.undemand(identifier, tenant_id)

    def strengths(self, *, tenant_id: str | None = None) -> list[JsonObject]:
        """The custom strengths as they are stored, without counting as a read."""
        with self.world.lock:
            return copied(self.tenant(tenant_id).strengths.rows)

    def policy(self, version: str = "v1.0", *, tenant_id: str | None = None) -> JsonObject:
        """The policy as a GET of a version would answer it, without counting as a read."""
        if version not in VERSIONS:
            raise ValueError(f"version {version!r} is not one of {', '.join(VERSIONS)}")
        with self.world.lock:
            view = View(Offer(version, self.switches), _ROOT)
            return copied(view.policy(self.tenant(tenant_id).policy))

    def configuration(
        self, identifier: str, version: str = "v1.0", *, tenant_id: str | None = None
    ) -> JsonObject:
        """One configuration of `policy`; KeyError if the version does not have it."""
        rows: Sequence[JsonObject] = self.policy(version, tenant_id=tenant_id)[
            "authenticationMethodConfigurations"
        ]
        for each in rows:
            if each["id"].lower() == identifier.lower():
                return each
        raise KeyError(identifier)

    def load(self, document: JsonObject, *, tenant_id: str | None = None) -> None:
        """Replace raw documents: `policy` as a GET returns it, `groups`, `objects`; or load a
        snapshot.
        """
        with self.world.lock:
            self.world.load(document, tenant_id)

    def issue_token(
        self,
        roles: Iterable[str] = ALL_ROLES,
        *,
        tenant_id: str | None = None,
        expires_in: int = 86400,
    ) -> str:
        """An application's token with permissions; expired if `expires_in` is negative."""
        with self.world.lock:
            return self.world.issuer.issue(
                tenant_id or self.tenant_id, roles, expires_in=expires_in
            )

    def issue_user_token(
        self,
        principal_name: str,
        scopes: Iterable[str] = ALL_SCOPES,
        *,
        tenant_id: str | None = None,
        expires_in: int = 86400,
    ) -> str:
        """A person's token with scopes and the directory roles that the person has now."""
        with self.world.lock:
            tenant = self.tenant(tenant_id)
            return self.world.issuer.issue(
                tenant.id, scopes, expires_in=expires_in, person=tenant.signed_in(principal_name)
            )

    def revoke(self, holder: str) -> None:
        """Revoke all tokens issued so far to an application or a person, by id."""
        with self.world.lock:
            self.world.issuer.revoke(holder)

    def add_application(self, application: Application) -> None:
        """Register an application that may sign in at the authority."""
        with self.world.lock:
            self.world.applications.add(application)

    def github_job(self, **job: Any) -> dict[str, str]:
        """Start a job of GitHub Actions and return its variables for requesting a token.

        `job` are the fields of `Job`: repository, ref, event, environment, immutable. The URL is
        the authority's, so the mock must be served.
        """
        with self.world.lock:
            bearer = self.world.jobs.start(Job(**job))
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.authority}{PATH}?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": bearer,
        }

    def finish_sign_in(
        self, user_code: str, principal_name: str | None, consent: str = "no"
    ) -> None:
        """Enter a device's code as a person, or decline (None); KeyError for an unknown code.

        `consent` answers Entra's question: me, organization or no.
        """
        with self.world.lock:
            self.world.sign_ins.answer(user_code, principal_name, consent)

    def withdraw_consents(self) -> None:
        """Let no application have consent to delegated permissions; a reset gives it back."""
        self.world.consents = Consents(withdrawn=True)

    def consent(
        self,
        *scopes: str,
        application: str = GRAPH_TOOLS,
        person: str | None = None,
        tenant_id: str | None = None,
    ) -> None:
        """Consent to delegated permissions for a person by name, or for everybody."""
        with self.world.lock:
            self.world.consent(frozenset(scopes), application, person, tenant_id)

    def advance(self, seconds: float) -> None:
        """Move the mock's clock forward, or back if `seconds` is negative."""
        with self.world.lock:
            self.world.clock.advance(seconds)

    def add_tenant(
        self, identifier: str | None = None, name: str | None = None, *, seed: str = "contoso"
    ) -> str:
        """Add a tenant in the state of a seed and return its id; a token's `tid` selects it."""
        with self.world.lock:
            return self.world.add_tenant(seed, identifier, name).id

    def state(self) -> JsonObject:
        """The whole state as `GET /_mock/state` answers it."""
        with self.world.lock:
            return copied(self.world.state())
