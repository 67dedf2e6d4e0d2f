"""A run, read from its journal: what was sent, and the known outcomes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, get_args

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.shared import GUID
from graphpolicy.disk.json_text import records
from graphpolicy.model import Cloud, Json, Path, Tenant, Version
from graphpolicy.model.records import dataclass

FORMAT_VERSION = "1"

WriteOutcome: TypeAlias = Literal["verified", "written", "not written", "unknown"]
"""verified: read back as written. written: took effect, at least in part. not written: had no
effect. unknown: neither the old nor the new value was found."""


@dataclass(frozen=True, slots=True)
class WrittenSetting:
    """One setting of a write: Graph's values before it and as sent."""

    path: Path
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a run. `fate` is None if the run was interrupted before it was known.

    `resource` is Graph's id, `type` the catalogue's resource type.
    """

    number: int
    resource: str
    type: str
    title: str
    api: Version
    settings: tuple[WrittenSetting, ...]
    fate: WriteOutcome | None = None
    request_id: str = ""
    sent: str = ""
    """When the request was last sent, by the sender's clock, in the format of `begun`'s `at`."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `folder` is its path, `begun` the first line of its journal."""

    folder: str
    name: str
    tenant: Tenant
    begun: Mapping[str, Json]
    attempts: tuple[Attempt, ...]
    exit_code: int | None
    """None if the run was interrupted."""

    @property
    def allowed(self) -> tuple[str, ...]:
        """The rules that were accepted for this run."""
        return tuple(self.begun.get("consent", {}).get("allow", ()))

    @property
    def rollouts(self) -> Mapping[str, tuple[str, ...]]:
        """The open waves of each rollout, as the files of the run had them."""
        found = self.begun.get("rollouts")
        return {
            name: tuple(wave for wave in waves if isinstance(wave, str))
            for name, waves in (found if isinstance(found, dict) else {}).items()
            if isinstance(waves, list)
        }

    @property
    def open(self) -> tuple[Attempt, ...]:
        """The requests whose outcome is not known yet."""
        return tuple(attempt for attempt in self.attempts if attempt.fate is None)

    @property
    def written(self) -> tuple[Attempt, ...]:
        """The requests that took effect, or may have."""
        return tuple(one for one in self.attempts if one.fate not in ("not written", None))


def read(lines: Iterable[str], folder: str) -> Run:
    """A run from the lines of its journal; incomplete lines are skipped.

    Raises:
        ValueError: it is not a journal, or has another format.
        KeyError: it has a setting that this release does not know.
    """
    events = [event for event in records(lines) if "event" in event]
    if not events or events[0].get("event") != "begun":
        raise ValueError("its journal has no first line with event 'begun'")
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
    """The tenant of a run. Anybody may have written the line, so every member is checked."""
    for name in ("run", "verb", "at"):
        _text(begun, name)
    for name in ("tenant", "origin", "consent"):
        if not isinstance(begun.get(name), dict):
            raise ValueError(f"its first line has no {name}")
    for name in begun["origin"]:
        _text(begun["origin"], name)
    allowed = begun["consent"].get("allow", [])
    if not (isinstance(allowed, list) and all(isinstance(rule, str) for rule in allowed)):
        raise ValueError("its first line has no list `consent.allow`")
    tenant = Tenant(**begun["tenant"])
    if not (isinstance(tenant.id, str) and re.fullmatch(GUID, tenant.id)):
        raise ValueError(f"its tenant's id {tenant.id!r} is not a GUID")
    if tenant.cloud not in get_args(Cloud):
        clouds = ", ".join(get_args(Cloud))
        raise ValueError(f"its tenant's cloud must be one of {clouds} (got {tenant.cloud!r})")
    _text(begun["tenant"], "name")
    return tenant


def _text(event: Mapping[str, Json], name: str) -> None:
    if not isinstance(event.get(name), str):
        raise ValueError(f"its line {event.get('event', 'begun')!r} has no string {name!r}")


def _attempt(number: int, event: Json, fate: WriteOutcome | None, request_id: str) -> Attempt:
    for name in ("resource", "type", "title", "at"):
        _text(event, name)
    if event["api"] not in get_args(Version) or fate not in (*get_args(WriteOutcome), None):
        raise ValueError(f"its request {number} has an unknown `api` or `fate`")
    for row in event["settings"]:
        RESOURCES[event["type"]].at(tuple(row["path"].split(".")))
    return Attempt(
        number,
        event["resource"],
        event["type"],
        event["title"],
        event["api"],
        tuple(
            WrittenSetting(tuple(row["path"].split(".")), row["before"], row["after"])
            for row in event["settings"]
        ),
        fate,
        request_id,
        event["at"],
    )
