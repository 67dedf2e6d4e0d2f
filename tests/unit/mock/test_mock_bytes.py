"""Whatever bytes arrive at a path of Graph or at the authority, the mock answers."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from urllib.parse import unquote_to_bytes

from hypothesis import given, settings, strategies as st

from graphpolicy.mock import DEFAULT_APPLICATION, Mock
from graphpolicy.mock.app import application
from graphpolicy.mock.entra.app import authority_application
from graphpolicy.mock.entra.github import PATH
from graphpolicy.mock.graph.resources import resources

MOCK = Mock()
GRAPH = application(MOCK.world)
AUTHORITY = authority_application(MOCK.world)
TENANT = b"11111111-2222-4333-8444-555555555555"
HALF = b"\\ud800"
"""Half of a character, as JSON may write it; it has no UTF-8."""
MANY = b"9" * 5000
"""More digits than Python reads."""

NAMES = (
    *(b"0d1c2b3a-0000-4000-8000-000000000001", b"mia.lopez@contoso.com", b"Voice", b"%2e%2e"),
    *(b"", b"%00", b"%ff", b"%ed%a0%80", b"x%2Fy", b"%27", b"%D9%A3", MANY, b"a." + MANY),
)
VALUES = (
    *(b"", b"%ff", b"\xff\xfe", b"%ed%a0%80", b"%00", b"%zz", b"1e400", MANY, b"%D9%A3", b"-1"),
    *(b"displayName%20eq%20'", b"(" * 3000, b"not%20" * 3000, b"id%20in%20(" + b"'a'," * 500),
    *(b"activityDateTime%20ge%2099999-01-01", b"isAdmin%20eq%20" + MANY, b"//8=", b"OTk5" * 2000),
    *(b"https://graph.microsoft.com/.default", b"%00/.default", b"http://[", b"http://localhost:x"),
    *(DEFAULT_APPLICATION.encode(), b"x", b"mia.lopez@contoso.com", b"code", b"S256"),
)
OPTIONS = (b"$filter", b"$top", b"$skiptoken", b"$select", b"$orderby", b"$search", b"$count", b"")
FIELDS = (
    *(b"client_id", b"scope", b"client_secret", b"code", b"refresh_token", b"device_code"),
    *(b"redirect_uri", b"login_hint", b"state", b"code_verifier", b"audience"),
)
KEYS = (b"state", b"ids", b"types", b"@odata.type", b"id", b"requests", b"startDateTime", HALF)
MEMBERS = (
    *(b"null", b"true", MANY, b"1e999", b"NaN", b'"' + HALF + b'"', b"[null]", b"{}", b"[[[]]]"),
    *(b'"99999-01-01"', b'"0001-01-01T00:00:00+14:00"', b'[{"id":"' + HALF + b'"}]', b"-1"),
    b'[{"id":"1","method":"GET","url":"http://[/"},{"id":"2","method":"GET","url":"/'
    + HALF
    + b'"}]',
)
BODIES = (
    b"",
    b"\xff\xfe",
    b"\x00",
    b"null",
    b"[]",
    b"[" * 9999,
    b'{"a":' * 9999,
    b"\xef\xbb\xbf{}",
)
HEADERS = (
    *((b"content-type", each) for each in (b"text/plain", b"\xff", b"application/json;charset=x")),
    *((b"authorization", each) for each in (b"\xff", b"Bearer", b"Basic !!!", b"Bearer a.b.c")),
    *((b"host", each) for each in (b"[::", b"\xff", b"", b"127.0.0.1:99999")),
    *((name, b"\xff") for name in (b"prefer", b"client-request-id", b"accept", b"if-match")),
    *((b"consistencylevel", b"eventual"), (b"content-length", b"x"), (b"origin", b"null")),
)
HEADS = (b"{}", b"[]", b"1", b"\xff", b'{"alg":[]}', b'{"alg":"RS256","x5t":1}', b'{"crit":["x"]}')
CLAIMS = (
    *(b"[]", b"null", b"\xff", b'{"exp":"x"}', b'{"nbf":null,"exp":9e9}', b'{"exp":' + MANY + b"}"),
    *(
        b'{"exp":9e9,"iss":"' + HALF + b'"}',
        b'{"exp":9e9,"iss":{},"sub":[],"aud":{}}',
        b'{"exp":1e400}',
    ),
)

pairs = st.tuples(st.sampled_from(OPTIONS + FIELDS), st.sampled_from(VALUES)).map(b"=".join)
queries = st.lists(pairs, max_size=4).map(b"&".join) | st.binary(max_size=9)
objects = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(MEMBERS)).map(
        lambda each: b'"' + each[0] + b'":' + each[1]
    ),
    max_size=3,
).map(lambda members: b"{" + b",".join(members) + b"}")
bodies = objects | st.sampled_from(BODIES) | st.binary(max_size=20)
headers = st.lists(st.sampled_from(HEADERS), max_size=3)
OPERATIONS = [(each, method) for each in resources() for method in each.operations]


@st.composite
def graph_calls(draw: st.DrawFn) -> tuple[str, bytes]:
    resource, method = draw(st.sampled_from(OPERATIONS))
    if draw(st.integers(0, 9)) == 0:
        method = draw(st.sampled_from(("GET", "HEAD", "OPTIONS", "PUT", "TRACE", "x")))
    parts = [
        draw(st.sampled_from(NAMES)) if each == "*" else each.encode() for each in resource.path
    ]
    return method, b"/" + b"/".join([draw(st.sampled_from((b"v1.0", b"beta", b"%ff"))), *parts])


@st.composite
def assertions(draw: st.DrawFn) -> bytes:
    parts = (draw(st.sampled_from(HEADS)), draw(st.sampled_from(CLAIMS)), b"x")
    token = b".".join(base64.urlsafe_b64encode(each).rstrip(b"=") for each in parts)
    return (
        b"grant_type=client_credentials&client_id=" + DEFAULT_APPLICATION.encode() + b"&scope="
        b"https://graph.microsoft.com/.default&client_assertion_type="
        b"urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=" + token
    )


GRANTS = (b"authorization_code", b"refresh_token", b"urn:ietf:params:oauth:grant-type:device_code")
forms = assertions() | st.tuples(st.sampled_from(GRANTS), queries).map(
    lambda each: b"grant_type=" + each[0] + b"&" + each[1]
)
ways = st.sampled_from(
    [
        *(("POST", b"/" + TENANT + b"/oauth2/v2.0/token"),) * 4,
        ("POST", b"/%ff/oauth2/v2.0/token"),
        ("POST", b"/common/oauth2/v2.0/devicecode"),
        ("GET", b"/" + TENANT + b"/oauth2/v2.0/authorize"),
        ("GET", b"/%ed%a0%80/v2.0/.well-known/openid-configuration"),
        ("GET", PATH.encode()),
    ]
)


def status(app: Any, call: tuple[str, bytes], query: bytes, sent: Any, body: bytes) -> int:
    """How an application answers what a server hands it."""

    method, path = call

    async def asked() -> int:
        answers: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            answers.append(message)

        decoded = unquote_to_bytes(path).decode(errors="replace")
        scope = {"type": "http", "method": method, "path": decoded, "raw_path": path}
        scope |= {"query_string": query, "headers": sent, "scheme": "http", "root_path": ""}
        await app({**scope, "server": ("127.0.0.1", 80), "http_version": "1.1"}, receive, send)
        return int(answers[0]["status"])

    return asyncio.run(asked())


@settings(max_examples=300)
@given(graph_calls(), queries, headers, bodies, st.booleans())
def test_any_bytes_on_a_path_of_graph_are_answered(
    call: tuple[str, bytes], query: bytes, sent: list[Any], body: bytes, signed_in: bool
) -> None:
    own = [(b"authorization", f"Bearer {MOCK.token}".encode())] if signed_in else []
    MOCK.world.requests.clear()
    assert status(GRAPH, call, query, [*own, *sent], body) < 500
    assert status(GRAPH, ("GET", b"/_mock/requests"), b"", [], b"") == 200


def test_what_json_can_not_say_again_is_remembered_as_it_came() -> None:
    MOCK.world.requests.clear()
    bodies = (b'{"state":"\\ud800"}', b'{"state":1e999}', b'{"state":NaN}', b"\xff")
    for body in bodies:
        status(GRAPH, ("PATCH", PATH.encode()), b"", [], body)
    assert [each.body for each in MOCK.world.requests] == [
        each.decode(errors="replace") for each in bodies
    ]


@settings(max_examples=200)
@given(ways, queries, headers, forms | st.binary(max_size=20))
def test_any_bytes_at_the_authority_are_answered(
    way: tuple[str, bytes], query: bytes, sent: list[Any], form: bytes
) -> None:
    assert status(AUTHORITY, way, query, sent, form) < 500
