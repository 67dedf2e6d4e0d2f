"""What went wrong, in one sentence, and what to do next."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from graphpolicy.graph.failures import (
    AnswerLostError,
    GraphError,
    clean,
    elsewhere,
    lost,
    not_graph,
    refusal,
    unreachable,
)
from graphpolicy.model.errors import UsageError

POLICY = "/v1.0/policies/authenticationMethodsPolicy"


def body(code: str, message: str, inner: str = "innerError") -> bytes:
    envelope = {"code": code, "message": message, inner: {"request-id": "req-1"}}
    return json.dumps({"error": envelope}).encode()


@pytest.mark.parametrize("inner", ["innerError", "innererror", "InnerError"])
def test_a_refusal_says_what_where_and_graphs_own_words(inner: str) -> None:
    failure = refusal("GET", POLICY, 400, {}, body("badRequest", "No such thing.", inner))
    assert failure.text == (
        "Graph refused GET /v1.0/policies/authenticationMethodsPolicy: 400 badRequest: "
        "No such thing (request-id req-1)"
    )
    assert str(failure) == failure.text
    assert (failure.code, failure.message, failure.request_id) == (
        "badRequest",
        "No such thing.",
        "req-1",
    )
    assert (failure.status, failure.method, failure.url) == (400, "GET", POLICY)
    assert failure.exit_code == 1


def test_the_header_holds_the_request_id_where_the_body_does_not() -> None:
    failure = refusal("GET", POLICY, 500, {"request-id": "req-2"}, b"")
    assert failure.text == f"Graph failed GET {POLICY}: 500 (request-id req-2)"


@pytest.mark.parametrize(
    ("status", "exit_code"), [(401, 4), (403, 4), (404, 1), (429, 1), (500, 1)]
)
def test_exit_codes(status: int, exit_code: int) -> None:
    assert refusal("GET", POLICY, status, {}, b"{}").exit_code == exit_code


@pytest.mark.parametrize(
    ("method", "path", "permission", "role"),
    [
        ("GET", POLICY, "Policy.Read.AuthenticationMethod", "Global Reader"),
        ("GET", "/x/beta" + POLICY[5:], "Policy.Read.AuthenticationMethod", "Global Reader"),
        (
            "PATCH",
            f"{POLICY}/authenticationMethodConfigurations/Sms",
            "Policy.ReadWrite.AuthenticationMethod",
            "Authentication Policy Administrator",
        ),
        ("GET", "/v1.0/groups?$filter=x", "GroupMember.Read.All", "Directory Readers"),
        ("POST", "/v1.0/directoryObjects/getByIds", "Directory.Read.All", "Directory Readers"),
        (
            "POST",
            "/v1.0/users/x/authentication/temporaryAccessPassMethods",
            "UserAuthenticationMethod.ReadWrite.All",
            "Authentication Administrator",
        ),
        ("GET", "/v1.0/users/x", "User.Read.All", "Directory Readers"),
    ],
)
def test_a_missing_permission_is_named(method: str, path: str, permission: str, role: str) -> None:
    advice = refusal(method, path, 403, {}, body("accessDenied", "no")).help
    assert f" {permission} " in advice
    assert f" {role} " in advice


def test_an_unknown_call_still_gets_advice() -> None:
    assert "permission" in refusal("DELETE", "/v1.0/things", 403, {}, b"").help


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (401, "", "GRAPHPOLICY_ACCESS_TOKEN"),
        (404, "", "this API on v1.0 may not exist in its cloud"),
        (405, "", "this API on v1.0 may not exist in its cloud"),
        (400, "Resource not found for the segment 'x'.", "may not exist in its cloud"),
        (400, "", "--debug"),
        (429, "", "throttles"),
        (502, "", "Microsoft's side"),
    ],
)
def test_advice_by_status(status: int, message: str, words: str) -> None:
    assert words in refusal("GET", POLICY, status, {}, body("c", message)).help


def test_a_page_in_graphs_place_is_not_quoted() -> None:
    page = b"<!DOCTYPE html><script>alert(1)</script>"
    failure = refusal("GET", POLICY, 403, {"content-type": "text/html"}, page)
    assert "a proxy or gateway" in failure.text
    assert "script" not in failure.text
    assert "a proxy" in refusal("GET", POLICY, 502, {}, b" <html>").text


def test_a_query_full_of_names_stays_out_of_the_sentence() -> None:
    failure = refusal("GET", "/v1.0/groups?$filter=secret", 400, {}, b"")
    assert "secret" not in failure.text
    assert failure.url == "/v1.0/groups?$filter=secret"


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"null", b'{"error":"x"}', b'{"error":{"code":1,"innerError":[]}}', b"[" * 10**5],
)
def test_any_body_makes_a_sentence(raw: bytes) -> None:
    assert refusal("GET", POLICY, 400, {}, raw).text == f"Graph refused GET {POLICY}: 400"


@given(st.binary())
def test_no_body_breaks_the_sentence(raw: bytes) -> None:
    assert "\n" not in refusal("PATCH", POLICY, 400, {}, raw).text


def test_somebody_elses_words_cannot_paint_the_terminal_or_show_a_token() -> None:
    assert clean("a\x1b[31m\nb\r\u202e eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ4In0.sig") == "a[31m b ***"


def test_a_lost_answer_keeps_what_is_known() -> None:
    failure = lost(refusal("PATCH", POLICY, 504, {}, body("x", "y")))
    assert isinstance(failure, AnswerLostError)
    assert f": Graph failed PATCH {POLICY}: 504 x: y" in failure.text
    assert (failure.status, failure.code, failure.request_id) == (504, "x", "req-1")


def test_other_failures_say_where_to_look() -> None:
    assert "captive portal" in not_graph("GET", POLICY, 200, "a web page").help
    refused = elsewhere("GET", POLICY, 302, f"https://evil.example/{'x' * 999}?nonce=1").text
    assert refused.startswith(f"GET {POLICY} ")
    assert f"(https://evil.example/{'x' * 179})" in refused
    assert "SSL_CERT_FILE" in unreachable("GET", POLICY, "connect error", True).help
    assert "network" in unreachable("GET", POLICY, "connect error", False).help
    assert str(UsageError("no", "do this")) == "no"
    assert GraphError("x").exit_code == 1
