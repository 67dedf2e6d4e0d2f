"""The laws of `pull --update`, on the real mock: a file with everything that a person writes into
one, a tenant that has moved, and nothing that changes beside what differs, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings, strategies as st

from graphpolicy.compare.resolve import resolve
from graphpolicy.disk.json_text import decoded
from graphpolicy.journal.snapshot import Snapshot, as_json
from graphpolicy.mock import Mock
from graphpolicy.model import POLICY, Desired, Directory, Observed
from graphpolicy.plan.make import make_plan
from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.export import policy_yaml
from graphpolicy.policyfile.graph_answers import parts, put_together
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.pointers import pointer_of
from graphpolicy.policyfile.strict_yaml import Document, Pointer, parse
from graphpolicy.policyfile.update import Update, update
from tests.laws import mock_tenant
from tests.laws.acceptable import GENEROUS, SELDOM, answers, files
from tests.laws.everything import ONE, TWO, policy
from tests.laws.generated import observed, resources, truths
from tests.laws.odd import odd
from tests.laws.situations import OCCASION, Held, desired

HABITS = ("", "", "  # why", " #", "   ", "\t# tab")
BETWEEN = ("", "", "", "# a remark", "    # indented", "", "   ")


QUOTED = ((": enabled", ":   'enabled'"), (": disabled", ': "disabled"'))


def written(text: str, seed: int) -> bytes:
    """A policy as a person may have written it: comments, spaces, quotes, line ends, a mark."""
    chance = Random(seed)
    lines = []
    for line in text.splitlines():
        lines += chance.sample(BETWEEN, chance.choice((0, 0, 0, 0, 0, 1, 2)))
        old, new = chance.choice(QUOTED)
        changed = line.replace(old, new) if line.endswith(old) else line
        lines.append(changed + chance.choice(HABITS))
    break_ = chance.choice(("\n", "\r\n"))
    end = chance.choice(("", break_, break_ * 3, f"{break_}# the end"))
    return (chance.choice(("", "\ufeff")) + break_.join(lines) + end).encode()


def subsequence(lines: list[bytes], of: list[bytes]) -> bool:
    rest = iter(of)
    return all(line in rest for line in lines)


def span(document: Document, pointer: Pointer) -> range:
    """The lines from a key up to the next one that is not below it."""
    while pointer not in document.keys and pointer:
        pointer = pointer[:-1]
    start = document.key_place(pointer).line
    beside = (
        place.line
        for key, place in document.keys.items()
        if key[: len(pointer)] != pointer and place.line >= start
    )
    last = max(place.line for place in document.places.values())
    return range(start, max(start + 1, min(beside, default=last + 1)))


def differing(mock: Mock, wanted: Desired) -> list[Pointer]:
    planned = mock_tenant.plan(mock, wanted)
    titles = {one.title: pointer_of(one) for one in wanted.resources}
    return [(*titles[c.title], *c.path.split(".")) for c in planned.plan.changes]


def values(data: object, at: Pointer = ()) -> Iterator[tuple[Pointer, object]]:
    if isinstance(data, dict):
        for key, member in data.items():
            yield from values(member, (*at, key))
    else:
        yield at, data


def check(mock: Mock, file: Path, wanted: Desired) -> Update:
    """Update a file and check the result against everything that is promised."""
    old, moved = file.read_bytes(), differing(mock, wanted)
    (result,) = mock_tenant.updated(mock, wanted)
    assert isinstance(result, Update), result
    new = file.read_bytes()
    assert new == result.new
    before, after = parse(old, "x"), parse(new, "x")
    said_here = [pointer for pointer in moved if _has(before, pointer)]
    free = {line for pointer in said_here for line in span(before, pointer)}
    lines = old.splitlines(keepends=True)
    kept = [line for number, line in enumerate(lines, 1) if number not in free]
    if kept and not lines[-1].endswith(b"\n"):
        kept[-1:] = []  # it may get a line break if something follows now
    assert subsequence(kept, new.splitlines(keepends=True)), new.decode()
    assert {True, False} != {line.endswith(b"\r\n") for line in new.splitlines(keepends=True)[:-1]}
    said = dict(values(after.data))
    for pointer, value in values(before.data):
        if not any(pointer[: len(p)] == p or p[: len(pointer)] == pointer for p in moved):
            assert said[pointer] == value
    (again,) = load([str(file)]).desired
    left = {(found.resource, found.path) for found in result.left if found.rule == "not-updated"}
    planned = mock_tenant.plan(mock, again).plan
    assert {(change.resource, change.path) for change in planned.changes} == left
    return result


def _has(document: Document, pointer: Pointer) -> bool:
    """Whether the file says the setting, or a bare word in its place."""
    data = document.data
    for step in pointer:
        if not isinstance(data, dict) or step not in data:
            return isinstance(data, str)
        data = data[step]
    return True


def moved_tenant(switches: dict[str, str], file: Held) -> Mock:
    """A tenant that is what another policy made of it."""
    mock = mock_tenant.not_opted_in()
    mock.set_switches(**GENEROUS, **switches)
    for resource, held in SELDOM.items():
        mock.portal(resource, held)
    planned = mock_tenant.plan(mock, desired(file))
    assume(planned.plan.refused is None)
    mock_tenant.apply(mock, planned)
    return mock


SHORT = "  reportSuspiciousActivitySettings: enabled\n"

laws = settings(max_examples=10, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 1 << 32)
texts = st.sampled_from([ONE, TWO])
pairs = st.sampled_from([(ONE, TWO), (TWO, ONE), (ONE, SHORT), (TWO, SHORT)])


@laws
@given(texts, seeds, answers(), files())
def test_an_updated_file_plans_to_nothing_and_nothing_else_changes(
    tmp_path: Path, text: str, seed: int, switches: dict[str, str], file: Held
) -> None:
    mock = moved_tenant(switches, file)
    path = tmp_path / "policy.yaml"
    path.write_bytes(written(policy(text), seed))
    policies = load([str(path)])
    assert policies.sound, policies.findings
    check(mock, path, policies.desired[0])


@laws
@given(pairs, seeds, answers(), files())
def test_a_base_stays_as_it_is_and_is_overridden(
    tmp_path: Path, pair: tuple[str, str], seed: int, switches: dict[str, str], file: Held
) -> None:
    mock = moved_tenant(switches, file)
    base, path = tmp_path / "base.yaml", tmp_path / "policy.yaml"
    below = written(f"version: 1\n{POLICY}:\n{pair[0]}", seed)
    base.write_bytes(below)
    path.write_bytes(written(f"extends: [base.yaml]\n{policy(pair[1])}", seed))
    policies = load([str(path)])
    assert policies.sound, policies.findings
    check(mock, path, policies.desired[0])
    assert base.read_bytes() == below


@st.composite
def tenants(draw: st.DrawFn) -> Held:
    """What a tenant holds of some resources."""
    chosen = draw(st.lists(resources(), min_size=1, max_size=3, unique_by=lambda row: row.id))
    return {row.id: draw(truths(row)) for row in chosen}


TENANT = desired({}).tenant
HEAD = f"tenant:\n  name: {TENANT.name}\n  id: {TENANT.id}\n"


def differences(wanted: Desired, live: Observed) -> set[tuple[str, str]] | None:
    """The settings that a plan would change; None if it can't tell what is meant."""
    resolution = resolve(wanted, Directory(), live)
    if resolution.errors:
        return None
    plan = make_plan(resolution, live, Directory(), OCCASION).plan
    return {(change.resource, change.path) for change in plan.changes}


odd_laws = settings(laws, max_examples=60)


@odd_laws
@given(tenants(), seeds)
def test_whatever_a_tenant_answers_what_is_pulled_plans_to_nothing(held: Held, seed: int) -> None:
    live = odd(observed(held), seed)
    pulled = policy_yaml(TENANT, live, Directory())
    file = judge(parse(pulled.text.encode(), "policy.yaml"))
    assert file.desired, pulled.text
    assert differences(file.desired, live) == set(), pulled.text
    assert all(one.rule and one.why and one.fix for one in pulled.left_out)


@odd_laws
@given(tenants(), tenants(), st.booleans(), seeds)
def test_whatever_becomes_of_a_tenant_its_file_follows_or_it_is_said_what_to_do(
    tmp_path: Path, was: Held, other: Held, on_base: bool, seed: int
) -> None:
    now = was | {name: other[name] for name in other if name in was and on_base}
    first, live = observed(was), odd(observed(now), seed)
    text = policy_yaml(TENANT, first, Directory()).text
    if on_base:
        (tmp_path / "base.yaml").write_text(text.replace(HEAD, ""), encoding="utf-8")
        text = policy_yaml(TENANT, odd(first, seed + 1), Directory()).text
        text = text.replace("version: 1\n", "version: 1\nextends: [base.yaml]\n")
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    policies = load([str(file)])
    assume(policies.sound and policies.desired)
    result = update(policies.desired[0], file.read_bytes(), live, Directory(), OCCASION)
    file.write_bytes(result.new)
    again = load([str(file)])
    assert again.sound, result.new.decode()
    left = {(found.resource, found.path) for found in result.left if found.rule == "not-updated"}
    stays = differences(again.desired[0], live)
    assert all(found.help for found in result.left)
    if stays is None:  # a name that nothing has now, as it was before
        assert result.left
        assert differences(policies.desired[0], live) is None
    else:
        assert stays == left


def saved(live: Observed, chance: Random) -> list[Any]:
    """What a tenant answers as somebody may have saved it."""
    document = live.documents[chance.choice(list(live.documents))]
    items = document["authenticationMethodConfigurations"]
    found: list[Any] = chance.choice(
        [
            [document],
            list(live.documents.values()),
            [[document]],
            [{"value": items}],
            [*items, document],
            [as_json(Snapshot(TENANT, "2026-11-24T02:10:00Z", live, {}))],
        ]
    )
    return found


@odd_laws
@given(tenants(), seeds)
def test_what_was_saved_of_a_tenant_plans_to_nothing(held: Held, seed: int) -> None:
    live = observed(held)
    answers = saved(live, Random(seed))
    assume(any("documents" in one or list(parts(one)) for one in answers))
    raw = put_together(decoded(json.dumps(one).encode("utf-16")) for one in answers)
    pulled = policy_yaml(TENANT, raw.observed, Directory(names=raw.names))
    file = judge(parse(pulled.text.encode(), "policy.yaml"))
    assert file.desired, pulled.text
    assert differences(file.desired, live) == set(), pulled.text
