"""The mock refuses a mistake in a valid body, and nothing changes."""

from typing import Any

import pytest

from graphpolicy.mock import Mock, Switches
from tests.contract.mistakes import (
    BELOW,
    MISTAKES,
    ROOT,
    odata,
)
from tests.every import every


@every("version", ["v1.0", "beta"])
@every(
    ("path", "body", "code", "text"),
    [row[1:] for row in MISTAKES],
    ids=[row[0] for row in MISTAKES],
)
def test_mistake_is_refused(
    version: str, path: str, body: dict[str, Any], code: str, text: str
) -> None:
    mock = Mock()
    _refused(mock, "PATCH", f"/{version}{path}", body, 400, code, text)


VERSION_HIDDEN: list[tuple[str, str, dict[str, Any]]] = [
    ("report suspicious", ROOT, {"reportSuspiciousActivitySettings": {"state": "enabled"}}),
    (
        "companion app",
        f"{BELOW}/MicrosoftAuthenticator",
        odata(
            "microsoftAuthenticator",
            featureSettings={"companionAppAllowedState": {"state": "enabled"}},
        ),
    ),
    ("caller id", f"{BELOW}/Voice", odata("voice", callerIdNumber="1")),
    (
        "SID",
        f"{BELOW}/X509Certificate",
        odata("x509Certificate", requireCertificateSidAlignment=True),
    ),
]


@pytest.mark.parametrize(
    ("path", "body"),
    [row[1:] for row in VERSION_HIDDEN],
    ids=[row[0] for row in VERSION_HIDDEN],
)
def test_property_of_beta_is_unknown_on_v1(path: str, body: dict[str, Any]) -> None:
    mock = Mock()
    _refused(mock, "PATCH", f"/v1.0{path}", body, 400, "BadRequest", "does not exist on type")
    assert mock.ask("PATCH", f"/beta{path}", body).status < 300


NUMBER_MATCHING = odata(
    "microsoftAuthenticator",
    state="disabled",
    featureSettings={"numberMatchingRequiredState": {"state": "enabled"}},
)


def test_number_matching_is_refused_with_microsofts_text_and_takes_the_body_along() -> None:
    for code in ("badRequest", "invalidRequest"):
        mock = Mock(Switches(policy_error_code=code, number_matching_read="present"))
        path = f"/beta{BELOW}/MicrosoftAuthenticator"
        answer = _refused(mock, "PATCH", path, NUMBER_MATCHING, 400, code, "")
        assert answer["message"] == (
            "Persistance of policy failed with error: Microsoft Authenticator's number matching "
            "feature can no longer be toggled as part of featureSettings."
        )


def test_number_matching_is_unknown_on_v1() -> None:
    path = f"/v1.0{BELOW}/MicrosoftAuthenticator"
    _refused(Mock(), "PATCH", path, NUMBER_MATCHING, 400, "BadRequest", "does not exist")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', '{"state": NaN}', "[" * 100_000, "{'state': 'on'}"]
)
def test_malformed_json_is_refused(text: str) -> None:
    _refused(Mock(), "PATCH", f"/v1.0{BELOW}/Voice", text, 400, "BadRequest", "payload")


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "text"),
    [
        ("PUT", ROOT, 405, "Request_BadRequest", "Specified HTTP method is not allowed"),
        ("DELETE", ROOT, 405, "Request_BadRequest", "method is not allowed"),
        ("POST", ROOT, 405, "Request_BadRequest", "method is not allowed"),
        ("PATCH", BELOW, 405, "Request_BadRequest", "method is not allowed"),
        ("POST", f"{BELOW}/Voice", 405, "Request_BadRequest", "method is not allowed"),
        ("POST", "/groups", 405, "Request_BadRequest", "method is not allowed"),
        ("GET", "/$batch", 405, "Request_BadRequest", "method is not allowed"),
        ("GET", "/me", 400, "BadRequest", "only valid with delegated"),
        ("GET", "/mine", 400, "BadRequest", "Resource not found for the segment 'mine'."),
        ("GET", "/policies", 400, "BadRequest", "'policies'"),
        ("GET", "/policies/other", 400, "BadRequest", "'other'"),
        ("GET", f"{BELOW}/Voice/includeTargets", 400, "BadRequest", "'includeTargets'"),
        ("GET", f"{ROOT}/configurations", 400, "BadRequest", "'configurations'"),
        ("GET", "", 400, "BadRequest", "segment"),
        ("PATCH", f"{BELOW}/Fax", 404, "Request_ResourceNotFound", "'Fax' does not exist"),
        ("GET", f"{BELOW}/HardwareOath", 404, "Request_ResourceNotFound", "'HardwareOath'"),
        ("PATCH", f"{BELOW}/HardwareOath", 404, "Request_ResourceNotFound", "'HardwareOath'"),
    ],
)
def test_unknown_call_is_loud(method: str, path: str, status: int, code: str, text: str) -> None:
    _refused(Mock(), method, f"/v1.0{path}", odata("voice"), status, code, text)


def test_unknown_version_is_refused() -> None:
    _refused(Mock(), "GET", f"/v2.0{ROOT}", None, 400, "BadRequest", "v2.0")
    _refused(Mock(), "GET", "/", None, 400, "BadRequest", "version")


def test_too_large_a_policy_is_refused_by_either_status() -> None:
    targets = [
        {"id": f"0d1c2b3a-0000-4000-8000-{place:012x}", "targetType": "group"}
        for place in range(300)
    ]
    body = odata("voice", excludeTargets=targets)
    path = f"/v1.0{BELOW}/Voice"
    for status in ("400", "413"):
        mock = Mock(Switches(size_error=status))
        _refused(mock, "PATCH", path, body, int(status), "badRequest", "20480")
    assert Mock(Switches(size_limit="off")).ask("PATCH", path, body).status == 204


def test_no_token_and_a_strange_token_are_refused() -> None:
    path = f"/v1.0{ROOT}"
    mock = Mock()
    for token, text in (("", "empty"), ("strange", "CompactToken"), (Mock().token, "CompactToken")):
        answer = mock.ask("GET", path, token=token)
        assert answer.status == 401
        assert answer.body["error"]["code"] == "InvalidAuthenticationToken"
        assert text in answer.body["error"]["message"]
    basic = mock.ask("GET", path, token="", headers={"Authorization": f"Basic {mock.token}"})
    assert basic.status == 401


def _refused(  # noqa: PLR0917  in the order of a request and its refusal
    mock: Mock,
    method: str,
    path: str,
    body: dict[str, Any] | str | None,
    status: int,
    code: str,
    text: str,
) -> dict[str, Any]:
    before = mock.state()
    answer = mock.ask(method, path, body)
    assert answer.status == status, answer.body
    error: dict[str, Any] = answer.body["error"]
    assert error["code"] == code
    assert text in error["message"]
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert answer.headers["Content-Type"] == "application/json"
    assert mock.state() == before
    return error
