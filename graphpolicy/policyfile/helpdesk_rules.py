"""House rules of the helpdesk: what a file may say of them, and what all files say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from graphpolicy.helpdesk.ticket import trouble
from graphpolicy.model import EVERYONE, Declared, Finding, Json, Place
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import shown

if TYPE_CHECKING:
    from graphpolicy.policyfile.layer import Layer

AT: Pointer = ("helpdesk",)
METHOD = "TemporaryAccessPass"


def broken_house_rules(document: Document, data: Json) -> Iterator[Finding]:
    """What can't be obeyed in a file's `helpdesk`; entries that are None are left out."""
    data = data if isinstance(data, dict) else {}
    pattern = data.get("ticketPattern")
    problem = trouble(pattern) if pattern else ""
    if problem:
        fix = "write literals, classes and counts alone, such as 'INC[0-9]{7}|CHG[0-9]{4,9}'"
        yield _finding(document, (*AT, "ticketPattern"), f"ticketPattern {problem}", fix)
    seen: dict[str, int] = {}
    for index, entry in enumerate(data.get("refuse") or ()):
        if entry is not None:
            yield from _entry(document, (*AT, "refuse", index), entry, seen)


def _entry(
    document: Document, at: Pointer, entry: Mapping[str, Json], seen: dict[str, int]
) -> Iterator[Finding]:
    if "role" in entry and len(entry) > 1:
        fix = "write two entries, one with the role and one with the group"
        yield _finding(document, at, "refuse has a role and a group in one entry", fix)
        return
    if not entry.keys() & {"role", "group"}:
        fix = "write group: NAME beside the id"
        yield _finding(document, at, "refuse has an id without saying whose it is", fix)
        return
    if entry.get("group") == EVERYONE:
        problem = "refuse can't be everyone: nobody could be helped"
        yield _finding(document, at, problem, "name the groups that others look after")
    key = str(entry.get("id") or entry.get("group") or "role").casefold()
    if key in seen:
        what = shown(entry.get("group", "role"))
        problem = f"refuse lists {what} twice, on line {seen[key]} and here"
        yield _finding(document, at, problem, "keep one of the two")
    seen.setdefault(key, document.place(at).line)


def merged(layers: Iterable[Layer]) -> dict[str, Json]:
    """The house rules of all files: each key as the last file that has it says."""
    rules: dict[str, Json] = {}
    for layer in layers:
        said = layer.data.get("helpdesk")
        rules |= said if isinstance(said, dict) else {}
    return rules


def places(layers: Iterable[Layer]) -> list[Place]:
    """Where the entries of `refuse` are written that hold: those of the last file that has any."""
    found: list[Place] = []
    for layer in layers:
        rules = layer.data.get("helpdesk")
        entries = rules.get("refuse") if isinstance(rules, dict) else None
        if isinstance(entries, list):
            at = (*AT, "refuse")
            found = [layer.document.place((*at, index)) for index in range(len(entries))]
    return found


def beside_policy(
    layers: Iterable[Layer], rules: Mapping[str, Json], resources: Iterable[Declared]
) -> Iterator[Finding]:
    """A longest life below the shortest that the policy allows: no pass could ever be issued."""
    most = rules.get("maxLifetimeInMinutes")
    declared = next((each.tree for each in resources if each.resource == METHOD), {})
    least = declared.get("minimumLifetimeInMinutes")
    if not isinstance(most, int) or not isinstance(least, int) or most >= least:
        return
    for layer in reversed(list(layers)):
        if "maxLifetimeInMinutes" in (layer.data.get("helpdesk") or {}):
            problem = f"maxLifetimeInMinutes is {most}, below {METHOD}'s minimum of {least} minutes"
            fix = "raise it, or lower minimumLifetimeInMinutes: no pass could be issued"
            yield _finding(layer.document, (*AT, "maxLifetimeInMinutes"), problem, fix)
            return


def _finding(document: Document, at: Pointer, problem: str, fix: str) -> Finding:
    return finding(document, at, "helpdesk-rules", f"helpdesk.{problem}", fix)
