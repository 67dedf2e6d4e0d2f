"""One request to Graph and its answer, free of any server."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..entra.tokens import Token
from ..policy.offer import Offer
from ..policy.view import View
from ..rules import enforces
from ..switches import Switches
from ..tables import JsonObject
from ..tenant import Tenant
from .errors import GraphError

_TEXT: Final = r"'((?:[^']|'')*)'"
_KEYED: Final = re.compile(r"([^()']+)\((.+)\)")
_ID: Final = re.compile(rf"(?:id\s*=\s*)?{_TEXT}", re.IGNORECASE)
_PARAMETER: Final = re.compile(rf"(\w+)\s*=\s*{_TEXT}")
_PARAMETERS: Final = re.compile(rf"{_PARAMETER.pattern}(?:\s*,\s*{_PARAMETER.pattern})*")


class Key(str):
    """What stands in parentheses behind a segment: an id, or names with their values."""

    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@enforces("double-slash", "key-form")
def segments_of(path: str) -> tuple[str, ...]:
    """The segments of a path; `users('x')` are two, like `users/x`."""
    return tuple(each for part in path.split("/") if part for each in _parts(part))


def _parts(part: str) -> Iterator[str]:
    keyed = _KEYED.fullmatch(part)
    one = _ID.fullmatch(keyed[2]) if keyed else None
    if keyed is None or not (one or _PARAMETERS.fullmatch(keyed[2])):
        yield part
        return
    yield keyed[1]
    key = Key(keyed[2] if one is None else _plain(one[1]))
    if one is None:
        pairs = _PARAMETER.findall(keyed[2])
        key.names = tuple(name.lower() for name, _ in pairs)
        key.values = tuple(_plain(value) for _, value in pairs)
    yield key


def _plain(text: str) -> str:
    return text.replace("''", "'")


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
    """A request that has been routed: to which tenant, version and resource it goes.

    The path of `message` has segments for keys; `counting` asks for the number of a list's rows.
    """

    message: Message
    version: str
    names: tuple[str, ...]
    tenant: Tenant
    token: Token
    switches: Switches
    counting: bool = False

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
