"""Which sign-in methods each person has, the one they prefer, and their passes."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..tables import JsonObject
from .directory import Directory
from .kinds import KEYS, PASS, Kind, kind_of, kinds


@dataclass(frozen=True, slots=True)
class Registry:
    """What `Registered.snapshot` remembers."""

    methods: dict[str, tuple[JsonObject, ...]]
    preferences: dict[str, str]
    requirements: dict[str, str]


@dataclass(slots=True)
class Registered:
    """Registered methods by person; a person without an entry has those of their crowd number.

    Rows are never changed, only replaced, so that a snapshot is cheap. With a `clock` it is known
    what people had before, and since when they have what they have.
    """

    directory: Directory
    clock: Callable[[], datetime] | None = None
    _methods: dict[str, tuple[JsonObject, ...]] = field(default_factory=dict)
    _preferences: dict[str, str] = field(default_factory=dict)
    _requirements: dict[str, str] = field(default_factory=dict)
    _past: dict[str, list[tuple[datetime, Sequence[str]]]] = field(default_factory=dict)
    _told: dict[str, tuple[str, ...] | None] = field(default_factory=dict)

    def of(self, person: str) -> tuple[JsonObject, ...]:
        """The methods of a person by id or name, in the order of registration."""
        key = self.directory.key(person)
        if key in self._methods:
            return self._methods[key]
        return tuple(made(kinds()[name], key) for name in self.kinds_of(key))

    def kinds_of(self, key: str) -> Sequence[str]:
        """The names of the kinds that a person by id has, without making the methods."""
        if key in self._methods:
            return [kind_of(each).name for each in self._methods[key]]
        crowd = self.directory.crowd
        index = crowd.index(key) if crowd else None
        return () if crowd is None or index is None else crowd.registered(index)

    def kinds_at(self, key: str, moment: datetime) -> Sequence[str]:
        """The names of the kinds that a person by id had at a moment."""
        later = (names for until, names in self._past.get(key, ()) if until > moment)
        return next(later, self.kinds_of(key))

    def report_as(self, person: str, names: Iterable[str] | None) -> None:
        """Let the report say these methods of a person, whatever they have; None is no row."""
        self._told[self.directory.key(person)] = None if names is None else tuple(names)

    @property
    def told(self) -> Mapping[str, tuple[str, ...] | None]:
        """What the report says of people by id, whatever they have registered."""
        return self._told

    def register(self, person: str, name: str, **fields: object) -> JsonObject:
        """Add a method of a kind; one that has a fixed id replaces the earlier."""
        kind = kinds()[name]
        key = self.directory.key(person)
        number = len(self.of(person))
        method = {**made(kind, f"{key}{number if kind.id is None else ''}"), **fields}
        others = (each for each in self.of(person) if each["id"] != method["id"])
        self._keep(key, (*others, method))
        return method

    def forget(self, person: str) -> None:
        """Remove all methods of a person."""
        self._keep(self.directory.key(person), ())

    def remove(self, person: str, identifier: str) -> None:
        """Take a method away."""
        rows = (each for each in self.of(person) if each["id"] != identifier)
        self._keep(self.directory.key(person), tuple(rows))

    def preference(self, person: str) -> str | None:
        """The default second factor of a person; None if none was chosen, or it was deleted."""
        key = self.directory.key(person)
        wanted = self._preferences.get(key)
        if wanted is None:
            return None
        served = any(wanted in kinds()[name].prefers for name in self.kinds_of(key))
        return wanted if served else None

    def prefer(self, person: str, value: str) -> None:
        """Choose a second factor for a person."""
        self._preferences[self.directory.key(person)] = value

    def requirement(self, person: str) -> str:
        """The per-user MFA state of a person."""
        return self._requirements.get(self.directory.key(person), "disabled")

    def require(self, person: str, value: str) -> None:
        """Set the per-user MFA state of a person."""
        self._requirements[self.directory.key(person)] = value

    def default(self, person: str) -> JsonObject | None:
        """The method that serves the preferred second factor, None without a preference."""
        wanted = self.preference(person)
        return next((m for m in self.of(person) if wanted in kind_of(m).prefers), None)

    def access_pass(self, person: str) -> JsonObject | None:
        """The Temporary Access Pass of a person, or None."""
        return next((each for each in self.of(person) if kind_of(each).name == PASS), None)

    def replace_pass(self, person: str, row: JsonObject) -> None:
        """Give a person a pass in place of the earlier one."""
        earlier = self.access_pass(person)
        if earlier is not None:
            self.remove(person, earlier["id"])
        self._keep(self.directory.key(person), (*self.of(person), row))

    def _keep(self, key: str, rows: tuple[JsonObject, ...]) -> None:
        if self.clock:
            before = tuple(self.kinds_of(key))
            self._past.setdefault(key, []).append((self.clock(), before))
        self._methods[key] = rows

    def snapshot(self) -> Registry:
        """Return the present state, for `restore`."""
        return Registry(dict(self._methods), dict(self._preferences), dict(self._requirements))

    def as_of(self, registry: Registry, directory: Directory) -> "Registered":
        """The methods as they were at a snapshot, of the people of another directory."""
        found = Registered(directory, self.clock, _past=self._past, _told=self._told)
        found.restore(registry)
        return found

    def restore(self, registry: Registry) -> None:
        """Go back to a snapshot."""
        self._methods = dict(registry.methods)
        self._preferences = dict(registry.preferences)
        self._requirements = dict(registry.requirements)


def made(kind: Kind, seed: str) -> JsonObject:
    """A method of a kind, the same for the same seed."""
    identifier = kind.id or str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind.name} {seed}"))
    if kind.name in KEYS:
        identifier = f"-{identifier.replace('-', '_')}2"  # keys have ids that are not GUIDs
    row: dict[str, Any] = {"@odata.type": kind.type, "id": identifier, **kind.fields}
    if kind.name != "password":
        row["createdDateTime"] = "2025-09-01T08:00:00Z"
    return row


def moment(text: str) -> datetime:
    """A time stamp of a request; ValueError if it has no time zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found
