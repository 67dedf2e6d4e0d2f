"""Graph's refusals, and the ids and dates that every answer carries."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from ..rules import enforces, rules
from ..tables import JsonObject

_SERVER: Final = (
    '{"ServerInfo":{"DataCenter":"Mock","Slice":"E","Ring":"1","ScaleUnit":"001",'
    '"RoleInstance":"MOCK000001"}}'
)


class GraphError(Exception):
    """A refusal by a rule of the table, which gives it status and code unless a switch does."""

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        repeated: bool = False,
    ) -> None:
        """Refuse by `rule`; a rule without status, or one that is not in the table, is a bug.

        Some services say the message again in `innerError`: `repeated`.
        """
        found = rules()[rule]
        if found.status is None or found.code is None:
            raise LookupError(f"rule {rule} is not a refusal")
        super().__init__(message)
        self.rule = rule
        self.status = status or found.status
        self.code = code or found.code
        self.message = message
        self.headers = dict(headers or {})
        self.inner = {"message": message} if repeated else {}


@dataclass(frozen=True, slots=True)
class Stamp:
    """When one request was answered and under which ids."""

    moment: datetime
    request_id: str
    client_request_id: str

    @classmethod
    @enforces("request-ids")
    def of(cls, headers: Mapping[str, str], moment: datetime) -> "Stamp":
        """Stamp a request; without a client-request-id both ids are equal."""
        request_id = str(uuid.uuid4())
        return cls(moment, request_id, headers.get("client-request-id", request_id))

    @property
    def ids(self) -> dict[str, str]:
        """The two ids by name."""
        return {"request_id": self.request_id, "client_request_id": self.client_request_id}

    @property
    @enforces("diagnostic")
    def headers(self) -> dict[str, str]:
        """The headers of every answer."""
        return {
            "Date": format_datetime(self.moment, usegmt=True),
            "request-id": self.request_id,
            "client-request-id": self.client_request_id,
            "x-ms-ags-diagnostic": _SERVER,
        }

    @enforces("error-envelope")
    def envelope(
        self, code: str, message: str, inner: Mapping[str, str] | None = None
    ) -> JsonObject:
        """Return the body of an error as Graph shapes it."""
        return {
            "error": {
                "code": code,
                "message": message,
                "innerError": {
                    **(inner or {}),
                    "date": f"{self.moment:%Y-%m-%dT%H:%M:%S}",
                    "request-id": self.request_id,
                    "client-request-id": self.client_request_id,
                },
            }
        }
