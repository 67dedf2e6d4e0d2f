"""The tests evaluate GitHub's expressions as GitHub does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github.actions.expressions import evaluate, filled, holds

CONTEXTS = {
    "github": {"event_name": "push", "event": {"before": "abc", "created": False}},
    "inputs": {"plan-environment": "entra-plan", "digest": "", "text": "it's"},
    "steps": {"plan": {"outcome": "skipped"}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.event_name == 'PUSH'", True),
        ("github.event_name != 'push' || inputs.digest == ''", True),
        (
            "github.event_name == 'push' && !github.event.created && github.event.before || ''",
            "abc",
        ),
        ("github.event.pull_request.base.sha || github.event.before", "abc"),
        ("github.event.pull_request.number == ''", True),
        ("inputs.text == 'it''s'", True),
        ("(false || inputs.plan-environment) && 0", 0),
        ("null == false", True),
    ],
)
def test_a_value(text: str, value: Any) -> None:
    assert evaluate(text, CONTEXTS) == value


def test_in_a_text_nothing_is_empty_and_alone_a_value_keeps_its_type() -> None:
    assert filled("a-${{ inputs.plan-environment }}-${{ inputs.no }}-${{ true }}", CONTEXTS) == (
        "a-entra-plan--true"
    )
    assert filled("${{ github.event.created }}", CONTEXTS) is False
    assert filled("${{ '${{' }} x }}", CONTEXTS) == "${{ x }}"


@pytest.mark.parametrize(
    ("condition", "after_success", "after_failure"),
    [
        (None, True, False),
        ("inputs.digest == ''", True, False),
        ("${{ !cancelled() && steps.plan.outcome != 'failure' }}", True, True),
        ("${{ always() && steps.plan.outcome != 'skipped' }}", False, False),
        ("failure()", False, True),
    ],
)
def test_a_condition(condition: str | None, after_success: bool, after_failure: bool) -> None:
    for good, expected in ((True, after_success), (False, after_failure)):
        status = {"success": good, "failure": not good, "always": True, "cancelled": False}
        assert holds(condition, CONTEXTS, status) is expected


def test_what_it_does_not_know_fails_the_test() -> None:
    for text in ("secrets.TOKEN", "hashFiles('x')", "1 > 2", "github.event_name =="):
        with pytest.raises((AssertionError, IndexError)):
            evaluate(text, CONTEXTS)
