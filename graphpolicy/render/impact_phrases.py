"""The people that a plan affects, in numbers: as JSON, and as every other format says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields

from graphpolicy.compare.audit_events import moment
from graphpolicy.model import (
    Change,
    ChangeImpact,
    Counted,
    DatedImpact,
    Failure,
    GroupSize,
    Numbers,
    Plan,
    Unread,
)
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import number

NOT_COUNTED = "people-not-counted"
"""The rule that says what could not be read, if a plan takes a method from somebody."""

NUMBERS = " ".join(each.name for each in fields(Numbers))

WORDS: Mapping[str, str] = {
    "without_any": "would have no usable method left",
    "without_mfa": "would have no method left that is good for multifactor authentication",
    "without_phishing_resistant": "would have no method left that resists phishing",
    "device_alone": "would keep only Windows Hello or another credential of one device",
    "lose": "would lose a method that they have registered",
    "without_sms_sign_in": "could no longer sign in with a text message alone",
    "without_reset": "could no longer reset their own password",
    "gain": "would gain a method that they have registered",
    "unregistered_in_target": "would be meant to use a method that they have not registered",
    "other_prompt": "would see another prompt in Authenticator",
    "not_known": "are not known well enough to say what they would be left with",
}
"""What is said of the people in each number, the worst first."""


@dataclass(frozen=True, slots=True)
class TitledLines:
    """Lines that belong together, below a title; without one they are about all people."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImpactText:
    """The impact of a plan in words: a headline without its full stop, and the lines below it."""

    headline: str
    parts: tuple[TitledLines, ...] = ()
    as_of: str = ""
    bad: bool = False
    """Whether somebody would be locked out."""


def said(plan: Plan) -> ImpactText | None:
    """The impact of a plan, or of the next day, in words; None if nobody asked to count people."""
    if plan.dated:
        return said_of_day(plan.dated)
    told = any(finding.rule == NOT_COUNTED for finding in plan.findings)
    if isinstance(plan.impact, Counted):
        return ImpactText(
            headline(plan.impact),
            tuple(details(plan.impact, plan.changes, gaps=not told)),
            as_of(plan.impact),
            bool(locked_out(plan.impact.everyone)),
        )
    return ImpactText(not_counted(plan.impact, fix=not told)) if plan.impact else None


def everywhere(plans: Iterable[Plan | Failure]) -> str:
    """The headline of the plans of all tenants together; '' if nobody asked to count people."""
    made = (plan.plan if isinstance(plan, Failure) else plan for plan in plans)
    asked = [plan for plan in made if plan and plan.impact is not None]
    if len(asked) == 1 and (one := said(asked[0])):
        return one.headline
    counted = [plan.impact for plan in asked if isinstance(plan.impact, Counted)]
    left = len(asked) - len(counted)
    text = f"people could not be counted in {number(left, 'tenant')}" if left else ""
    if not counted:
        return text.capitalize()
    emergency = [each.emergency for each in counted]
    total = Counted(
        _sum(each.everyone for each in counted),
        _sum(each.guests for each in counted),
        _sum(each.admins for each in counted),
        None if None in emergency else _sum(filter(None, emergency)),
        tuple(change for each in counted for change in each.changes),
        at_least=frozenset().union(*(each.at_least for each in counted)),
    )
    return "; ".join(filter(None, (headline(total), text)))


def _sum(circles: Iterable[Numbers]) -> Numbers:
    found = list(circles)
    return Numbers(*(sum(getattr(each, name) for each in found) for name in NUMBERS.split()))


def locked_out(everyone: Numbers) -> list[str]:
    """The numbers of people locked out that are not zero."""
    return [name for name in ("without_mfa", "without_any") if getattr(everyone, name)]


def said_of_day(dated: DatedImpact) -> ImpactText:
    """What Microsoft takes away by a day, in words."""
    if not dated.facts:
        return ImpactText(
            f"Microsoft has announced nothing for this cloud that happens by {dated.on}"
        )
    facts = TitledLines(
        "What Microsoft does",
        tuple(f"{each.resource}, {each.since}: {each.about}" for each in dated.facts),
    )
    lead = f"By {dated.on}, if nothing is changed"
    if not isinstance(dated.counted, Counted):
        why = not_counted(dated.counted) if dated.counted else ""
        return ImpactText(f"{lead}: {why[:1].lower()}{why[1:]}", (facts,))
    scope = TitledLines("", tuple(_scope(dated)))
    counted = dated.counted
    begun = headline(counted)
    return ImpactText(
        f"{lead}: {begun[0].lower()}{begun[1:]}",
        (scope, *details(counted), facts),
        as_of(counted),
        bool(locked_out(counted.everyone)),
    )


def _scope(dated: DatedImpact) -> Iterator[str]:
    """For how many people it is on, and what the last recorded run counted."""
    yield f"The methods are on for {people(dated.scope)}"
    if was := dated.earlier:
        at, lose, without = (was.get(name) for name in ("at", "registered", "without_mfa"))
        yield (
            f"In the last count, on {str(at)[:10]}, {lose} would lose a method, and {without} "
            "would have none left for multifactor"
        )


def headline(counted: Counted) -> str:
    """The impact in one sentence without its full stop: who would be locked out, who loses what."""
    everyone = counted.everyone
    whole = _headlined(everyone)
    said = [_line(counted, name, bare=True) for name in whole]
    if everyone.lose and "lose" not in whole:
        said.append(f"{_count(counted, 'lose')} would lose a method")
    if not everyone.lose:
        unsure = "lose" in counted.at_least
        nobody = "nobody would lose a method that they have registered"
        said.append("it is not known who would lose a method" if unsure else nobody)
    if everyone.not_known:
        said.append(f"it is not known what {_count(counted, 'not_known')} would be left with")
    if counted.emergency is None:
        said.append("the emergency accounts could not be counted")
    of = people(everyone.people, counted.at_least & {"people"})
    return f"Of {of}, {'; '.join(said)}"


def _headlined(everyone: Numbers) -> list[str]:
    """The numbers that the headline has in full: lockouts, or else the first that is not zero."""
    return (
        locked_out(everyone) or [name for name in ("lose", "gain") if getattr(everyone, name)][:1]
    )


def not_counted(unread: Unread, *, fix: bool = True) -> str:
    """The text in place of the headline if people could not be counted."""
    help_ = f"; {unread.fix}" if fix and unread.fix else ""
    return f"People could not be counted: {unread.why}{help_}"


def details(
    counted: Counted, changes: Iterable[Change] = (), *, gaps: bool = True
) -> Iterator[TitledLines]:
    """Everything that is not zero and not in the headline, in parts.

    `changes` name the methods. Without `gaps` the parts that could not be read are left out,
    because findings say it already.
    """
    everyone = counted.everyone
    rest = [name for name in WORDS if name not in _headlined(everyone)]
    lines = [_line(counted, name) for name in rest if getattr(everyone, name)]
    open_ = [name for name in rest if not getattr(everyone, name) and name in counted.at_least]
    lines += [f"It is not known whether anybody {WORDS[name]}" for name in open_ if name != "lose"]
    if counted.unused:
        have = "has" if counted.unused == 1 else "have"
        other = f"{have} used none of their other methods for half a year"
        lines.append(f"{people(counted.unused)} who would lose a method {other}")
    titles = {each.resource: each.title for each in changes}
    yield from _part("", lines)
    yield from _part("Each change", [_change(each, titles) for each in counted.changes])
    yield from _part("Groups that the changes name", map(_group, counted.groups))
    yield from _part(
        "Models of passkeys that people would lose",
        (f"{model}: {_hold(many)}" for model, many in counted.models),
    )
    yield from _part(
        "Methods in the report that this release does not know; they count as lost",
        (f"{method}: {_hold(many)}" for method, many in counted.strange),
    )
    if gaps:
        yield from _part(
            "Not counted, or not completely",
            (f"{each.why}; {each.fix}" for each in (*counted.unread, *counted.notes)),
        )


def as_of(counted: Counted) -> str:
    """How old the numbers are; '' if the report does not say."""
    at = moment(counted.as_of)
    return f"What people have registered is from the report of {at}" if at else ""


def people(count: int, more: Collection[str] = ()) -> str:
    """A number of people, with separators for thousands; it says so if they may be `more`."""
    return f"{'at least ' if more else ''}{count:,} {'person' if count == 1 else 'people'}"


def _count(counted: Counted, name: str) -> str:
    """A number of everybody; it says so if it may be greater."""
    return f"{'at least ' if name in counted.at_least else ''}{getattr(counted.everyone, name):,}"


def _part(title: str, lines: Iterable[str]) -> Iterator[TitledLines]:
    if found := tuple(lines):
        yield TitledLines(title, found)


def _line(counted: Counted, name: str, *, bare: bool = False) -> str:
    count = getattr(counted.everyone, name)
    words = WORDS[name]
    if name == "not_known" and count == 1:
        words = words.replace("are", "is", 1)
    who = _count(counted, name) if bare else people(count, counted.at_least & {name})
    return f"{who} {words}{_circles(counted, name)}"


def _circles(counted: Counted, name: str) -> str:
    """How many of them are administrators, emergency accounts and guests, if any are."""
    circles = (
        (counted.admins, "administrator"),
        (counted.emergency, "emergency account"),
        (counted.guests, "guest"),
    )
    found = [(getattr(circle, name), noun) for circle, noun in circles if circle]
    said = [f"{many:,} {noun}{'s' if many > 1 else ''}" for many, noun in found if many]
    return f" ({', '.join(said)})" if said else ""


def _hold(many: int) -> str:
    return f"{people(many)} {'has' if many == 1 else 'have'} it"


def _change(each: ChangeImpact, titles: Mapping[str, str]) -> str:
    have = "has" if each.unregistered == 1 else "have"
    said = {
        "lose": "would lose the method",
        "without_mfa": "of them would be left without multifactor",
        "gain": "would gain the method",
        "unregistered": f"{have} not registered it",
    }
    reaches = f"reaches {people(each.reaches) if each.reaches else 'nobody'}"
    if each.reaches is None:
        reaches = "it is not known who it reaches"
    numbers = [
        f"{'at least ' if name in each.at_least else ''}{many:,} {what}"
        for name, what in said.items()
        if (many := getattr(each, name))
    ]
    text = ", ".join((reaches, *numbers))
    return f"{titles.get(each.resource, each.resource)}.{each.path}: {text}"


def _group(group: GroupSize) -> str:
    name = f"{group.name!r} ({group.id})" if group.name else group.id
    if group.gone:
        return f"{name}: no longer in the directory"
    size = "its members could not be read"
    if group.people is not None:
        size = people(group.people) if group.people else "nobody"
    kinds = [word for word in ("dynamic", "synchronised") if getattr(group, word)]
    return ", ".join((f"{name}: {size}", *kinds))
