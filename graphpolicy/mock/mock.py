"""A mock Microsoft Graph: its state, its ASGI application, and what a test may do to it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.types import ASGIApp

from .app import application
from .entra.tokens import ALL_ROLES, Issuer
from .faults import Fault
from .graph.call import Answer, Message
from .graph.router import Graph
from .policy.offer import Offer
from .policy.view import View
from .policy.wire import VERSIONS
from .switches import Switches
from .tables import JsonObject, data
from .tenant import Edit, Tenant
from .world import RecordedRequest, World

DEFAULT_TENANT: Final[str] = data("seeds/contoso.json")["tenant"]["id"]
SEEDS: Final = ("contoso", "documented")

_ROOT: Final = "https://graph.microsoft.com"


class Mock:
    """A mock Graph with one tenant to begin with; `serve` puts it on a socket.

    `seed` is one of SEEDS. `clock` gives the time, for time stamps and tokens.
    """

    def __init__(
        self,
        switches: Switches | None = None,
        seed: str = "contoso",
        *,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """Start in the state of a seed."""
        moment = clock or _now
        self.world = World(switches or Switches(), moment, Issuer(moment))
        self.tenant_id = self.world.add_tenant(_known(seed), None, None).id
        self.token = self.issue_token()
        self.app: ASGIApp = application(self.world)

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

        An empty `token` sends none. A fault that breaks the connection raises
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
        answer = Graph(self.world).receive(message).answer
        if answer is None:
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
        """The changes to the default tenant's policy so far, whoever made them."""
        return list(self._tenant().edits)

    def set_switches(self, **changes: object) -> None:
        """Change switches by name; contested keys as `**{"v1.0/HardwareOath": "writable"}`.

        `passkey_opt_in` and `migration_state` decide how a tenant starts: changing one of them
        puts every tenant back to its seed.
        """
        with self.world.lock:
            self.world.switch(changes)

    def add_fault(self, kind: str, **options: Any) -> Fault:
        """Arm a fault; `options` are the fields of `Fault`."""
        fault = Fault(kind, **options)
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
        """Put every tenant back to its seed; disarm faults, forget requests, keep switches."""
        with self.world.lock:
            self.world.reset()

    def portal(
        self,
        resource: str,
        changes: JsonObject,
        actor: str = "admin@contoso.com",
        *,
        tenant_id: str | None = None,
    ) -> None:
        """Do what an administrator did in the portal: merged in deeply, not validated.

        `resource` is a configuration id or `authenticationMethodsPolicy`; an unknown id adds a
        raw configuration.
        """
        with self.world.lock:
            self._tenant(tenant_id).portal(resource, changes, actor)

    def policy(self, version: str = "v1.0", *, tenant_id: str | None = None) -> JsonObject:
        """The policy as a GET of a version would answer it, without counting as a read."""
        if version not in VERSIONS:
            raise ValueError(f"version {version!r} is not one of {', '.join(VERSIONS)}")
        with self.world.lock:
            view = View(Offer(version, self.switches), _ROOT)
            return deepcopy(view.policy(self._tenant(tenant_id).policy))

    def configuration(
        self, identifier: str, version: str = "v1.0", *, tenant_id: str | None = None
    ) -> JsonObject:
        """One configuration out of `policy`; KeyError where the version does not have it."""
        rows: Sequence[JsonObject] = self.policy(version, tenant_id=tenant_id)[
            "authenticationMethodConfigurations"
        ]
        for each in rows:
            if each["id"].lower() == identifier.lower():
                return each
        raise KeyError(identifier)

    def add_group(self, identifier: str, name: str, *, tenant_id: str | None = None) -> None:
        """Add a group to the directory, or rename it."""
        with self.world.lock:
            self._tenant(tenant_id).add_group(identifier, name)

    def remove_group(self, identifier: str, *, tenant_id: str | None = None) -> None:
        """Delete a group from the directory; targets keep its id."""
        with self.world.lock:
            del self._tenant(tenant_id).objects[identifier.lower()]

    def load(self, document: JsonObject, *, tenant_id: str | None = None) -> None:
        """Replace raw documents: `policy` as a GET answered it, `groups`, further `objects`."""
        with self.world.lock:
            self.world.load(document, tenant_id)

    def issue_token(
        self,
        roles: Iterable[str] = ALL_ROLES,
        *,
        tenant_id: str | None = None,
        expires_in: int = 86400,
    ) -> str:
        """Return a new token with some permissions; a negative `expires_in` makes a stale one."""
        with self.world.lock:
            return self.world.issuer.issue(tenant_id or self.tenant_id, roles, expires_in)

    def add_tenant(
        self, identifier: str | None = None, name: str | None = None, *, seed: str = "contoso"
    ) -> str:
        """Add a tenant in the state of a seed and return its id; tokens choose it by `tid`."""
        with self.world.lock:
            return self.world.add_tenant(_known(seed), identifier, name).id

    def state(self) -> JsonObject:
        """The whole state as `GET /_mock/state` answers it."""
        with self.world.lock:
            return deepcopy(self.world.state())

    def _tenant(self, tenant_id: str | None = None) -> Tenant:
        return self.world.tenant(tenant_id or self.tenant_id)


def _known(seed: str) -> str:
    if seed not in SEEDS:
        raise ValueError(f"seed {seed!r} is not one of {', '.join(SEEDS)}")
    return seed


def _now() -> datetime:
    return datetime.now(UTC)
