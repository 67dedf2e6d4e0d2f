"""The nightly run: an issue opens, changes and closes, and says when the tenant can't be read."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.mock import Application, Federated
from graphpolicy.starter.workflows import LIST
from tests.github.actions.scene import Scene
from tests.github.receiver import Receiver
from tests.github.stand_in import REPOSITORY
from tests.shell import policy

pytestmark = pytest.mark.e2e

BOTH_ON = {"policies/contoso.yaml": policy("Sms: {state: enabled}\nVoice: {state: enabled}")}
WRONG = {"policies/contoso.yaml": "version: 1\nwrong: true\n"}


def only(repository: Scene) -> dict[str, Any]:
    [issue] = repository.github.issues.values()
    return issue


# Ours are init's but for the install: `tests/unit/starter/test_workflows.py`.
OURS = pytest.param(True, marks=pytest.mark.deep)


@pytest.mark.parametrize("repository", [False, OURS], ids=["init's", "ours"], indirect=True)
def test_an_issue_opens_and_closes(repository: Scene) -> None:
    repository.repository.commit(BOTH_ON)
    assert repository.look().green
    assert repository.github.issues == {}

    repository.mock.portal("Voice", {"state": "disabled"}, actor="ana@contoso.com")
    looked = repository.look()
    assert looked.green
    assert looked.jobs["drift / Drift"].steps["drift"].code == 0
    assert only(repository)["title"] == "Drift in contoso: 1 difference"
    assert "ana@contoso.com" in only(repository)["body"]
    assert "drift.html" in {file.name for file in looked.artifacts["entra-plan-drift"].iterdir()}

    repository.mock.portal("Voice", {"state": "enabled"})
    assert repository.look().green
    assert only(repository)["state"] == "closed"


def test_a_watch_that_has_gone_blind_is_red_and_opens_an_issue(
    repository: Scene, receiver: Receiver
) -> None:
    repository.runner.secrets["GRAPHPOLICY_NOTIFY_URL"] = receiver.url
    id_ = repository.runner.variables["entra-plan"]["AZURE_CLIENT_ID"]
    trusted = (Federated(f"repo:{REPOSITORY}:environment:entra-plan"),)
    repository.mock.add_application(Application(id_, "plan", roles=(), federated=trusted))
    looked = repository.look()
    assert looked.jobs["drift / Drift"].result == "failure"
    assert only(repository)["title"].startswith("Drift in contoso: unknown since")
    repository.look()
    assert "2 runs" in only(repository)["title"]
    (card,) = receiver.bodies
    assert "Drift in contoso can't be checked" in str(card)
    assert only(repository)["state"] == "open"


def test_a_look_that_could_not_begin_touches_no_issue_and_wrong_files_make_it_blind(
    repository: Scene,
) -> None:
    repository.mock.portal("Sms", {"state": "disabled"})
    assert repository.look().green
    title, listed = only(repository)["title"], repository.repository.file("main", LIST)
    repository.repository.commit({LIST: None})
    assert not repository.look().green
    assert only(repository)["title"] == title
    repository.repository.commit({LIST: listed, **WRONG})
    looked = repository.look()
    assert looked.jobs["drift / Drift"].result == "failure"
    assert "unknown since" in only(repository)["title"]
