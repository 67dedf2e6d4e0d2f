"""What a reviewer always sees of a plan: every entry, and what matters most first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import FactTimeline
from graphpolicy.catalogue.kinds import (
    Collection,
    Flags,
    Kind,
    Object,
    ProfileRefs,
    Property,
    Strings,
    Targets,
)
from graphpolicy.compare.labels import entries, label, listed
from graphpolicy.model import Change, Finding, Held, Place, Plan, Protection, Scope
from graphpolicy.plan.tally import number
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, formats, render
from graphpolicy.render.plan_markdown import MOST
from tests.every import every
from tests.unit.render.reports import plan, state

NEW = "de1e552d-db1d-4423-a619-566b625cdc84"


def sets(rows: tuple[Property, ...], path: str = "") -> Iterator[tuple[str, Kind]]:
    """Every set of a resource; those inside entries too, after `[]`."""
    for row in rows:
        name = f"{path}{row.name}"
        if listed(row.kind):
            yield name, row.kind
        if isinstance(row.kind, Targets | Collection):
            yield from sets(row.kind.members, f"{name}[].")
        elif isinstance(row.kind, Object):
            yield from sets(row.kind.members, f"{name}.")


SETS = {
    f"{resource.id}.{path}": kind
    for resource in RESOURCES.values()
    for path, kind in sets(resource.properties)
}


def value(kind: Kind, ids: list[str]) -> Any:
    """A set with these entries, in Graph's shape."""
    match kind:
        case Flags():
            return ",".join(ids)
        case Strings() | ProfileRefs():
            return ids
        case Targets():
            return [{"targetType": "group", "id": id_} for id_ in ids]
        case Collection():
            return [dict.fromkeys(kind.identity, id_) | {kind.key or "x": id_} for id_ in ids]
    raise AssertionError(kind)


def change(kind: Kind, before: Any, after: Any, path: str = "x") -> Change:
    unknown: FactTimeline[Any] = FactTimeline(None, ())
    old, new = (label(kind, each, {}, unknown) for each in (before, after))
    moved = entries(kind, before, after, {})
    return Change("R", path, before, after, old, new, "v1.0", None, title="R", entries=moved)


def shown(made: Plan, format_: str) -> str:
    text = render(Report("plan", (made,)), format_, Style())
    return unescape(text).replace("%2C", ",").replace("\\u2026", "…")


@every("kind", SETS.values(), ids=SETS.keys())
@every("format_", [name for name in formats("Report") if name != "json"])
def test_one_entry_of_a_long_set_is_shown_whole(kind: Kind, format_: str) -> None:
    many = [f"{n:08}-0000-4000-8000-00000000000a" for n in range(60)]
    for before, after, symbol in ((many, [*many, NEW], "+"), ([*many, NEW], many, "-")):
        made = change(kind, value(kind, before), value(kind, after))
        assert [mark for mark, _ in made.moves] == [symbol]
        assert NEW in shown(plan(changes=(made,)), format_)


@pytest.mark.parametrize("format_", [name for name in formats("Report") if name != "json"])
def test_every_one_of_many_entries_is_shown_whole(format_: str) -> None:
    """Names of 250 letters, the longest that a group can have."""
    new = [f"{'n' * 240}-{n:04}" for n in range(40)]
    text = shown(plan(changes=(change(Targets(), [], value(Targets(), new)),)), format_)
    assert [id_ for id_ in new if id_ not in text] == []


def test_what_does_not_fit_is_counted_in_the_title_and_stands_on_the_page() -> None:
    new = [f"{'n' * 240}-{n:04}" for n in range(400)]
    made = plan(
        changes=(
            change(Targets(), [], value(Targets(), new), "includeTargets"),
            state("Voice", "enabled", "disabled", 20),
        )
    )
    text = shown(made, "markdown")
    assert len(text) < MOST
    there = sum(f"includeTargets: {id_}\n" in text for id_ in new)
    assert there > 100
    assert f"; {400 - there} changed entries are not shown here" in text.splitlines()[1]
    assert "state: disabled" in text
    page = shown(made, "html")
    assert all(id_ in page for id_ in new)


GUARDED = (
    Finding("weak-method-enabled", "error", "Sms would be on", "x", "Sms", "state"),
    Finding(
        "emergency-access-locked-out",
        "error",
        "bg-01 would be left without a usable method",
        "x",
        "Fido2",
        "state",
        acknowledged="ana until 2027: CHG1",
    ),
    Finding("method-ends", "warning", "Voice would end for everyone", "x", "Voice", "state"),
)
REVIEWED = plan(
    changes=(
        state("Sms", "disabled", "enabled", 5),
        state("Fido2", "enabled", "disabled", 9),
        state("Voice", "enabled", "disabled", 20),
    ),
    findings=GUARDED,
)
ACCEPTED = ("not-offered", "emergency-account-not-found")
LENGTHS = st.sampled_from([1, 20, 1000])
NOISE = st.fixed_dictionaries(
    {
        "hold-expired": st.integers(0, 400),
        "acknowledgement-unused": st.integers(0, 400),
        "group-renamed": st.integers(0, 200),
        "held": st.integers(0, 200),
        "bulk": st.integers(0, 600),
        "accepted": st.integers(0, 400),
        "reasons": st.integers(1, 400),
        "refused": st.integers(0, 200),
        "loose": st.integers(0, 100),
        "named": st.integers(0, 900),
        "length": LENGTHS,
    }
)


def noisy(noise: dict[str, int]) -> Plan:
    word = "n" * noise["length"]
    found = [
        Finding(rule, "warning", f"{word} {number}", word, f"R{number}", "state")
        for rule in ("hold-expired", "acknowledgement-unused", "group-renamed")
        for number in range(noise[rule])
    ]
    found += [
        Finding(
            rule,
            "error",
            f"{word} R{number}.state",
            word,
            f"R{number}",
            "state",
            acknowledged=f"{number % noise['reasons']} {word}",
        )
        for rule in ACCEPTED
        for number in range(noise.get("accepted", 0))
    ]
    found += [
        Finding(
            "incomplete-entry",
            "error",
            f"{word} S{number}.includeTargets",
            word,
            f"S{number}",
            "includeTargets",
        )
        for number in range(noise.get("refused", 0))
    ]
    found += [
        Finding(
            "helpdesk-group-not-found", "error", word, word, source=Place("a.yaml", number + 1, 3)
        )
        for number in range(noise.get("loose", 0))
    ]
    scope = Scope(word, (), word, word, "2027-01-01")
    held = [Held(word, word, "state", word, word, word, word, False, scope)] * noise["held"]
    new = [f"{word}-{number}" for number in range(noise["bulk"])]
    bulk = (change(Targets(), [], value(Targets(), new)),) if new else ()
    return replace(
        REVIEWED,
        changes=(*bulk, *REVIEWED.changes),
        findings=(*found, *REVIEWED.findings),
        held=tuple(held),
        protection=tuple(
            Protection(
                "emergencyAccess", f"user {word}{number}", None, {"user": word}, weaker=False
            )
            for number in range(noise.get("named", 0))
        ),
    )


@settings(max_examples=40)
@given(NOISE)
def test_nothing_that_a_pull_request_adds_pushes_out_what_matters(noise: dict[str, int]) -> None:
    text = render(Report("plan", (noisy(noise),)), "markdown", Style())
    assert len(text) < MOST
    order = (
        f"{number(2 * noise['accepted'] + 1, 'error')} accepted",
        "❌ **error** `weak-method-enabled`: Sms would be on",
        "❌ **error** `emergency-access-locked-out`: bg-01 would be left",
        "accepted: ana until 2027: CHG1",
        "**Ends a method, or touches emergency access:**",
        "  Fido2\n-   state: enabled\n+   state: disabled",
        "  Voice\n-   state: enabled\n+   state: disabled",
        "`method-ends`: Voice would end",
        "  Sms\n-   state: disabled\n+   state: enabled",
    )
    places = [text.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    names = [f"R{number}.state" for number in range(noise["accepted"])]
    names += [f"S{number}.includeTargets" for number in range(noise.get("refused", 0))]
    names += [f"`a.yaml:{number + 1}:3`" for number in range(noise.get("loose", 0))]
    assert [name for name in names if name not in text] == []
    assert all(text.count(name) >= len(ACCEPTED) for name in names if name.startswith("R"))
    assert "not shown here" not in text.splitlines()[1] or noise["bulk"]


def test_errors_that_no_comment_can_hold_are_counted_in_its_title_and_stand_on_the_page() -> None:
    name = "n" * 200
    found = tuple(
        Finding("incomplete-entry", "error", f"{name}{number}", "", f"{name}{number}", "state")
        for number in range(600)
    )
    made = replace(REVIEWED, findings=(*found, *GUARDED))
    text = render(Report("plan", (made,)), "markdown", Style())
    assert len(text) < MOST
    named = sum(f"`{each.resource}.state`" in text for each in found)
    assert named > 200
    assert "accepted: ana until 2027: CHG1" in text
    assert f"; {600 - named} errors " in text.splitlines()[1]
    page = render(Report("plan", (made,)), "html", Style())
    assert all(each.resource in page for each in found)


@pytest.mark.parametrize("format_", ["markdown", "html"])
def test_what_does_nothing_any_more_is_counted_in_one_line(format_: str) -> None:
    noise = {"hold-expired": 60, "acknowledgement-unused": 1, "group-renamed": 0, "held": 0}
    made = noisy({**noise, "bulk": 0, "length": 5})
    text = shown(made, format_)
    assert "60 expired holds, 1 unused acknowledgement in the files" in text
    assert text.index("bg-01 would be left") < text.index("60 expired holds")


def test_what_touches_emergency_access_is_with_what_ends() -> None:
    touched = replace(state("Sms", "a", "b", 3), emergency=True)
    text = shown(plan(changes=(state("Voice", "a", "b", 2), touched)), "markdown")
    assert text.index("touches emergency access") < text.index("  Sms") < text.index("  Voice")


def test_a_refused_tenant_comes_before_the_others() -> None:
    calm = replace(plan(), tenant=replace(plan().tenant, name="calm"))
    text = render(Report("plan", (calm, REVIEWED)), "markdown", Style())
    assert text.index("`contoso`") < text.index("`calm`")
