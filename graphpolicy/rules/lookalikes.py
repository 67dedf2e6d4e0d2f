"""Names of different groups that a reader may confuse. Pure.

Two names look alike if their skeletons are equal: Unicode's mechanism for confusables (UTS #39),
with compatibility forms and white space folded, and invisible characters removed.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files

from graphpolicy.compare.resolve import Resolution
from graphpolicy.model import Account, Directory, Finding, Json, Place
from graphpolicy.model.invisible_characters import BLANK, ignorable
from graphpolicy.model.records import dataclass

_ASCII: Mapping[int, str] = str.maketrans(
    {"0": "O", "1": "l", "I": "l", "|": "l", "m": "rn", "`": "'", '"': "''"}
)
"""ASCII characters that look alike."""

_ROUNDS = 4
"""The longest chain of replacements: one looks like a second, which looks like a third."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A group that a plan mentions; `id` is empty if it was not looked up."""

    name: str
    id: str
    place: Place | None = None


def skeleton(name: str) -> str:
    """A name with all characters that look alike replaced by one of them."""
    if not name.isascii():
        for _ in range(_ROUNDS):
            name = unicodedata.normalize("NFKD", name.translate(_confusables()))
        name = "".join(
            " " if character in BLANK else character
            for character in name
            if not ignorable(character)
        )
    return " ".join(name.translate(_ASCII).split())


def look_alikes(mentions: Iterable[Mention]) -> Iterator[Finding]:
    """One warning for each set of different groups whose names look alike."""
    alike: dict[str, dict[tuple[str, str], Mention]] = {}
    for mention in mentions:
        same = alike.setdefault(skeleton(mention.name), {})
        key = mention.name, mention.id.casefold()
        if key not in same or (mention.place and not same[key].place):
            same[key] = mention
    for same in alike.values():
        found = sorted(_told_apart(same.values()), key=lambda each: (each.name, each.id))
        if len({each.id.casefold() or each.name for each in found}) > 1:
            yield _finding(found)


def mentioned(resolution: Resolution, directory: Directory) -> Iterator[Mention]:
    """The groups that a plan mentions and those that its files name."""
    desired = resolution.desired
    for named in resolution.named:
        id_ = named.id or resolution.groups.get(named.name, "")
        yield Mention(named.name, id_, named.place)
    for id_, name in directory.names.items():
        yield Mention(name, id_)
    kept = desired.emergency_access
    yield from _entries(kept if isinstance(kept, list) else (), directory.accounts)
    refused = [entry for entry in desired.helpdesk.get("refuse") or () if "group" in entry]
    yield from _entries(refused, directory.refused)


def _entries(
    entries: Iterable[Mapping[str, Json]], accounts: tuple[Account, ...]
) -> Iterator[Mention]:
    for number, entry in enumerate(entries):
        if "group" not in entry:
            continue
        account = accounts[number] if number < len(accounts) else None
        id_ = str(entry.get("id") or (account.id if account else ""))
        yield Mention(str(entry["group"]), id_)
        if account and account.called:
            yield Mention(account.called, id_)


def _told_apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Without groups that were not looked up if one that was has exactly the same name."""
    mentions = list(mentions)
    known = {each.name for each in mentions if each.id}
    return [each for each in mentions if each.id or each.name not in known]


def _finding(found: list[Mention]) -> Finding:
    first, *rest = found
    listed = "; ".join(
        f"{each.name!r}"
        + ("" if each.name.isascii() else f", escaped {each.name!a}")
        + (f", id {each.id}" if each.id else ", not looked up")
        for each in found
    )
    other = next((each for each in rest if each.name != first.name), None)
    if other is None:
        message = f"{len(found)} groups have the same name: {listed}"
    else:
        difference = _difference(first.name, other.name)
        message = f"the names of {len(found)} groups look alike: {listed}; {difference}"
    return Finding(
        "look-alike-names",
        "warning",
        message,
        "check by its id that each is the right group, and rename one of them",
        source=next((each.place for each in found if each.place), None),
    )


def _difference(one: str, other: str) -> str:
    """Where two names differ first, in words."""
    pairs = enumerate(zip(f"{one}\n", f"{other}\n", strict=False), 1)
    number, (left, right) = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
    return f"character {number} is {_called(left)} in one and {_called(right)} in another"


def _called(character: str) -> str:
    if character == "\n":
        return "missing"
    return unicodedata.name(character, f"U+{ord(character):04X}")


@functools.cache
def _confusables() -> Mapping[int, str]:
    """What each character looks like. Read only if a name is not ASCII."""
    text = files(__package__).joinpath("confusables.json").read_text(encoding="utf-8")
    rows: Mapping[str, str] = json.loads(text)["prototypes"]
    return {ord(each): prototype for prototype, same in rows.items() for each in same}
