"""Access tokens that the mock gives out: JWT-shaped, signed with a key that nobody else has."""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from ..graph.errors import GraphError
from ..tables import JsonObject
from ..tenant import Clock

ALL_ROLES: Final = (
    "AuditLog.Read.All",
    "Directory.Read.All",
    "Group.Read.All",
    "GroupMember.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "Policy.Read.AuthenticationMethod",
    "Policy.ReadWrite.AuthenticationMethod",
)
APPLICATION: Final = "99999999-8888-4777-8666-555555555555"


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: whose it is and what it permits."""

    tenant_id: str
    application: str
    roles: frozenset[str]
    expires: int


@dataclass(slots=True)
class Issuer:
    """Gives tokens out and recognises them again."""

    clock: Clock
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _issued: dict[str, Token] = field(default_factory=dict)

    def issue(
        self,
        tenant_id: str,
        roles: Iterable[str] = ALL_ROLES,
        expires_in: int = 86400,
        application: str = APPLICATION,
    ) -> str:
        """Return a new token for an application in a tenant."""
        now = self.clock()
        expires = int((now + timedelta(seconds=expires_in)).timestamp())
        permitted = sorted(roles)
        payload: JsonObject = {
            "aud": "https://graph.microsoft.com",
            "iss": f"https://sts.windows.net/{tenant_id}/",
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": expires,
            "app_displayname": "graphpolicy mock",
            "appid": application,
            "idtyp": "app",
            "oid": application,
            "roles": permitted,
            "tid": tenant_id,
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
        }
        signed = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(payload)}"
        signature = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        token = f"{signed}.{_encoded(signature)}"
        self._issued[token] = Token(tenant_id, application, frozenset(permitted), expires)
        return token

    def recognise(self, authorization: str | None) -> Token:
        """Return what the token of an Authorization header says, or refuse it."""
        scheme, _, value = (authorization or "").strip().partition(" ")
        if not scheme or (scheme.lower() == "bearer" and not value.strip()):
            raise GraphError("token-empty", "Access token is empty.")
        token = self._issued.get(value.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise GraphError("token-bad", "CompactToken parsing failed with error code: 80049217")
        if token.expires <= self.clock().timestamp():
            raise GraphError("token-expired", "Access token has expired or is not yet valid.")
        return token


def _part(value: JsonObject) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
