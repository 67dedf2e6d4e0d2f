"""What must hold of every request, whether Graph merges or replaces what it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from graphpolicy.catalogue import LISTED, RESOURCES
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.compare.comparison import Difference
from graphpolicy.compare.documents import kind_of
from graphpolicy.compare.requests import Write
from graphpolicy.model import Cloud
from tests.laws.generated import some
from tests.laws.plain_graph import KEPT, Semantics
from tests.laws.situations import (
    OBSOLETE,
    Held,
    carried_out,
    cleaned,
    moved,
    noisy,
    plan,
    situations,
    whole_situations,
)

both_semantics = pytest.mark.parametrize("semantics", ["merge", "replace"])


@both_semantics
@some
@given(situations())
def test_after_an_apply_nothing_is_left(semantics: Semantics, situation: tuple[Held, Held]) -> None:
    held, trees = situation
    planned = plan(held, trees)
    again = plan(carried_out(held, planned, semantics), trees)
    assert again.plan.changes == ()
    assert again.plan.requests == ()
    if planned.plan.changes and not planned.plan.refused:
        assert again.plan.digest != planned.plan.digest


@both_semantics
@some
@given(whole_situations())
def test_every_setting_can_be_moved_and_moved_back(
    semantics: Semantics, situation: tuple[Held, Held]
) -> None:
    """In both directions: to true and false, to a list and to the empty one."""
    held, trees = situation
    [name] = held
    before = {row.name: held[name][row.name] for row in RESOURCES[name].properties}
    there = carried_out(held, plan(held, trees), semantics)
    assert plan(there, trees).plan.changes == ()
    back = carried_out(there, plan(there, {name: before}), semantics)
    assert plan(back, {name: before}).plan.changes == ()


@both_semantics
@some
@given(situations())
def test_what_is_not_declared_never_moves(
    semantics: Semantics, situation: tuple[Held, Held]
) -> None:
    held, trees = situation
    after = carried_out(held, plan(held, trees), semantics)
    for name, truth in held.items():
        assert list(moved(cleaned(truth), cleaned(after[name]), trees[name])) == []


@both_semantics
@some
@given(whole_situations())
def test_what_this_release_does_not_know_survives(
    semantics: Semantics, situation: tuple[Held, Held]
) -> None:
    held, trees = situation
    known_to_nobody = {name: noisy(truth) for name, truth in held.items()}
    after = carried_out(known_to_nobody, plan(known_to_nobody, trees), semantics)
    for name, truth in known_to_nobody.items():
        assert list(moved(cleaned(truth), cleaned(after[name]), trees[name])) == []


@pytest.mark.parametrize("cloud", ["global", "china"])
@some
@given(situations())
def test_a_body_carries_what_differs_and_nothing_that_graph_refuses(
    cloud: Cloud, situation: tuple[Held, Held]
) -> None:
    held, trees = situation
    planned = plan(held, trees, cloud)
    sent = {(r.resource, path) for r in planned.plan.requests for path in r.paths}
    assert sent == {(change.resource, change.path) for change in planned.plan.changes}
    for write, request in zip(planned.writes, planned.plan.requests, strict=True):
        top = set(request.body) - {"@odata.type"}
        if write.comparison.resource not in LISTED:
            assert top == {path.split(".")[0] for path in request.paths}
        alone = f"featureSettings.{KEPT}" in ".".join(request.paths)
        assert alone == write.alone
        for path, value in _everything(request.body, ()):
            assert value is not None, path
            assert "@" not in path[-1] or path == ("@odata.type",), path
            assert path[-1] != KEPT or write.alone, path
        for target in _targets(request.body):
            assert not set(OBSOLETE) & set(target)


@some
@given(situations())
def test_china_has_the_policy_on_beta_alone_and_strengths_on_v1(
    situation: tuple[Held, Held],
) -> None:
    planned = plan(*situation, "china").plan
    used = [(each.resource, each.api) for each in planned.requests]
    used += [(each.resource, each.api) for each in planned.changes]
    for resource, api in used:
        assert api == ("v1.0" if kind_of(resource) in LISTED else "beta")


@some
@given(situations())
def test_a_method_takes_one_request_but_for_what_no_version_has_together(
    situation: tuple[Held, Held],
) -> None:
    planned = plan(*situation)
    for name in situation[0]:
        own = [w for w in planned.writes if w.comparison.resource.id == name and not w.alone]
        if name == "X509Certificate":
            split = {"crlValidationConfiguration", "requireCertificateSidAlignment"}
            changed = {difference.top for write in own for difference in write.differences}
            assert len(own) <= 1 + (split <= changed)
        elif name == "authenticationMethodsPolicy":
            assert [len(write.tops) for write in own] == [1] * len(own)
        elif name == STRENGTHS:
            _judge_steps(own)
        else:
            assert len(own) <= 1


def _judge_steps(own: list[Write]) -> None:
    """Texts in one request, and two at most for each set: with old and new members, then as said.

    No combination that stays or comes is missing in between, and a configuration that goes does so
    before its combination, one that comes does so after it.
    """
    described = [write for write in own if write.tops == ("description",)]
    combined = [write for write in own if write.tops == ("allowedCombinations",)]
    assert (len(described) <= 1, len(combined) <= 2) == (True, True)
    for write, after in pairwise(combined):
        [wider], [narrower] = write.differences, after.differences
        assert set(wider.after) == {*wider.before, *narrower.after}
    gains = [own.index(each) for each in combined if _more(each.differences[0])]
    loses = [own.index(each) for each in combined if not _more(each.differences[0])]
    for at, write in enumerate(own):
        if write not in (*described, *combined):
            if not any(each.after for each in write.differences):
                assert all(at < other for other in loses)
            elif not any(each.before for each in write.differences):
                assert all(at > other for other in gains)


def _more(difference: Difference) -> bool:
    return set(difference.before) < set(difference.after)


def _everything(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*path, name), member
            yield from _everything(member, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _everything(item, path)


def _targets(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "targetType" in value:
            yield value
        for member in value.values():
            yield from _targets(member)
    elif isinstance(value, list):
        for item in value:
            yield from _targets(item)
