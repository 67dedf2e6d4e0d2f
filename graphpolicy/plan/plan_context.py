"""What a plan depends on besides the policy and the tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from graphpolicy import model
from graphpolicy.catalogue.facts import Facts
from graphpolicy.compare.selection import Address
from graphpolicy.model import Finding
from graphpolicy.model.records import dataclass

CountMode: TypeAlias = Literal["always", "taking", "required", "never"]


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What a plan depends on besides the policy and the tenant.

    `today` is the date in UTC, YYYY-MM-DD: it decides what has expired. `allowed` are the rules
    that --allow accepts. `findings` are about the whole change under review. `base` are the
    policies before it by tenant id, empty without --base, and None for a tenant whose files there
    have errors; `lost` are tenants that only the base has a file for. `count` is when people are
    counted: always, if the plan takes a method from somebody, or if the policy requires it.
    """

    today: str
    facts: Facts = field(default_factory=Facts.shipped)
    allowed: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    base: Mapping[str, model.Desired | None] = field(default_factory=dict)
    lost: tuple[model.Tenant, ...] = ()
    defaults: tuple[model.Protection, ...] = ()
    """How the defaults for flags differ from those of the base."""
    proposal: bool = False
    """Whether the files are proposed in a pull request: its author may not know everybody."""
    names: bool = False
    """Whether findings name the people that they are about."""
    count: CountMode = "required"
    adopting: bool = False
    """Whether the files are to become like the tenant, so that no request is sent."""
    examine: bool = False
    """Whether emergency accounts are examined and next waves judged, as in a drift report."""
    own: Mapping[str, model.OwnRuns] = field(default_factory=dict)
    """What the records of runs say, by tenant id."""
    now: str = ""
    """The time (ISO 8601, UTC); '' is the beginning of `today`."""
    since: str = ""
    """When the tenants were as their files say, if a person says so (ISO 8601, UTC)."""
    kept: Mapping[str, model.KeptSnapshot] = field(default_factory=dict)
    """By tenant id, the snapshots to compare with what no file declares; nothing without."""
    strict: bool = False
    """Whether every difference from a snapshot makes a drift."""
    recorded: Mapping[str, Mapping[str, model.RolloutFacts]] = field(default_factory=dict)
    """What the records of runs say about rollouts, by tenant id and name."""
    only: tuple[Address, ...] = ()
    """What the plan is limited to; all that the files declare if empty."""
    offline: bool = False
    """Whether the plan is made from a snapshot."""

    @property
    def moment(self) -> str:
        """The time, to the second as far as it is known."""
        return self.now or f"{self.today}T00:00:00"
