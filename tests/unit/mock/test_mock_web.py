"""What a web page in a browser on the same machine can do to a served mock: nothing."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings, strategies as st

from graphpolicy.mock import Mock, serve

CLOCK = '{"advance": 1}'
JSON = {"Content-Type": "application/json"}


def test_only_names_of_this_machine_are_answered() -> None:
    with serve() as graph:
        port = graph.url.rpartition(":")[2]
        for host in (
            "evil.example",
            f"evil.example:{port}",
            "127.0.0.1.evil.example",
            "[::2]",
            "a@localhost",
        ):
            answer = httpx.get(f"{graph.url}/_mock/state", headers={"Host": host})
            assert answer.status_code == 421, host
            assert graph.token not in answer.text
            assert httpx.get(f"{graph.url}/v1.0/me", headers={"Host": host}).status_code == 421
        for host in (f"localhost:{port}", "LOCALHOST", f"[::1]:{port}", f"127.0.0.1:{port}"):
            assert httpx.get(f"{graph.url}/_mock/state", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
        ({**JSON, "Origin": "https://evil.example"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**JSON, "Sec-Fetch-Site": "same-site"}, 403),
        (JSON, 200),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({**JSON, "Sec-Fetch-Site": "none"}, 200),
    ],
)
def test_control_paths_take_json_of_no_other_site(headers: dict[str, str], status: int) -> None:
    with serve() as graph:
        answer = httpx.post(f"{graph.url}/_mock/clock", content=CLOCK, headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", '{"a":' * 3000),
        ("clock", '{"advance": 1e999}'),
        ("tokens", f'{{"expires_in": {10**40}}}'),
        ("tenants", '{"seed": "x"}'),
        ("tenants", '{"seed": []}'),
        ("portal", '{"resource": "Voice", "set": 1}'),
    ],
)
def test_what_a_control_path_can_not_use_is_refused(path: str, body: str) -> None:
    with serve() as graph:
        answer = httpx.post(f"{graph.url}/_mock/{path}", content=body, headers=JSON)
        assert answer.status_code == 400


def asked(mock: Mock, method: str, url: str, text: str = "", **headers: str) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=mock.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, url, content=text, headers=named)

    return asyncio.run(go())


CONTROLS = (
    *("reset", "seed", "switches", "faults", "portal", "groups", "users", "members", "crowd"),
    *("passes", "tokens", "applications", "sign-ins", "revoke", "github-jobs", "clock", "tenants"),
    "load",
)
KEYS = (
    *("id", "displayName", "userPrincipalName", "methods", "groups", "roles", "members", "count"),
    *("stir", "user", "secret", "tid", "scopes", "expires_in", "federated", "set", "advance"),
    *("seed", "resource", "kind", "status", "edit", "policy", "name", "preference", "add"),
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(("", "x", "temporaryAccessPass", "fido2", "contoso", "Sms", "\ud800"))
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.sampled_from(CONTROLS), VALUES)
def test_no_control_body_makes_it_answer_500(control: str, body: Any) -> None:
    mock = Mock()
    for given_ in (body, [body], [{"userPrincipalName": "mia.lopez@contoso.com", "methods": body}]):
        text = json.dumps(given_)
        assert (
            asked(
                mock, "POST", f"/_mock/{control}", text, content_type="application/json"
            ).status_code
            < 500
        )
    for url in ("/_mock/state", "/v1.0/policies/authenticationMethodsPolicy", "/v1.0/users"):
        bearer = f"Bearer {mock.token}"
        assert asked(mock, "GET", url, authorization=bearer).status_code < 500
