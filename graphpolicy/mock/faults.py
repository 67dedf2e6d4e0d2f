"""Faults between a client and Graph, on demand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any, Final

from .graph.call import Answer, Message
from .graph.errors import Stamp
from .tables import data
from .tenant import Tenant

KINDS: Final = {
    "status": "the answer has the given status, body and headers; the request is not executed",
    "reset_before": "the connection breaks; the request is not executed",
    "reset_after": "the request is executed, then the connection breaks without an answer",
    "reset_half": "the request is executed, then the connection breaks in the middle of the answer",
    "expire_token": "the token expires with this request",
    "slow": "the request is executed and answered some seconds later",
    "truncated": "the request is executed, but only half of the body arrives",
    "not_persisted": "a write is answered as usual but has no effect",
    "stale": "the next reads return the policy, the strengths or the people as before the request",
    "interleave": "another administrator edits policy, strength or person just before or after it",
}
"""The kinds of faults."""
NAMES: Final = (*KINDS, *data("faults.json"))
"""The accepted names: a kind, or a predefined status fault from `faults.json`."""

_WHOLE: Final = {"after": 0, "times": 1, "reads": 1, "seed": 0, "status": 100}
"""The minimum of each integer field of a fault."""
_IN_TRANSPORT: Final = frozenset({"reset_before", "reset_after", "reset_half", "slow", "truncated"})
_TEXTS: Final = {
    429: ("TooManyRequests", "Please retry again later."),
    503: ("serviceNotAvailable", "The service is temporarily unavailable."),
    504: ("UnknownError", ""),
}
_ANY_TEXT: Final = ("generalException", "An error was injected.")


class UnknownFaultError(ValueError):
    """An unknown fault, or a field of one with an invalid value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, which requests it strikes, and how often.

    It strikes requests of `method` whose path contains `path_contains` (both optional, case is
    ignored). It lets the first `after` of them pass and then strikes `times` times (None: always).
    With `probability` it strikes that share of them, chosen by `seed`, the same in every run.
    `status`, `body`, `headers` and `retry_after` (seconds, or `date:SECONDS` for a date) are for
    kind status, `seconds` for slow, `reads` or `seconds` for stale, and `edit` for interleave:
    {resource, set, actor, when: before | after}, or {user, methods, when} to replace the methods of
    a person. `Fault.named` also accepts the names in `faults.json`.
    """

    kind: str
    method: str | None = None
    path_contains: str | None = None
    after: int = 0
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    status: int = 503
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: str | None = None
    seconds: float = 0.0
    reads: int = 1
    edit: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the fields."""
        if self.kind not in KINDS:
            raise UnknownFaultError(f"fault must be one of {', '.join(NAMES)} (got {self.kind!r})")
        if self.kind == "interleave" and not (
            {"resource", "set"} <= self.edit.keys() or {"user", "methods"} <= self.edit.keys()
        ):
            raise UnknownFaultError(
                "fault interleave needs edit: {resource, set} or {user, methods}"
            )
        for name, least in _WHOLE.items():
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
            if not whole and not (name == "times" and value is None):
                raise UnknownFaultError(f"{name} {value!r} is not an integer of at least {least}")
        for name in ("probability", "seconds"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise UnknownFaultError(f"{name} {value!r} is not a number")
        if not 0 < self.probability <= 1:
            raise UnknownFaultError(
                f"probability {self.probability!r} must be above 0 and at most 1"
            )

    @classmethod
    def named(cls, name: str, **options: Any) -> "Fault":
        """A fault by its kind, or by a name of `faults.json` such as `throttled-315`."""
        unknown = sorted(options.keys() - {each.name for each in fields(cls)})
        if unknown:
            raise UnknownFaultError(f"a fault has no field {', '.join(unknown)}")
        return cls(**{**data("faults.json").get(name, {"kind": name}), **options})

    def concerns(self, message: Message) -> bool:
        """Whether the fault's method and path match a request."""
        method = self.method is None or self.method.upper() == message.method
        wanted = (self.path_contains or "").lower()
        return method and wanted in message.path.lower()


@dataclass(slots=True)
class _Counted:
    fault: Fault
    draw: Random
    passed: int = 0
    struck: int = 0


@dataclass(slots=True)
class FaultBook:
    """The faults that are armed, and how often each has struck."""

    _rows: list[_Counted] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Arm a fault."""
        self._rows.append(_Counted(fault, Random(fault.seed)))  # noqa: S311 - the same each run

    def clear(self) -> None:
        """Disarm every fault."""
        self._rows.clear()

    def armed(self) -> list[Fault]:
        """The faults that may still strike."""
        return [row.fault for row in self._rows if row.struck != row.fault.times]

    def take(self, message: Message, *, batched: bool = False) -> Fault | None:
        """The fault that strikes a request now, or None.

        A request in a batch has no connection of its own, so faults of the connection skip it.
        """
        for row in self._rows:
            fault = row.fault
            if row.struck == fault.times or not fault.concerns(message):
                continue
            if batched and fault.kind in _IN_TRANSPORT:
                continue
            if row.passed < fault.after:
                row.passed += 1
                continue
            if row.draw.random() >= fault.probability:
                continue
            row.struck += 1
            return fault
        return None


def strike(fault: Fault, tenant: Tenant, answer: Callable[[], Answer]) -> Answer:
    """Answer a request under a fault that changes the tenant or what reads see."""
    before = tenant.snapshot()
    people = tenant.people() if fault.kind == "stale" else None
    edit = fault.edit
    meddles = fault.kind == "interleave"
    late = edit.get("when") == "after"
    if meddles and not late:
        _meddle(tenant, edit)
    given = answer()
    if meddles and late:
        _meddle(tenant, edit)
    elif fault.kind == "not_persisted":
        tenant.restore(before)
    elif fault.kind == "stale":
        wrote, moved = tenant.policy != before.policy, tenant.strengths.rows != before.strengths
        reads = None if fault.seconds else fault.reads
        if moved:
            tenant.strengths.older.add(before.strengths, reads, fault.seconds)
        elif wrote or people == tenant.people():
            tenant.delay(before.policy, None, reads, fault.seconds)
        if not wrote and not moved:
            tenant.delay(None, people, reads, fault.seconds)
    return given


def _meddle(tenant: Tenant, edit: Mapping[str, Any]) -> None:
    if "user" in edit:
        tenant.registered.forget(edit["user"])
        tenant.populate({"methods": {edit["user"]: edit["methods"]}})
    else:
        tenant.portal(edit["resource"], edit["set"], edit.get("actor", "portal"))


def refusal(fault: Fault, stamp: Stamp) -> Answer:
    """The answer of a fault of kind status."""
    body = fault.body
    if body is None:
        body = stamp.envelope(*_TEXTS.get(fault.status, _ANY_TEXT))
    headers = dict(fault.headers)
    if fault.retry_after is not None:
        headers["Retry-After"] = _retry_after(fault.retry_after, stamp.moment)
    kind = "text/html" if isinstance(body, str) else "application/json"
    return Answer(fault.status, body, {**stamp.headers, "Content-Type": kind, **headers})


def _retry_after(text: str, moment: datetime) -> str:
    form, _, seconds = text.rpartition(":")
    if form != "date":
        return text
    return format_datetime(moment + timedelta(seconds=int(seconds)), usegmt=True)
