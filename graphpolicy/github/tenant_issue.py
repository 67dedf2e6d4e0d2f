"""The drift issue of a tenant: how to update it after one `drift` run.

A run finds drift, no drift, or can't read the tenant. A hidden marker in the issue's body records
the last result, so that a comment is added only when that changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from graphpolicy.github.drift_result import DriftedSetting, TenantDrift
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import number
from graphpolicy.render.as_markdown import code, prose
from graphpolicy.render.escape import short

MARKER = re.compile(r"\A<!-- graphpolicy:drift-issue (\{[^<>\n]*\}) -->\n")
LAST = "\n<!-- graphpolicy:last-seen -->\n"
"""The part of a body after this line is the result of the last run that could read the tenant."""

NEVER_SEEN = "\nThe tenant was never read before.\n"

ROOM = 50_000
"""Characters for the differences; GitHub allows 65,536 in all."""

WHERE = {"-": "only in the tenant", "+": "only in the file", "~": "tenant -> file"}
SINCE = {"-": "no longer in the tenant", "+": "new in the tenant", "~": "snapshot -> tenant"}
"""The meaning of an entry's sign, where a file declares the list and where none does."""

BESIDES = "\nIn no file, changed since the snapshot, and not counted as drift:\n"


@dataclass(frozen=True, slots=True)
class IssueMarker:
    """The marker of an issue. `seen` is a hash of the differences; `blind_since` and `blind_runs`
    say since when, and in how many runs, the tenant could not be read. `told` is the state that was
    last posted to a channel, see `state_of`, and `waves` what was posted about rollouts.
    """

    tenant: str
    name: str = ""
    seen: str = ""
    blind_since: str = ""
    blind_runs: int = 0
    told: str = ""
    waves: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands on GitHub."""

    number: int
    open: bool
    body: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class IssueUpdate:
    """The new title, body and state of an issue, and a comment to add unless it is empty."""

    title: str
    body: str
    open: bool
    comment: str = ""


def memory(body: str) -> IssueMarker | None:
    """The marker in an issue's body; None if it is not a drift issue by graphpolicy."""
    found = MARKER.match(body.replace("\r\n", "\n"))
    try:
        kept = IssueMarker(**json.loads(found[1])) if found else None
    except (TypeError, ValueError, RecursionError):
        return None
    texts: tuple[Json, ...] = ()
    if kept and isinstance(kept.waves, dict):
        texts = (kept.tenant, kept.name, kept.seen, kept.blind_since, kept.told)
        texts += tuple(kept.waves.values())
    whole = bool(texts) and all(isinstance(each, str) for each in texts)
    return (
        kept if whole and kept and isinstance(kept.blind_runs, int) else None
    )  # a person may have edited it


def all_blind(
    issues: Iterable[Issue], why: str, only: str | None = None
) -> tuple[TenantDrift, ...]:
    """The results if there is no report: no tenant with an issue could be read.

    `only` is the name or id of the tenant, if the run was for one tenant.
    """
    known = {kept.tenant: kept.name for issue in issues if (kept := memory(issue.body))}
    return tuple(
        TenantDrift(tenant, name, blind=why)
        for tenant, name in known.items()
        if only is None or only.lower() == tenant.lower() or _kept(only) == name
    )


def step(issue: Issue | None, look: TenantDrift, now: str, run: str) -> IssueUpdate | None:
    """What to do with the issue after a run; None if there is no issue and none is needed.

    `now` is the time as text, `run` the URL of the run.
    """
    kept = (memory(issue.body) if issue else None) or IssueMarker(look.tenant)
    kept = replace(kept, name=look.name)
    if look.blind:
        return _blind(issue, kept, look, now, run)
    if not state_of(look):
        return _gone(issue, kept, look, now, run)
    return _drift(issue, kept, look, now, run)


def _drift(
    issue: Issue | None, kept: IssueMarker, look: TenantDrift, now: str, run: str
) -> IssueUpdate:
    seen = _fingerprint(look)
    found = count(look)
    listed, left = _listed(look)
    title = f"Drift in {short(look.name, 60)}: {found}"
    if left:
        title += f"; {left} not shown here"
    state = f"{listed}\nSeen {now}, [run]({run})\n"
    remembered = replace(kept, seen=seen, blind_since="", blind_runs=0)
    comment = ""
    if issue and not issue.open:
        comment = f"There is new drift: {found}. [run]({run})"
    elif issue and seen != kept.seen:
        comment = f"The drift changed: now {found}. [run]({run})"
    elif issue and kept.blind_runs:
        comment = f"The tenant can be read again: {found}. [run]({run})"
    return IssueUpdate(title, _body(remembered, _intro(look), state), open=True, comment=comment)


def _gone(
    issue: Issue | None, kept: IssueMarker, look: TenantDrift, now: str, run: str
) -> IssueUpdate | None:
    if issue is None or not issue.open:
        return None
    remembered = replace(kept, seen="", blind_since="", blind_runs=0)
    state = f"\nNo drift: seen {now}, [run]({run})\n"
    comment = f"There is no more drift: the tenant matches the files. [run]({run})"
    title = f"Drift in {short(look.name, 60)}: none"
    return IssueUpdate(title, _body(remembered, _intro(look), state), open=False, comment=comment)


def _blind(
    issue: Issue | None, kept: IssueMarker, look: TenantDrift, now: str, run: str
) -> IssueUpdate:
    since, runs = kept.blind_since or now, kept.blind_runs + 1
    remembered = replace(kept, blind_since=since, blind_runs=runs)
    told = f"unknown since {since}, {runs} run{'' if runs == 1 else 's'}"
    head = (
        f"> [!WARNING]\n> **Drift has been {told}**: the tenant could not be read. "
        f"{prose(look.blind)} [run]({run})\n"
    )
    state = _last_seen(issue.body) if issue else NEVER_SEEN
    first = runs == 1 or (issue is not None and not issue.open)
    comment = f"The tenant could not be read: {prose(look.blind)} [run]({run})" if first else ""
    title = f"Drift in {short(look.name, 60)}: {told}"
    body = _body(remembered, f"{head}\n{_intro(look)}\nBefore that:\n", state)
    return IssueUpdate(title, body, open=True, comment=comment if issue else "")


def _last_seen(body: str) -> str:
    return body.replace("\r\n", "\n").partition(LAST)[2] or NEVER_SEEN


def _body(kept: IssueMarker, head: str, state: str) -> str:
    return f"{_marker(kept)}{head}{LAST}{state}"


def _marker(kept: IssueMarker) -> str:
    names = ("tenant", "seen", "blind_since", "blind_runs", "told", "waves")
    data = {name: getattr(kept, name) for name in names}
    data["name"] = _kept(kept.name)
    return f"<!-- graphpolicy:drift-issue {json.dumps(data)} -->\n"


def remembered(body: str, told: str, waves: Mapping[str, str]) -> str:
    """The body of a drift issue, whose marker says what was posted to a channel."""
    kept = memory(body)
    text = body.replace("\r\n", "\n")
    if kept is None:
        return body
    return MARKER.sub(lambda _: _marker(replace(kept, told=told, waves=waves)), text)


def without_drift(look: TenantDrift, waves: Mapping[str, str]) -> IssueUpdate:
    """The closed issue of a tenant without drift, to remember what was posted to a channel."""
    kept = IssueMarker(look.tenant, look.name, waves=waves)
    text = (
        "\nThere has been no drift yet. This issue remembers which news of waves the channel has "
        "received.\n"
    )
    title = f"Drift in {short(look.name, 60)}: none"
    return IssueUpdate(title, _body(kept, _intro(look), text), open=False)


def _kept(name: str) -> str:
    """A tenant's name as the marker holds it."""
    return re.sub(r"[<>\n]", "", short(name, 60))


def _intro(look: TenantDrift) -> str:
    return (
        f"This issue compares the policy of {code(look.name)} ({code(look.tenant)}) with the "
        "files. Revert drift with `graphpolicy apply`, adopt it with `graphpolicy ci adopt-drift` "
        "or `graphpolicy pull --update`, or add a `hold` with a reason and an expiry date.\n"
    )


def _listed(look: TenantDrift) -> tuple[str, int]:
    """The list of differences that fit, and the number of those left out.

    A value or an entry is shown completely or not at all.
    """
    rows: list[tuple[str, tuple[str, ...]]] = [
        *((f"* ❌ `{rule}`: {prose(message, None)}\n", ()) for rule, message in look.errors),
        *((f"* ⚠️ `{rule}`: {prose(message, None)}\n", ()) for rule, message in look.warnings),
        *map(_row, look.differences),
        *([(BESIDES, ())] if look.besides else ()),
        *map(_row, look.besides),
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
    more = f"* and {left} more, see the run's report\n" if left else ""
    return f"\n{''.join(said)}{more}", left


def _row(each: DriftedSetting) -> tuple[str, tuple[str, ...]]:
    """A line for one setting, and a line for each of its entries that differs."""
    what = f"* {code(short(each.what, 200))}"
    by = prose(short(each.who, 300)) if each.who else ""
    if each.moves:
        where = SINCE if each.undeclared else WHERE
        head = f"{what}{', in no file' * each.undeclared}{f', changed by {by}' if by else ''}\n"
        return head, tuple(f"  * {where[sign]}: {code(text, None)}\n" for sign, text in each.moves)
    if each.undeclared:
        now, by = code(each.live, None), f" (by {by})" if by else ""
        return f"{what}, in no file: snapshot {code(each.declared, None)} · tenant {now}{by}\n", ()
    live = f"tenant {code(each.live, None)}{f' (by {by})' if by else ''}"
    return f"{what}: {live} · file {code(each.declared, None)}\n", ()


def count(look: TenantDrift) -> str:
    """How many differences, errors and warnings there are, in words."""
    found = (
        (look.differences, "difference"),
        (look.errors, "error"),
        (look.warnings, "warning"),
    )
    return ", ".join(number(len(some), noun) for some, noun in found if some)


def _fingerprint(look: TenantDrift) -> str:
    """A hash of the differences and errors, without who changed them: that may be logged later."""
    rows = sorted([each.what, each.declared, each.live] for each in look.differences)
    rows += [list(error) for error in (*look.errors, *look.warnings)]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


BLIND = "blind"


def state_of(look: TenantDrift) -> str:
    """What is posted to a channel: one text for each set of differences, "" for none."""
    if look.blind:
        return BLIND
    return _fingerprint(look) if look.differences or look.errors or look.warnings else ""
