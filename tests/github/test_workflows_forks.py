"""Pull requests that get no identity: of forks and of Dependabot."""

from __future__ import annotations

import json

import pytest

from tests.github.actions.results import Finished
from tests.github.actions.scene import Scene
from tests.github.conftest import taken
from tests.shell import policy

pytestmark = pytest.mark.e2e

FILE = "policies/contoso.yaml"
SMS_OFF = {FILE: policy("Sms: {state: disabled}")}
VOICE_ON = {FILE: policy("Voice: {state: enabled}")}
FORK = pytest.param({"head": "mallory/policy"}, id="a fork")
DEPENDABOT = {"author": "dependabot[bot]"}  # also in `test_without_a_snapshot_it_says_so`
OF_OTHERS = [FORK, pytest.param(DEPENDABOT, id="Dependabot", marks=pytest.mark.deep)]


def validated(finished: Finished) -> str:
    """The summary of the only job that ran."""
    assert finished.jobs["plan / Plan"].result == "skipped"
    job = finished.jobs["plan / Validate"]
    assert job.permissions == {"contents": "read"}
    return job.summary


@pytest.mark.parametrize("whose", OF_OTHERS)
def test_it_is_validated_and_planned_from_the_snapshot(
    repository: Scene, whose: dict[str, str]
) -> None:
    repository.repository.commit({"snapshots/contoso.json": json.dumps(taken(repository))})
    repository.change("sms", SMS_OFF)
    asked = len(repository.mock.requests)
    planned = repository.plan("sms", **whose)
    assert planned.green
    assert "for `contoso`: 1 to change" in validated(planned)
    assert repository.said("sms") == []
    assert len(repository.mock.requests) == asked


def test_the_one_beside_the_policy_is_found_first_as_it_is_in_the_base(repository: Scene) -> None:
    snapshot = taken(repository)
    beside, older = "policies/contoso.snapshot.json", "snapshots/contoso.json"
    texts = {beside: json.dumps(snapshot)}
    for item in snapshot["documents"]["v1.0"]["authenticationMethodConfigurations"]:
        item["state"] = "disabled"
    texts[older] = json.dumps(snapshot)
    repository.repository.commit(texts)
    repository.change("sms", {**SMS_OFF, beside: json.dumps(snapshot)})
    planned = repository.plan("sms", head="mallory/policy")
    assert "for `contoso`: 1 to change" in validated(planned)
    assert "snapshot-edited" in validated(planned)


def test_one_that_only_disarms_is_red(repository: Scene) -> None:
    armed = policy("Voice: {state: disabled}")
    named = f"{armed}emergencyAccess: [{{group: Break-glass accounts}}]\n"
    snapshot = json.dumps(taken(repository))
    repository.repository.commit({FILE: named, "snapshots/contoso.json": snapshot})
    repository.change("disarm", {FILE: armed})
    planned = repository.plan("disarm", head="mallory/policy")
    assert "protection-weakened" in validated(planned)
    assert planned.jobs["plan / Validate"].result == "failure"


def test_without_a_snapshot_it_says_so(repository: Scene) -> None:
    repository.change("sms", SMS_OFF)
    planned = repository.plan("sms", **DEPENDABOT)
    assert planned.green
    assert "no snapshot at snapshots" in validated(planned)


@pytest.mark.deep  # red for another rule in `test_one_that_only_disarms_is_red`
def test_what_a_guard_refuses_is_red_and_in_the_summary(repository: Scene) -> None:
    repository.mock.portal("Voice", {"state": "disabled"})
    repository.repository.commit({"snapshots/contoso.json": json.dumps(taken(repository))})
    repository.change("voice", VOICE_ON)
    planned = repository.plan("voice", head="mallory/policy")
    assert "weak-method-enabled" in validated(planned)
    assert planned.jobs["plan / Validate"].result == "failure"


def test_a_file_with_mistakes_is_annotated_whoever_sends_it(repository: Scene) -> None:
    repository.change("wrong", {FILE: policy("Sms: {state: off}")})
    planned = repository.plan("wrong", head="mallory/policy")
    assert validated(planned) == ""
    assert planned.jobs["plan / Validate"].result == "failure"
    assert f"::error file={FILE},line=" in planned.jobs["plan / Validate"].text
