"""The life of a drift issue: what to do with a tenant's issue after one look at the tenant.

A look ends in drift, in none, or in nothing that could be seen. The issue remembers in a marker,
which no reader sees, what was seen last: a comment is added only where that changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from graphpolicy.compare.audit_log import moment
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass
from graphpolicy.plan.verdict import about_state, number
from graphpolicy.render.escape import short
from graphpolicy.render.markdown import code, prose

MARKER = re.compile(r"\A<!-- graphpolicy:drift-issue (\{[^<>\n]*\}) -->\n")
LAST = "\n<!-- graphpolicy:last-seen -->\n"
"""What stands behind it in a body is what was seen when the tenant could last be read."""

ROOM = 50_000
"""Characters for what differs; GitHub takes 65,536 in all."""

WHERE = {"-": "only in the tenant", "+": "only in the file", "~": "tenant -> file"}
"""What the sign of an entry of a list says of it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs: its name, its value in the files and live, and who changed it, in words.

    `moves` are the entries that differ, of a list: (sign, entry).
    """

    what: str
    declared: str
    live: str
    who: str = ""
    moves: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one tenant. `blind` says why it could not be read; then there are no differences.

    `errors` are (rule, message) of what the files ask for and the tenant does not have in force.
    """

    tenant: str
    name: str
    differences: tuple[Difference, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    blind: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What an issue remembers: a hash of the differences; since when it is blind, and how often."""

    tenant: str
    name: str = ""
    seen: str = ""
    blind_since: str = ""
    blind_runs: int = 0


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands on GitHub."""

    number: int
    open: bool
    body: str


@dataclass(frozen=True, slots=True)
class Step:
    """What to make of an issue: its title, body and state, and a comment unless it is empty."""

    title: str
    body: str
    open: bool
    comment: str = ""


def memory(body: str) -> Memory | None:
    """What an issue's body remembers; None where it is no drift issue of ours."""
    found = MARKER.match(body.replace("\r\n", "\n"))
    try:
        kept = Memory(**json.loads(found[1])) if found else None
    except (TypeError, ValueError, RecursionError):
        return None
    texts = (kept.tenant, kept.name, kept.seen, kept.blind_since) if kept else ()
    whole = kept and isinstance(kept.blind_runs, int) and all(isinstance(t, str) for t in texts)
    return kept if whole else None  # a person may have written in it


def looks(report: Json) -> tuple[Look, ...]:
    """A report of `drift --format json`, tenant by tenant.

    Raises:
        KeyError, TypeError: it is no such report.
    """
    return tuple(_look(plan) for plan in report["plans"])


def all_blind(issues: Iterable[Issue], why: str, only: str | None = None) -> tuple[Look, ...]:
    """Where there is no report: every tenant that was ever watched could not be read.

    `only` is the name or the id of the one tenant that was looked at.
    """
    known = {kept.tenant: kept.name for issue in issues if (kept := memory(issue.body))}
    return tuple(
        Look(tenant, name, blind=why)
        for tenant, name in known.items()
        if only is None or only.lower() == tenant.lower() or _kept(only) == name
    )


def step(issue: Issue | None, look: Look, now: str, run: str) -> Step | None:
    """What to do after a look; nothing where there is no issue and no need of one.

    `now` is a moment in words, `run` the address of the run that looked.
    """
    kept = (memory(issue.body) if issue else None) or Memory(look.tenant)
    kept = replace(kept, name=look.name)
    if look.blind:
        return _blind(issue, kept, look, now, run)
    if not (look.differences or look.errors):
        return _gone(issue, kept, look, now, run)
    return _drift(issue, kept, look, now, run)


def _look(plan: Mapping[str, Json]) -> Look:
    tenant = plan["tenant"]
    error = plan.get("error")
    if error:
        return Look(tenant["id"], tenant["name"], blind=f"{error['code']}: {error['message']}")
    found = [
        Difference(
            f"{item['resource']}.{item['path']}",
            str(item["after_label"]),
            str(item["before_label"]),
            _by(item.get("changed_by")),
            tuple((each["sign"], str(each["label"])) for each in item.get("entries") or ()),
        )
        for item in plan["changes"]
    ]
    found += [
        Difference(
            f"{item['resource']}.{item['path']}",
            f"held at {item['allowed_label']}",
            str(item["live_label"]),
        )
        for item in plan["held"]
        if item["drift"]
    ]
    errors = {
        (item["rule"], str(item["message"]))
        for item in plan["findings"]
        if item["level"] == "error" and not item["acknowledged"] and about_state(item["rule"])
    }
    found.sort(key=lambda each: (each.what, each.live))
    return Look(tenant["id"], tenant["name"], tuple(found), tuple(sorted(errors)))


def _by(event: Json) -> str:
    return f"{event['who']}, {moment(event['at'])}" if event else ""


def _drift(issue: Issue | None, kept: Memory, look: Look, now: str, run: str) -> Step:
    seen = _hash(look)
    count = _count(look)
    listed, left = _listed(look)
    title = f"Drift in {short(look.name, 60)}: {count}"
    if left:
        title += f"; {left} not shown here"
    state = f"{listed}\nSeen {now}, [run]({run})\n"
    remembered = replace(kept, seen=seen, blind_since="", blind_runs=0)
    comment = ""
    if issue and not issue.open:
        comment = f"There is drift again: {count}. [run]({run})"
    elif issue and seen != kept.seen:
        comment = f"The drift changed: now {count}. [run]({run})"
    elif issue and kept.blind_runs:
        comment = f"The tenant can be read again: {count}. [run]({run})"
    return Step(title, _body(remembered, _intro(look), state), open=True, comment=comment)


def _gone(issue: Issue | None, kept: Memory, look: Look, now: str, run: str) -> Step | None:
    if issue is None or not issue.open:
        return None
    remembered = replace(kept, seen="", blind_since="", blind_runs=0)
    state = f"\nNo drift: seen {now}, [run]({run})\n"
    comment = f"No drift any more: the tenant is as the files say. [run]({run})"
    title = f"Drift in {short(look.name, 60)}: none"
    return Step(title, _body(remembered, _intro(look), state), open=False, comment=comment)


def _blind(issue: Issue | None, kept: Memory, look: Look, now: str, run: str) -> Step:
    since, runs = kept.blind_since or now, kept.blind_runs + 1
    remembered = replace(kept, blind_since=since, blind_runs=runs)
    told = f"blind since {since}, {runs} run{'' if runs == 1 else 's'}"
    head = (
        f"> [!WARNING]\n> **This watch is {told}**: the tenant could not be read, so nobody knows "
        f"whether it drifts. {prose(look.blind)} [run]({run})\n"
    )
    state = _last_seen(issue.body) if issue else "\nNothing was seen before.\n"
    first = runs == 1 or (issue is not None and not issue.open)
    comment = f"The tenant could not be read: {prose(look.blind)} [run]({run})" if first else ""
    title = f"Drift in {short(look.name, 60)}: {told}"
    body = _body(remembered, f"{head}\n{_intro(look)}\nBefore that:\n", state)
    return Step(title, body, open=True, comment=comment if issue else "")


def _last_seen(body: str) -> str:
    return body.replace("\r\n", "\n").partition(LAST)[2] or "\nNothing was seen before.\n"


def _body(kept: Memory, head: str, state: str) -> str:
    data = {name: getattr(kept, name) for name in ("tenant", "seen", "blind_since", "blind_runs")}
    data["name"] = _kept(kept.name)
    return f"<!-- graphpolicy:drift-issue {json.dumps(data)} -->\n{head}{LAST}{state}"


def _kept(name: str) -> str:
    """A tenant's name as the marker holds it."""
    return re.sub(r"[<>\n]", "", short(name, 60))


def _intro(look: Look) -> str:
    return (
        f"The policy of {code(look.name)} ({code(look.tenant)}) against the files. Every drift "
        "ends in git: revert it with `graphpolicy apply`, adopt it with `graphpolicy ci "
        "adopt-drift` or `graphpolicy pull --update`, or write a `hold` with a reason and an end.\n"
    )


def _listed(look: Look) -> tuple[str, int]:
    """What differs, as far as there is room for it, and how much of it is left out.

    Nothing is cut inside: a value or an entry stands whole or not at all.
    """
    rows: list[tuple[str, tuple[str, ...]]] = [
        *((f"* ❌ `{rule}`: {prose(message, None)}\n", ()) for rule, message in look.errors),
        *map(_row, look.differences),
    ]
    said: list[str] = []
    left, room = 0, ROOM
    for head, entries in rows:
        if len(head) > room:
            left += len(entries) or 1
            continue
        said.append(head)
        room -= len(head)
        for entry in entries:
            if len(entry) > room:
                left += 1
                continue
            said.append(entry)
            room -= len(entry)
    more = f"* and {left} more, in the run's report\n" if left else ""
    return f"\n{''.join(said)}{more}", left


def _row(each: Difference) -> tuple[str, tuple[str, ...]]:
    """A line on one setting, and one on each entry of it that differs."""
    what = f"* {code(short(each.what, 200))}"
    by = prose(short(each.who, 100)) if each.who else ""
    if each.moves:
        head = f"{what}{f', changed by {by}' if by else ''}\n"
        return head, tuple(f"  * {WHERE[sign]}: {code(text, None)}\n" for sign, text in each.moves)
    live = f"tenant {code(each.live, None)}{f' (by {by})' if by else ''}"
    return f"{what}: {live} · file {code(each.declared, None)}\n", ()


def _count(look: Look) -> str:
    found = number(len(look.differences), "difference")
    return f"{found}, {number(len(look.errors), 'error')}" if look.errors else found


def _hash(look: Look) -> str:
    """Of what differs and how; who changed it may become known later."""
    rows = sorted([each.what, each.declared, each.live] for each in look.differences)
    rows += [list(error) for error in look.errors]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]
