"""Access tokens: signed JWTs that name tenant, application, permissions and, if any, a person.

The shape is that of Entra's v1.0 tokens for Graph. The mock recognises the tokens that it issued. A
client that checks the signature finds the key where the OpenID configuration says.
"""

import base64
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import jwt

from ..clock import Clock
from ..graph.errors import GraphError
from ..tables import JsonObject
from .keys import ALGORITHM, signing_key

APPLICATION: Final = "99999999-8888-4777-8666-555555555555"
GRAPH: Final = "https://graph.microsoft.com"
GRAPHS: Final = (
    GRAPH,
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in: id, name and the template ids of the roles held at that moment."""

    id: str
    principal_name: str
    display_name: str
    wids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: for which tenant, who holds it, and what it permits until when."""

    id: str
    tenant_id: str
    application: str
    application_name: str
    permissions: frozenset[str]
    person: Person | None
    serial: int
    expires: int
    audience: str

    @property
    def delegated(self) -> bool:
        """Say whether a person stands behind the application."""
        return self.person is not None

    @property
    def wids(self) -> frozenset[str]:
        """The directory roles that the person had when signing in, as template ids."""
        return self.person.wids if self.person else frozenset()


@dataclass(slots=True)
class Issuer:
    """Issues, recognises and revokes tokens."""

    clock: Clock
    _issued: dict[str, Token] = field(default_factory=dict)
    _expired: set[str] = field(default_factory=set)
    _revoked: dict[str, int] = field(default_factory=dict)

    def issue(
        self,
        tenant_id: str,
        permitted: Iterable[str],
        *,
        expires_in: int = 86400,
        application: str = APPLICATION,
        application_name: str = "graphpolicy mock",
        person: Person | None = None,
        audience: str = GRAPH,
    ) -> str:
        """Return a new token for an application, with `person` for an application that acts for
        them.
        """
        now = self.clock()
        expires = int((now + timedelta(seconds=expires_in)).timestamp())
        granted = frozenset(permitted)
        identifier = uuid.uuid4().hex
        payload: JsonObject = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant_id}/",
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": expires,
            "app_displayname": application_name,
            "appid": application,
            "idtyp": "user" if person else "app",
            "oid": person.id if person else application,
            "sub": person.id if person else application,
            "tid": tenant_id,
            "uti": identifier,
            "ver": "1.0",
        }
        if person:
            payload |= {
                "scp": " ".join(sorted(granted)),
                "upn": person.principal_name,
                "unique_name": person.principal_name,
                "name": person.display_name,
                "wids": sorted(person.wids),
            }
        else:
            payload["roles"] = sorted(granted)
        token = jwt.encode(payload, signing_key("entra"), ALGORITHM, headers={"kid": "entra"})
        self._issued[token] = Token(
            identifier,
            tenant_id,
            application,
            application_name,
            granted,
            person,
            len(self._issued),
            expires,
            audience,
        )
        return token

    def recognise(self, authorization: str | None) -> Token:
        """Return what the token of an Authorization header says, or refuse it."""
        scheme, _, value = (authorization or "").strip().partition(" ")
        if not scheme or (scheme.lower() == "bearer" and not value.strip()):
            raise GraphError("token-empty", "Access token is empty.")
        token = self._issued.get(value.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise GraphError("token-bad", "CompactToken parsing failed with error code: 80049217")
        if token.audience not in GRAPHS:
            words = "Access token validation failure. Invalid audience."
            raise GraphError("token-audience", words)
        if token.id in self._expired or token.expires <= self.clock().timestamp():
            raise GraphError("token-expired", "Access token has expired or is not yet valid.")
        holder = token.person.id if token.person else token.application
        if self.revoked(holder, token.serial):
            raise GraphError(
                "token-revoked",
                "Continuous access evaluation resulted in challenge with result: "
                "InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
                headers={"WWW-Authenticate": _challenge(int(self.clock().timestamp()))},
            )
        return token

    @property
    def issued(self) -> int:
        """How many tokens there are: the serial number of the next one."""
        return len(self._issued)

    def revoked(self, holder: str, serial: int) -> bool:
        """Say whether what a person or an application got under that number was revoked since."""
        return serial < self._revoked.get(holder.lower(), 0)

    def expire(self, authorization: str | None) -> None:
        """Expire a token, whatever its `exp`; ignores a header without a token."""
        value = (authorization or "").strip().partition(" ")[2].strip()
        if value in self._issued:
            self._expired.add(self._issued[value].id)

    def revoke(self, holder: str) -> None:
        """Revoke every token issued so far to a person or an application, by id."""
        self._revoked[holder.lower()] = len(self._issued)

    def reset(self) -> None:
        """Undo all expiries and revocations."""
        self._expired.clear()
        self._revoked.clear()

    def revocations(self) -> Mapping[str, int]:
        """The revocations so far, for `restore`."""
        return dict(self._revoked)

    def restore(self, revocations: Mapping[str, int]) -> None:
        """Undo the revocations since then."""
        self._revoked = dict(revocations)


def _challenge(moment: int) -> str:
    """What Graph sends with a 401 so that the client asks for a newer token."""
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(moment)}}}
    claims = base64.b64encode(json.dumps(wanted).encode()).decode()
    return (
        'Bearer realm="", client_id="00000003-0000-0000-c000-000000000000", '
        f'error="insufficient_claims", claims="{claims}"'
    )
