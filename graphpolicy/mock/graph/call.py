"""One request to Graph and its answer, free of any server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..entra.tokens import Token
from ..policy.offer import Offer
from ..policy.view import View
from ..switches import Switches
from ..tables import JsonObject
from ..tenant import Tenant
from .errors import GraphError


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it arrived: path decoded, header names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    root: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; `body` is JSON, None for no body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has been routed: to which tenant, version and resource it goes."""

    message: Message
    version: str
    names: tuple[str, ...]
    tenant: Tenant
    token: Token
    switches: Switches

    @property
    def offer(self) -> Offer:
        """What the version of this call offers."""
        return Offer(self.version, self.switches)

    @property
    def view(self) -> View:
        """How this call sees documents."""
        prefers = "include-unknown-enum-members" in self.message.headers.get("prefer", "").lower()
        honoured = prefers and self.switches.prefer_unknown == "honour"
        return View(self.offer, self.message.root, honoured)

    def json(self) -> JsonObject:
        """The body, which must be a JSON object."""
        try:
            body = json.loads(self.message.body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise GraphError(
                "json-malformed",
                "Unable to read JSON request payload. Please ensure Content-Type header is set "
                "and payload is of valid JSON format.",
            ) from error
        if not isinstance(body, dict):
            raise GraphError("json-malformed", "The request payload is not a JSON object.")
        return body

    def query(self, name: str) -> str | None:
        """A query option by name, without case."""
        for key, value in self.message.query:
            if key.lower() == name:
                return value
        return None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not valid in JSON")
