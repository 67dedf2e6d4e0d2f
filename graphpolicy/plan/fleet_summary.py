"""Many tenants on one page: how many differ and by what, each difference once. Pure.

It is made from the PLANs of reports as JSON, so that one process and many jobs give the same page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from graphpolicy.model import Finding, Json
from graphpolicy.model.errors import Exit, worst
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import about_state

TenantState: TypeAlias = Literal[
    "failed", "unfinished", "unsent", "refused", "differs", "warned", "applied", "same"
]

STATES: Mapping[TenantState, str] = {
    "failed": "could not be planned",
    "unfinished": "not completely applied",
    "unsent": "not applied",
    "refused": "refused",
    "differs": "to change",
    "warned": "with findings to read",
    "applied": "applied",
    "same": "with nothing to change",
}
"""Every state of a tenant, the worst first, as a sentence counts them."""

ENFORCED = "number-matching-enforced"
"""The rule about number matching that a file limits to some people, which Graph refuses."""

_PLACE = re.compile(r"(\.ya?ml):\d+:\d+")
"""Line and column in a policy file, which differ between tenants."""

_OBJECT = re.compile(r" \([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\)")
"""The id of an object behind its name, which differs between tenants."""


@dataclass(frozen=True, slots=True)
class FleetTenant:
    """One tenant. `why` says what failed, was refused or stopped, or what is to be read.

    `unmanaged` is how many settings in no file differ from the snapshot.
    """

    name: str
    id: str
    ring: int | None
    state: TenantState
    changes: int = 0
    errors: int = 0
    warnings: int = 0
    unmanaged: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class SharedLine:
    """A line of the summary that is the same for some tenants, with their names.

    `what` is a setting, a rule or a code, `says` what differs about it; `level` is that of a rule,
    `help` what to do about a failure.
    """

    what: str
    says: str
    tenants: tuple[str, ...]
    level: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Fleet:
    """What reports say of all tenants together, what most have in common first."""

    tenants: tuple[FleetTenant, ...] = ()
    differences: tuple[SharedLine, ...] = ()
    applied: tuple[SharedLine, ...] = ()
    warned: tuple[SharedLine, ...] = ()
    failed: tuple[SharedLine, ...] = ()
    drift: bool = False
    """Whether these are reports of drift."""
    exit_code: int = Exit.DONE
    failures = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The tenants that failed, those with one reason together."""
        return tuple(map(_finding, self.failed))

    @property
    def verdict(self) -> str:
        """How many tenants there are, and how many in each state."""
        states = [tenant.state for tenant in self.tenants]
        said = words(drift=self.drift)
        counts = (f"{states.count(name):,} {said[name]}" for name in STATES if name in states)
        total = f"{len(states):,} tenant{'' if len(states) == 1 else 's'}"
        return f"{total}: {', '.join(counts)}" if states else "There are no tenants."


def _finding(shared: SharedLine) -> Finding:
    """A failure of some tenants."""
    first, more = shared.tenants[0], len(shared.tenants) > 1
    who = f"{len(shared.tenants):,} tenants, such as {first}" if more else first
    return Finding("not-planned", "error", f"{who}: {shared.says}", shared.help)


DRIFTED: Mapping[TenantState, str] = {
    "failed": "could not be read",
    "differs": "with drift",
    "same": "without drift",
}
"""How reports of drift say it."""


def words(*, drift: bool) -> Mapping[TenantState, str]:
    """What the states are called."""
    return {**STATES, **DRIFTED} if drift else STATES


@dataclass
class FleetCollector:
    """Collects PLANs one by one; of each only its numbers and what differs is kept."""

    tenants: list[FleetTenant] = field(default_factory=list)
    drift: bool = False
    _codes: list[int] = field(default_factory=list)
    _shared: dict[str, dict[tuple[str, str, str], list[str]]] = field(default_factory=dict)
    _failed: dict[tuple[str, str, str], tuple[tuple[str, str], str]] = field(default_factory=dict)
    """The message and help of the first of several equal failures, and the help of all."""

    def add(self, plan: Mapping[str, Json], code: int = Exit.DONE) -> None:
        """Count a PLAN; `code` is its own exit code.

        Raises:
            KeyError, TypeError, ValueError: it is not a PLAN.
        """
        tenant = _tenant(plan)
        found: dict[str, list[tuple[str, str, str]]] = {}
        if tenant.state == "failed":
            error = plan["error"]
            own = str(error["message"]), str(error.get("help") or "")
            says, help_ = (_alike(text, tenant) for text in own)
            failure = ("", str(error["code"]), says)
            self._failed.setdefault(failure, (own, help_))
            found["failed"] = [failure]
        else:
            kind = "applied" if tenant.state == "applied" else "differences"
            found[kind] = [("", what, says) for what, says in _differences(plan)]
            found["warned"] = [(level, rule, "") for level, rule in _findings(plan)]
        self.drift |= "undoing_refused" in plan
        self.tenants.append(tenant)
        self._codes.append(code)
        for kind, keys in found.items():
            for key in dict.fromkeys(keys):
                self._shared.setdefault(kind, {}).setdefault(key, []).append(tenant.name)

    @property
    def fleet(self) -> Fleet:
        """All that was added."""
        order = list(STATES)
        found = sorted(self.tenants, key=lambda each: (order.index(each.state), each.name))
        kinds = {kind: tuple(self._by_number(kind)) for kind in self._shared}
        return Fleet(tuple(found), **kinds, drift=self.drift, exit_code=worst(self._codes))

    def _by_number(self, kind: str) -> Iterator[SharedLine]:
        """What most tenants have first; errors before warnings."""
        found = self._shared[kind].items()
        for key, names in sorted(found, key=lambda each: (each[0][0], -len(each[1]), each[0])):
            level, what, says = key
            own, help_ = self._failed.get(key, (("", ""), ""))
            if kind == "failed" and len(names) == 1:
                says, help_ = own
            yield SharedLine(what, says, tuple(sorted(names)), level, help_)


def _tenant(plan: Mapping[str, Json]) -> FleetTenant:
    own = plan["tenant"]
    state, why = _state(plan)
    counts = plan.get("summary") or {}
    numbers = {
        name: int(counts.get(name, 0)) for name in ("changes", "errors", "warnings", "unmanaged")
    }
    name, ring = str(own["name"]), own.get("ring")
    return FleetTenant(name, str(own["id"]), ring, state, **numbers, why=why)


def _state(plan: Mapping[str, Json]) -> tuple[TenantState, str]:
    """The state of a tenant, and why if something is in the way."""
    if "error" in plan:
        return "failed", str(plan["error"]["code"])
    results = plan.get("results") or ()
    bad = [each["outcome"] for each in results if not _in_force(each)]
    if bad:
        return "unfinished", ", ".join(dict.fromkeys(bad))
    if "not_applied" in plan:
        return "unsent", str(plan["not_applied"])
    if results:
        return "applied", ""
    rules = dict.fromkeys(rule for level, rule in _findings(plan) if level == "error")
    drift = "undoing_refused" in plan
    if plan["refused"]:
        return "differs" if drift else "refused", ", ".join(rules)
    moved = [each for each in plan.get("held") or () if each["drift"]]
    unmanaged = plan.get("unmanaged") or ()
    counted = (*moved, *(each for each in unmanaged if each["drift"])) if drift else ()
    if plan["changes"] or counted:
        return "differs", ""
    said = ["what protects the tenant differs from the base"] if plan.get("protection") else []
    said += ["a held setting has changed"] if moved else []
    said += ["errors are accepted"] if any(_accepted(plan)) else []
    return ("warned" if said or unmanaged or plan["summary"]["warnings"] else "same"), "; ".join(
        said
    )


def _in_force(result: Mapping[str, Json]) -> bool:
    """Whether what a request asked for is in force; number matching is only for everyone."""
    if result["outcome"] == "enforced":
        return f"({ENFORCED})" not in str(result.get("error"))
    return bool(result["outcome"] == "verified")


def _accepted(plan: Mapping[str, Json]) -> Iterator[bool]:
    """Whether each finding is an error that somebody has accepted."""
    drift = "undoing_refused" in plan
    for each in plan["findings"]:
        judged = not drift or about_state(each["rule"])
        yield bool(judged and each["level"] == "error" and each["acknowledged"])


def _differences(plan: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """(setting, what differs) of everything that is not as the files or the snapshot say."""
    drift = "undoing_refused" in plan
    for change in plan["changes"]:
        what = ".".join(filter(None, (change["resource"], change["path"])))
        yield what, _says(change, drift=drift)
    for item in plan.get("unmanaged") or ():
        what = ".".join(filter(None, (item["title"], item["path"])))
        yield what, f"in no file: {_says(item, drift=False)}"
    for item in plan.get("held") or ():
        if item["drift"]:
            what = ".".join(filter(None, (item["resource"], item["path"])))
            yield what, f"held, and changed in the tenant to {_unnumbered(item['live_label'])}"


def _says(change: Mapping[str, Json], *, drift: bool) -> str:
    if moves := change.get("entries"):
        sides = {"-": "only in the tenant: ", "+": "only in the file: ", "~": "differs: "}
        leads = sides if drift else {sign: f"{sign} " for sign in sides}
        said = (f"{leads[each['sign']]}{each['label']}" for each in moves)
        return _unnumbered("; ".join(said))
    before, after = change["before_label"], change["after_label"]
    return _unnumbered(f"tenant: {before} · file: {after}" if drift else f"{before} -> {after}")


def _findings(plan: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """(level, rule) of the errors and warnings that nobody has accepted.

    Those of a drift that are about undoing it are left out: nothing is undone.
    """
    drift = "undoing_refused" in plan
    for each in plan["findings"]:
        if each["level"] == "note" or each["acknowledged"]:
            continue
        if not drift or about_state(each["rule"]):
            yield each["level"], each["rule"]


def _unnumbered(text: str) -> str:
    return _OBJECT.sub("", text)


def _alike(message: str, tenant: FleetTenant) -> str:
    """A message without what is the tenant's own, so that equal messages become one."""
    for own in filter(None, (tenant.id, tenant.name)):
        message = re.sub(rf"(?<![\w-]){re.escape(own)}(?![\w-])", "TENANT", message)
    return _PLACE.sub(r"\1", _unnumbered(message))
