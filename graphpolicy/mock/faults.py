"""Things that go wrong between a client and Graph, on demand."""

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
    "status": "answers with a status, body and headers of one's choice; nothing is done",
    "reset_before": "the connection breaks; nothing is done",
    "reset_after": "the request is done, then the connection breaks without an answer",
    "reset_half": "the request is done, the connection breaks half-way through the answer",
    "expire_token": "the token's time is over from this request on",
    "slow": "the request is done and answered some seconds later",
    "truncated": "the request is done, half of the body arrives",
    "not_persisted": "a write is answered as usual but not done",
    "stale": "the next reads see the state from before the request: of the policy, or of people",
    "interleave": "another administrator edits the policy or a person just before or after",
}
"""What a fault can be."""
NAMES: Final = (*KINDS, *data("faults.json"))
"""What can be asked for: a kind, or one of the usual refusals by name."""

_WHOLE: Final = {"after": 0, "times": 1, "reads": 1, "seed": 0, "status": 100}
"""The least of each whole number that a fault has."""
_IN_TRANSPORT: Final = frozenset({"reset_before", "reset_after", "reset_half", "slow", "truncated"})
_TEXTS: Final = {
    429: ("TooManyRequests", "Please retry again later."),
    503: ("serviceNotAvailable", "The service is temporarily unavailable."),
    504: ("UnknownError", ""),
}
_ANY_TEXT: Final = ("generalException", "An error was injected.")


class UnknownFaultError(ValueError):
    """A fault that the mock cannot make."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong: for which requests, how often, and what.

    It strikes requests of `method` whose path contains `path_contains` (both optional, without
    case), lets the first `after` of them pass and then strikes `times` times (None: always).
    With a `probability` it strikes that share of them, drawn by `seed`, the same in every run.
    `status`, `body`, `headers` and `retry_after` (seconds, or `date:SECONDS` for a date) belong to
    kind status, `seconds` to slow, `reads` or `seconds` to stale, and `edit`
    ({resource, set, actor, when: before | after}, or {user, methods, when} for what a person has
    from then on) to interleave. `Fault.named` knows the usual.
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
        """Refuse what cannot strike."""
        if self.kind not in KINDS:
            raise UnknownFaultError(f"fault {self.kind!r} is not one of {', '.join(NAMES)}")
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
                raise UnknownFaultError(f"{name} {value!r} is not a whole number from {least}")
        for name in ("probability", "seconds"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise UnknownFaultError(f"{name} {value!r} is not a number")
        if not 0 < self.probability <= 1:
            raise UnknownFaultError(f"probability {self.probability!r} is not above 0 and up to 1")

    @classmethod
    def named(cls, name: str, **options: Any) -> "Fault":
        """A fault by its kind, or by a name of `faults.json` such as `throttled-315`."""
        unknown = sorted(options.keys() - {each.name for each in fields(cls)})
        if unknown:
            raise UnknownFaultError(f"a fault has no {', '.join(unknown)}")
        return cls(**{**data("faults.json").get(name, {"kind": name}), **options})

    def concerns(self, message: Message) -> bool:
        """Say whether a request is one of those that this fault is about."""
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
        """Return the fault that strikes a request now, if any.

        Inside a batch there is no connection of its own to break.
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
    """Answer a request while something happens to the tenant."""
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
        wrote = tenant.policy != before.policy
        tenant.delay(
            before.policy if wrote or people == tenant.people() else None,
            None if wrote else people,
            None if fault.seconds else fault.reads,
            fault.seconds,
        )
    return given


def _meddle(tenant: Tenant, edit: Mapping[str, Any]) -> None:
    if "user" in edit:
        tenant.registered.forget(edit["user"])
        tenant.populate({"methods": {edit["user"]: edit["methods"]}})
    else:
        tenant.portal(edit["resource"], edit["set"], edit.get("actor", "portal"))


def refusal(fault: Fault, stamp: Stamp) -> Answer:
    """Answer what a fault of kind status says."""
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
