"""Who did something, as the audit log names them."""

import uuid
from dataclasses import dataclass

from ..entra.tokens import Token
from ..tables import JsonObject


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or an application; `name` is for people to read."""

    name: str
    user: JsonObject | None = None
    app: JsonObject | None = None

    @classmethod
    def of(cls, token: Token) -> "Actor":
        """The holder of a token."""
        if token.person:
            return cls.person(
                token.person.principal_name, token.person.id, token.person.display_name
            )
        return cls.application(token.application, token.application_name)

    @classmethod
    def person(
        cls, principal_name: str, identifier: str | None = None, name: str | None = None
    ) -> "Actor":
        """A person; only the name is required."""
        return cls(
            principal_name,
            user={
                "id": identifier,
                "displayName": name,
                "userPrincipalName": principal_name,
                "ipAddress": "203.0.113.7",
                "homeTenantId": None,
                "homeTenantName": None,
            },
        )

    @classmethod
    def application(cls, identifier: str, name: str) -> "Actor":
        """An application."""
        return cls(
            identifier,
            app={
                "appId": identifier,
                "displayName": name,
                "servicePrincipalId": str(uuid.uuid5(uuid.NAMESPACE_OID, identifier)),
                "servicePrincipalName": None,
            },
        )

    @property
    def initiated(self) -> JsonObject:
        """The `initiatedBy` of a record."""
        return {"user": self.user, "app": self.app}


NOBODY = Actor("")
"""Nobody, for a change that the log has without an actor."""
