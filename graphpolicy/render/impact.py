"""Whom a plan reaches, in numbers: the JSON of it, and what every other format says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields

from graphpolicy.compare.audit_log import moment
from graphpolicy.model import (
    Change,
    ChangeImpact,
    Counted,
    Dated,
    GroupSize,
    Json,
    Numbers,
    Unread,
)
from graphpolicy.model.records import dataclass
from graphpolicy.render.as_json import members

NUMBERS = " ".join(each.name for each in fields(Numbers))

WORDS: Mapping[str, str] = {
    "without_any": "would have no usable method left",
    "without_mfa": "would have no method left that is good for multifactor authentication",
    "without_phishing_resistant": "would have no method left that resists phishing",
    "device_alone": "would keep nothing but Windows Hello or another credential of one device",
    "lose": "would lose a method that they have registered",
    "without_sms_sign_in": "could no longer sign in with a text message alone",
    "without_reset": "could no longer reset their own password",
    "gain": "would gain a method that they have registered",
    "unregistered_in_target": "would newly be offered a method that they have not registered",
    "other_prompt": "would see another prompt in Authenticator",
    "not_known": "are not known well enough to say what they would be left with",
}
"""What is said of the people in each number, the worst first."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together, below a title; without one they are about all people."""

    title: str
    lines: tuple[str, ...]


def headline(counted: Counted) -> str:
    """The impact in one sentence without its full stop: who would be locked out, who loses what."""
    everyone = counted.everyone
    whole = _headlined(everyone)
    said = [_line(counted, name) for name in whole]
    if everyone.lose and "lose" not in whole:
        said.append(f"{everyone.lose:,} would lose a method")
    if not everyone.lose:
        said.append("nobody would lose a method that they have registered")
    if everyone.not_known:
        said.append(
            f"{everyone.not_known:,} {'is' if everyone.not_known == 1 else 'are'} not known"
        )
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]} ({people(everyone.people)} counted)"


def _headlined(everyone: Numbers) -> list[str]:
    """The numbers that the headline tells in full: lockouts, or else the first that is not zero."""
    names = ("without_mfa", "without_any")
    locked_out = [name for name in names if getattr(everyone, name)]
    other = [name for name in ("lose", "gain") if getattr(everyone, name)]
    return locked_out or other[:1]


def not_counted(unread: Unread) -> str:
    """What stands in place of the headline where people could not be counted."""
    return f"People could not be counted: {unread.why}. To count them: {unread.fix}"


def details(
    counted: Counted, changes: Iterable[Change] = (), *, gaps: bool = True
) -> Iterator[Part]:
    """Everything that is not zero and not in the headline, in parts.

    `changes` name the methods. Without `gaps` it is left out what could not be read, because
    findings tell it already.
    """
    everyone = counted.everyone
    rest = (name for name in WORDS if name not in _headlined(everyone))
    lines = [_line(counted, name) for name in rest if getattr(everyone, name)]
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


def people(count: int) -> str:
    """A number of people, with separators for thousands."""
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _part(title: str, lines: Iterable[str]) -> Iterator[Part]:
    if found := tuple(lines):
        yield Part(title, found)


def _line(counted: Counted, name: str) -> str:
    count = getattr(counted.everyone, name)
    words = WORDS[name]
    if name == "not_known" and count == 1:
        words = words.replace("are", "is", 1)
    return f"{people(count)} {words}{_circles(counted, name)}"


def _circles(counted: Counted, name: str) -> str:
    """How many of them are administrators, emergency accounts and guests, if any are."""
    circles = (
        (counted.admins, "administrator"),
        (counted.emergency, "emergency account"),
        (counted.guests, "guest"),
    )
    found = [(getattr(circle, name), noun) for circle, noun in circles]
    said = [f"{many:,} {noun}{'s' if many > 1 else ''}" for many, noun in found if many]
    return f" ({', '.join(said)})" if said else ""


def _hold(many: int) -> str:
    return f"{people(many)} {'has' if many == 1 else 'have'} it"


def _change(each: ChangeImpact, titles: Mapping[str, str]) -> str:
    said = (
        (each.lose, "would lose the method"),
        (each.without_mfa, "of them would be left without multifactor"),
        (each.gain, "would gain the method"),
        (each.unregistered, f"{'has' if each.unregistered == 1 else 'have'} not registered it"),
    )
    reaches = f"reaches {people(each.reaches) if each.reaches else 'nobody'}"
    text = ", ".join((reaches, *(f"{many:,} {what}" for many, what in said if many)))
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


def impact_json(impact: Counted | Unread) -> Json:
    """The `impact` of a plan. Where people were not counted every number is null, never zero."""
    if isinstance(impact, Unread):
        nothing = dict.fromkeys(NUMBERS.split())
        return {
            **nothing,
            "admins_without_mfa": None,
            "emergency_without_any": None,
            "per_change": [],
            "guests": nothing,
            "as_of": None,
            "not_counted": {"message": impact.why, "help": impact.fix},
        }
    return {
        **members(impact.everyone, NUMBERS),
        "admins_without_mfa": impact.admins.without_mfa,
        "admins_without_any": impact.admins.without_any,
        "emergency_without_any": impact.emergency and impact.emergency.without_any,
        "per_change": [
            members(each, "resource path gain lose without_mfa reaches unregistered")
            for each in impact.changes
        ],
        "guests": members(impact.guests, NUMBERS),
        "groups": [
            members(each, "id name? people dynamic synchronised gone") for each in impact.groups
        ],
        "models": [{"model": model, "people": people} for model, people in impact.models],
        "unused": impact.unused,
        "unknown_methods": [
            {"method": method, "people": people} for method, people in impact.strange
        ],
        "as_of": impact.as_of or None,
    }


def dated_json(dated: Dated) -> Json:
    """What happens by a day, with the numbers of the last recorded run."""
    counted = dated.counted
    return {
        "on": dated.on,
        "facts": [members(each, "resource about since source") for each in dated.facts],
        "policy_scope": dated.scope if isinstance(counted, Counted) else None,
        "registered": counted.everyone.lose if isinstance(counted, Counted) else None,
        "impact": impact_json(counted) if counted else None,
        "earlier": dated.earlier,
    }
