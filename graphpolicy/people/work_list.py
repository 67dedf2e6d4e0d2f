"""Who must do something before a plan or a day; those who must register come first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.registered import reported_as
from graphpolicy.model import Json, WorkItem
from graphpolicy.people.affected import Impact
from graphpolicy.people.crowd import Crowd, PeopleCase
from graphpolicy.people.reach import reach
from graphpolicy.people.sign_in_effect import REGISTRABLE
from graphpolicy.people.ways import Method

LOSES = "loses a method"
REASONS: tuple[tuple[str, str], ...] = (
    ("without_any", "left with nothing"),
    ("without_mfa", "left without a second factor"),
    ("without_phishing_resistant", "left without a method that resists phishing"),
    ("device_alone", "left with one device alone"),
    ("lose", LOSES),
    ("not_known", "not known"),
    ("unregistered_in_target", "has not registered what they are meant to use"),
)
"""The numbers that are about something to do, the most urgent first, and what each is called."""

BEST = (
    "fido2",
    "microsoftauthenticator",
    "external",
    "hardwareoath",
    "softwareoath",
)
"""Methods to propose first, the best first."""


def work_list(crowd: Crowd, impact: Impact, emergency: int = 0) -> tuple[WorkItem, ...]:
    """The people who must do something, the most urgent first. `emergency` is a bit of the crowd.

    Administrators and emergency accounts come first, then people who are left with nothing.
    """
    found: dict[PeopleCase, tuple[int, str] | None] = {}
    rows: list[WorkItem] = []
    for id_, name, case in crowd.people():
        if case not in found:
            found[case] = _urgency(impact.fate(case), case, emergency)
        if urgent := found[case]:
            priority, reason = urgent
            rows.append(
                WorkItem(
                    priority,
                    reason,
                    name,
                    id_,
                    case.registered.admin,
                    case.registered.guest,
                    tuple(map(_label, case.registered.methods or ())),
                    tuple(sorted(_title(impact.judge.methods[x]) for x in impact.lost(case))),
                    _first(impact, case, reason),
                )
            )
    return tuple(sorted(rows, key=lambda row: (row.priority, row.person.casefold())))


def _urgency(counts: frozenset[str], case: PeopleCase, emergency: int) -> tuple[int, str] | None:
    for number, (name, reason) in enumerate(REASONS):
        if name in counts:
            first = case.registered.admin or bool(case.groups & emergency)
            return number + (1 if first else 1 + len(REASONS)), reason
    return None


def _label(name: str) -> str:
    kind = reported_as(name)
    return kind.label if kind else name


def _title(method: Method) -> str:
    named: Json = method.before.get("displayName") or method.after.get("displayName")
    return str(named) if named else RESOURCES[method.kind].label


KEEP = "tell them; they keep another method"
LOOK = "look at what they have registered: graphpolicy mfa list"


def _first(impact: Impact, case: PeopleCase, reason: str) -> str:
    """What to do first: register something that will be allowed, if nothing good is left."""
    if reason == LOSES:
        return KEEP
    if case.registered.methods is None:
        return LOOK
    offered = [_title(method) for method in _offered(impact, case)]
    if offered:
        return f"register {' or '.join(offered[:3])}"
    return "include them in a method that they can register"


def _offered(impact: Impact, case: PeopleCase) -> Iterator[Method]:
    """The methods that they may use after it, have not registered, and can register."""
    has = {
        method.casefold()
        for name in case.registered.methods or ()
        if (kind := reported_as(name))
        for method in kind.through
    }
    methods: Mapping[str, Method] = impact.judge.methods
    ranks = {id_: BEST.index(id_) if id_ in BEST else len(BEST) for id_ in methods}
    for id_ in sorted(methods, key=lambda each: (ranks[each], each)):
        wanted = id_ in REGISTRABLE and id_ not in has
        if wanted and impact.judge.reached(reach(methods[id_].after), case.groups):
            yield methods[id_]
