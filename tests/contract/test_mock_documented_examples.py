"""The mock answers documented and observed requests as the sources say that Graph does.

Each row of `documented_examples.json` has a request and its answer, the state to ask it in
(`seed`, `clock`, `portal`, `load`, `switches`, `fault`, `token`, and `before`: requests that were
made earlier, whose id may stand as `{id}` in the path) and, where Microsoft's pages are known to
leave out or add keys, those keys: `missing` ones the mock leaves out, `extra` ones it adds.
"""

import importlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from msgraph.generated.models.entity import Entity

from graphpolicy.mock import Answer, Mock, Switches
from tests.contract.sdk import Notes
from tests.every import every

CASES = json.loads(Path(__file__).with_name("documented_examples.json").read_text("utf-8"))

VOLATILE = {
    "request-id",
    "client-request-id",
    "date",
    "lastModifiedDateTime",
    "description",
    "policyVersion",
    "@microsoft.graph.tips",
}
MADE_UP = {"20-batch-depends-on-failed", "20-batch-too-many", "12-external-create"}
"""Cases whose text or id the source itself composed."""


@every("case", CASES, ids=[case["id"] for case in CASES])
def test_answer_is_the_documented_one(case: dict[str, Any]) -> None:
    mock = _mock(case)
    made = _before(mock, case)
    answer = _ask(mock, case, made)
    expected = case["answer"]
    assert answer.status == expected["status"]
    for name, value in expected.get("headers", {}).items():
        assert answer.headers[name] == value
    if "body" not in expected:
        assert answer.body is None
        return
    wanted, given = expected["body"], answer.body
    if "only" in case:
        wanted = {name: wanted[name] for name in case["only"]}
        given = {name: given[name] for name in case["only"]}
    missing, extra = set(case.get("missing", ())), set(case.get("extra", ()))
    assert _comparable(given, extra, case) == _comparable(wanted, missing, case)


def test_every_case_names_its_source() -> None:
    assert len(CASES) > 70
    for case in CASES:
        assert case["source"]
        assert case["evidence"] in {"documented", "observed", "composed"}


def test_batch_of_mixed_outcomes_answers_200() -> None:
    mock = Mock()
    body = {
        "requests": [
            {"id": "1", "method": "GET", "url": "/groups?$select=id&$top=1"},
            {"id": "2", "method": "DELETE", "url": "/groups/x"},
            {"id": "3", "method": "GET", "url": "/me"},
        ]
    }
    answer = mock.ask("POST", "/v1.0/$batch", body)
    assert [each["status"] for each in answer.body["responses"]] == [200, 405, 400]


def _mock(case: dict[str, Any]) -> Mock:
    switches = Switches().changed(case.get("switches", {}))
    moment = datetime.fromisoformat(case.get("clock", "2026-06-01T08:00:00Z"))
    mock = Mock(switches, case.get("seed", "documented"), clock=lambda: moment)
    for edit in case.get("portal", ()):
        mock.portal(edit["resource"], edit["set"])
    if "load" in case:
        mock.load(case["load"])
    for person, methods in case.get("load", {}).get("registered", {}).items():
        for each in methods:
            fields = {name: value for name, value in each.items() if name != "kind"}
            mock.tenant().registered.register(person, each["kind"], **fields)
    if "fault" in case:
        mock.add_fault(**case["fault"])
    return mock


def _before(mock: Mock, case: dict[str, Any]) -> str:
    """Make the earlier requests and return the id of what the last one made."""
    made = ""
    for each in case.get("before", ()):
        token = mock.issue_user_token(each["user"]) if "user" in each else None
        answer = mock.ask(each["method"], each["path"], each["body"], token=token)
        assert answer.status < 300, answer.body
        made = (answer.body or {}).get("id", "")
    return made


def _ask(mock: Mock, case: dict[str, Any], made: str) -> Answer:
    request = case["request"]
    path, _, query = request["path"].replace("{id}", made).partition("?")
    pairs = (each.partition("=") for each in query.split("&") if each)
    encoded = "&".join(f"{name}={quote(value, safe='')}" for name, _, value in pairs)
    tokens = {
        "none": "",
        "bad": "not.a.token",
        "expired": mock.issue_token(expires_in=-1),
        "no roles": mock.issue_token(roles=()),
        "policy only": mock.issue_token(roles=["Policy.Read.All"]),
    }
    return mock.ask(
        request["method"],
        f"{path}?{encoded}",
        request.get("body"),
        token=tokens.get(case.get("token", "")),
    )


def _comparable(value: Any, ignored: set[str], case: dict[str, Any]) -> Any:
    """Leave out volatile values, and those that the case says only one side has."""
    if isinstance(value, list):
        return [_comparable(each, ignored, case) for each in value]
    if not isinstance(value, dict):
        return value
    dropped = VOLATILE | ignored | ({"message", "id"} if case["id"] in MADE_UP else set())
    kept = {
        name: _comparable(each, ignored, case)
        for name, each in value.items()
        if name not in dropped and name != "headers"
    }
    return {
        name: each.rpartition("/")[2] if name.endswith("@odata.context") and "('" in each else each
        for name, each in kept.items()
    }


@pytest.mark.parametrize(("name", "path"), [("User", "users"), ("Group", "groups")])
def test_every_property_that_the_sdk_knows_can_be_selected(name: str, path: str) -> None:
    model = getattr(importlib.import_module(f"msgraph.generated.models.{name.lower()}"), name)
    own = [
        each
        for each, read in model().get_field_deserializers().items()
        if not each.startswith("@") and not _leads_elsewhere(read)
    ]
    assert len(own) > 40
    mock = Mock()
    answer = mock.ask("GET", f"/v1.0/{path}?$top=1&$select={','.join(own)}")
    assert answer.status == 200, answer.body
    assert answer.body["value"][0].keys() == set(own)


def _leads_elsewhere(read: Any) -> bool:
    """Whether a property leads to other objects: its type has its own id."""
    notes = Notes()
    read(notes)
    return any(
        isinstance(each, type) and issubclass(each, Entity)
        for _, arguments in notes.read
        for each in arguments
    )
