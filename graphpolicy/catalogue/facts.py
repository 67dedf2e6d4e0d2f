"""Facts that Microsoft changes over time, as dated rows with their source: `facts.json`.

Five tables: what `default` (Microsoft managed) means, limits, retirements, settings that Microsoft
rewrites in tenants, and what a cloud lacks.
A row without a cloud applies to every cloud that has no row of its own. Facts are passed in as a
value, because `--facts FILE` replaces rows of the release with a user's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from graphpolicy.catalogue.kinds import Resource
from graphpolicy.model import Cloud, Json, Version
from graphpolicy.model.records import dataclass

Status: TypeAlias = Literal["announced", "rolling", "complete", "withdrawn"]
"""Planned for later; reaching tenants one by one; true everywhere; cancelled."""

FactKey: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One dated row. Dates are YYYY-MM or YYYY-MM-DD.

    `as_of` is when `source` said so, `since` when it takes effect, or ''. Two rows with one `key`
    differ in `cloud` or in `status`.
    """

    status: Status
    as_of: str
    source: str
    since: str = ""
    cloud: Cloud | Literal[""] = ""

    about_columns: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> FactKey:
        """What the row is about."""
        return tuple(getattr(self, column) for column in self.about_columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedValue(Fact):
    """What `default` (Microsoft managed) means for a setting, in a few words."""

    resource: str
    setting: str
    means: str
    """Begins with `on` or `off` if it is one of the two, as in "on, for everyone"."""

    @property
    def on(self) -> bool:
        """Whether the setting is then on, for everyone or for some."""
        return re.match(r"on\b", self.means) is not None

    about_columns = ("resource", "setting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Fact):
    """The most that Microsoft allows of something; `setting` is empty for a whole resource."""

    name: str
    resource: str
    setting: str = ""
    about: str
    value: int
    unit: str

    about_columns = ("name",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement(Fact):
    """Something that Microsoft retires; `setting` is empty for a whole method."""

    resource: str
    setting: str = ""
    about: str
    instead: str

    about_columns = ("resource", "setting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting(Fact):
    """A setting that Microsoft itself changes in tenants, from `since` on.

    `becomes` is the value that it gets, '' if that depends on the tenant. `unless` is the dotted
    setting of the policy with which a tenant opts out, or ''.
    """

    resource: str
    setting: str
    about: str
    becomes: str = ""
    unless: str = ""

    about_columns = ("resource", "setting")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudGap(Fact):
    """A resource that one version of Graph lacks in a cloud; the policy stands for its methods."""

    resource: str
    version: Version

    about_columns = ("resource", "version")


F = TypeVar("F", bound=Fact)

TABLES: Mapping[str, type[Any]] = {
    "managed_values": ManagedValue,
    "limits": Limit,
    "retirements": Retirement,
    "rewritings": Rewriting,
    "gaps": CloudGap,
}
"""The class of the rows of each table."""


@dataclass(frozen=True, slots=True)
class FactTimeline(Generic[F]):
    """The facts with one key in one cloud: the one that holds now, those announced or rolling."""

    now: F | None
    coming: tuple[F, ...]

    @property
    def rows(self) -> tuple[F, ...]:
        return (*([self.now] if self.now else []), *self.coming)


@dataclass(frozen=True, slots=True)
class Facts:
    """All tables; `as_of` is the day on which every row was last checked."""

    as_of: str
    managed_values: tuple[ManagedValue, ...] = ()
    limits: tuple[Limit, ...] = ()
    retirements: tuple[Retirement, ...] = ()
    rewritings: tuple[Rewriting, ...] = ()
    gaps: tuple[CloudGap, ...] = ()
    about: Mapping[tuple[str, FactKey], Sequence[Any]] = field(
        init=False, repr=False, compare=False
    )
    """The rows by their table and key."""

    def __post_init__(self) -> None:
        rows: dict[tuple[str, FactKey], list[Any]] = {}
        for table in TABLES:
            for row in getattr(self, table):
                rows.setdefault((table, row.key), []).append(row)
        self.about = rows  # type: ignore[misc] # a record lets each field be set once

    @staticmethod
    @cache
    def shipped() -> Facts:
        """The rows of this release."""
        text = files(__package__).joinpath("facts.json").read_text(encoding="utf-8")
        return Facts.of(json.loads(text))

    @staticmethod
    def of(data: Json) -> Facts:
        """The facts in a file's content, which must have the shape of `facts.json`."""
        return Facts(
            data.get("as_of", ""),
            **{name: tuple(of(**row) for row in data.get(name, ())) for name, of in TABLES.items()},
        )

    def managed_value(
        self, resource: str, setting: str, cloud: Cloud = "global"
    ) -> FactTimeline[ManagedValue]:
        """What `default` means for a setting."""
        return self._standing("managed_values", (resource, setting), cloud)

    def limit(self, name: str, cloud: Cloud = "global") -> FactTimeline[Limit]:
        """A limit by its name, such as `policy-size` or `passkey-profiles`."""
        return self._standing("limits", (name,), cloud)

    def retirement(
        self, resource: str, setting: str = "", cloud: Cloud = "global"
    ) -> FactTimeline[Retirement]:
        """The retirement of a setting; without `setting`, of the whole method."""
        return self._standing("retirements", (resource, setting), cloud)

    def rewriting(
        self, resource: str, setting: str, cloud: Cloud = "global"
    ) -> FactTimeline[Rewriting]:
        """How Microsoft itself changes a setting."""
        return self._standing("rewritings", (resource, setting), cloud)

    def lacks(self, resource: Resource, version: Version, cloud: Cloud) -> bool:
        """Whether a cloud's Graph is known to lack a resource in a version."""
        above = (resource.id, resource.root[0])
        return any(self._standing("gaps", (of, version), cloud).now for of in above)

    def overridden(self, rows: Facts) -> Facts:
        """These facts, with each row replaced that has the key and the cloud of one in `rows`."""
        return Facts(
            rows.as_of or self.as_of,
            **{name: _laid_over(getattr(self, name), getattr(rows, name)) for name in TABLES},
        )

    def _standing(self, table: str, key: FactKey, cloud: Cloud) -> FactTimeline[Any]:
        about = [row for row in self.about.get((table, key), ()) if row.cloud in ("", cloud)]
        settled = sorted(
            (row for row in about if row.status in ("complete", "withdrawn")),
            key=lambda row: not row.cloud,
        )
        now = settled[0] if settled and settled[0].status == "complete" else None
        return FactTimeline(
            now, tuple(row for row in about if row.status in ("announced", "rolling"))
        )


def _laid_over(shipped: Sequence[F], own: Sequence[F]) -> tuple[F, ...]:
    taken = {(row.key, row.cloud) for row in own}
    return (*(row for row in shipped if (row.key, row.cloud) not in taken), *own)
