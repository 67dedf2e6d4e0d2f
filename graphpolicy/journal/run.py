"""A run as its journal tells it: what was sent, and what is known to have become of it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, get_args

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import Cloud, Json, Path, Tenant, Version
from graphpolicy.model.records import dataclass

FORMAT_VERSION = "1"

WriteOutcome: TypeAlias = Literal["verified", "written", "not written", "unknown"]
"""What is known of a write: it shows; it took effect at least in part; it did not; not known."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that a write carries: wire values, before and as it was to be."""

    path: Path
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a run. `fate` is None while nobody knows: the run was cut off during it.

    `resource` is the id as Graph has it, `type` the row of the catalogue.
    """

    number: int
    resource: str
    type: str
    title: str
    api: Version
    settings: tuple[Setting, ...]
    fate: WriteOutcome | None = None
    request_id: str = ""
    sent: str = ""
    """When the request last left, by the clock of the machine that sent it; as `begun` says it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run as its folder tells it. `begun` is its first line, see `graphpolicy.journal`."""

    folder: str
    name: str
    tenant: Tenant
    begun: Mapping[str, Json]
    attempts: tuple[Attempt, ...]
    exit_code: int | None
    """None where the run was cut off."""

    @property
    def allowed(self) -> tuple[str, ...]:
        """The rules that were accepted for this run."""
        return tuple(self.begun.get("consent", {}).get("allow", ()))

    @property
    def open(self) -> tuple[Attempt, ...]:
        """The requests of which nobody knows whether they took effect."""
        return tuple(attempt for attempt in self.attempts if attempt.fate is None)

    @property
    def written(self) -> tuple[Attempt, ...]:
        """The requests that took effect, or may have."""
        return tuple(one for one in self.attempts if one.fate not in ("not written", None))


def read(lines: Iterable[str], folder: str) -> Run:
    """A run from the lines of its journal; a line that was cut off is left out.

    Raises:
        ValueError: this is no journal, or one of another format.
        KeyError: it tells of a setting that this release does not know.
    """
    events = list(_events(lines))
    if not events or events[0].get("event") != "begun":
        raise ValueError("its journal does not begin as one")
    begun = events[0]
    if begun.get("format_version") != FORMAT_VERSION:
        raise ValueError(f"its journal has format_version {begun.get('format_version')!r}")
    tenant = _tenant(begun)
    sent: dict[int, Json] = {}
    fates: dict[int, tuple[WriteOutcome | None, str]] = {}
    exit_code: int | None = None
    for event in events[1:]:
        match event["event"]:
            case "sending":
                sent[event["request"]] = event
                fates[event["request"]] = (None, "")
            case "result" | "settled":
                known = fates.get(event["request"], (None, ""))[1]
                fates[event["request"]] = (event["fate"], event.get("request_id") or known)
            case "finished":
                exit_code = int(event["exit_code"])
    attempts = tuple(_attempt(number, event, *fates[number]) for number, event in sent.items())
    return Run(folder, begun["run"], tenant, begun, attempts, exit_code)


def _tenant(begun: Mapping[str, Json]) -> Tenant:
    """The tenant of a run. Anybody may have written the line, so every member is looked at."""
    for name in ("run", "verb", "at"):
        _text(begun, name)
    for name in ("tenant", "origin", "consent"):
        if not isinstance(begun.get(name), dict):
            raise ValueError(f"its first line has no {name}")
    for name in begun["origin"]:
        _text(begun["origin"], name)
    allowed = begun["consent"].get("allow", [])
    if not (isinstance(allowed, list) and all(isinstance(rule, str) for rule in allowed)):
        raise ValueError("its first line has no list of what was allowed")
    tenant = Tenant(**begun["tenant"])
    if not (isinstance(tenant.id, str) and re.fullmatch(GUID, tenant.id)):
        raise ValueError(f"its tenant's id {tenant.id!r} is no GUID")
    if tenant.cloud not in get_args(Cloud):
        raise ValueError(f"its tenant's cloud {tenant.cloud!r} is none")
    _text(begun["tenant"], "name")
    return tenant


def _text(event: Mapping[str, Json], name: str) -> None:
    if not isinstance(event.get(name), str):
        raise ValueError(f"its line {event.get('event', 'begun')!r} has no text {name!r}")


def _events(lines: Iterable[str]) -> Iterable[dict[str, Json]]:
    for line in lines:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue  # cut off while it was written: what it would have told did not happen yet
        if isinstance(event, dict) and "event" in event:
            yield event


def _attempt(number: int, event: Json, fate: WriteOutcome | None, request_id: str) -> Attempt:
    for name in ("resource", "type", "title", "at"):
        _text(event, name)
    if event["api"] not in get_args(Version) or fate not in (*get_args(WriteOutcome), None):
        raise ValueError(f"its request {number} is of another format")
    for row in event["settings"]:
        RESOURCES[event["type"]].at(tuple(row["path"].split(".")))
    return Attempt(
        number,
        event["resource"],
        event["type"],
        event["title"],
        event["api"],
        tuple(
            Setting(tuple(row["path"].split(".")), row["before"], row["after"])
            for row in event["settings"]
        ),
        fate,
        request_id,
        event["at"],
    )
