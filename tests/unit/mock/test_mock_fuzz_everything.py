"""Whatever comes in on any path, the mock answers or refuses, and never breaks."""

from typing import Any
from urllib.parse import quote

from hypothesis import given, settings, strategies as st

from graphpolicy.mock import Answer, Mock
from graphpolicy.mock.graph.resources import resources

MOCK = Mock(seed="strengths")
MOCK.add_crowd(50, {"0d1c2b3a-0000-4000-8000-000000000004": 3})
MOCK.portal("TemporaryAccessPass", {"state": "enabled"})

NAMES = (
    "0d1c2b3a-0000-4000-8000-000000000001",
    "0d1c2b3a-0000-4000-8000-000000000004",
    "0a000000-0000-4000-8000-000000000001",
    "mia.lopez@contoso.com",
    "lena.weber_fabrikam.com#EXT#@contoso.com",
    "00000007-0000-4000-8000-c0dec0dec0de",
    "3179e48a-750b-4051-897c-87b9720928f7",
    "57000000-0000-4000-8000-000000000001",
    "57c00000-0000-4000-8000-000000000001",
    "Voice",
    "no such thing",
    "ü/§%",
)
KEYS = (
    "groupIds",
    "ids",
    "types",
    "securityEnabledOnly",
    "startDateTime",
    "lifetimeInMinutes",
    "isUsableOnce",
    "perUserMfaState",
    "userPreferredMethodForSecondaryAuthentication",
    "@odata.type",
    "state",
    "displayName",
    "description",
    "allowedCombinations",
    "combinationConfigurations",
    "appliesToCombinations",
    "allowedAAGUIDs",
    "allowedIssuerSkis",
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(
        (*NAMES, "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "push", "enabled", "fido2")
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=6,
)
BODIES = (
    st.none() | st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3) | st.text(max_size=5)
)
OPTIONS = st.dictionaries(
    st.sampled_from(
        ("$filter", "$top", "$select", "$orderby", "$skiptoken", "$count", "$expand", "$x")
    ),
    st.sampled_from(
        (
            "displayName eq 'x'",
            "startswith(userPrincipalName,'m')",
            "isAdmin eq true",
            "activityDateTime ge 2026-01-01",
            "id in ('a','b')",
            "allowedCombinations/any(x:x has 'sms')",
            "not (policyType eq 'custom')",
            "combinationConfigurations",
            "targetResources/any(t:t/id eq 'x')",
            "methodsRegistered/any(m:m eq 'email')",
            "activityDateTime desc",
            "userPrincipalName",
            "id",
            "3",
            "true",
            "-1",
            "OTk5OTk5OTk5",
        )
    )
    | st.text(max_size=6),
    max_size=3,
)
KNOWN = {200, 201, 204, 400, 401, 403, 404, 405, 409, 413}


OPERATIONS = [(resource, method) for resource in resources() for method in resource.operations]
WRITES = [each for each in OPERATIONS if each[1] in {"POST", "PATCH"}]


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str]:
    """A method, and a path that exists, or nearly exists, with options."""
    resource, method = draw(st.sampled_from(WRITES) | st.sampled_from(OPERATIONS))
    if draw(st.integers(0, 9)) == 0:
        method = draw(st.sampled_from(("GET", "POST", "PATCH", "DELETE", "PUT")))
    parts = [draw(st.sampled_from(NAMES)) if each == "*" else each for each in resource.path]
    options = "&".join(f"{name}={quote(text)}" for name, text in draw(OPTIONS).items())
    version = draw(st.sampled_from(resource.versions))
    path = "/".join(quote(each, safe="") for each in parts)
    return method, f"/{version}/{path}?{options if method == 'GET' else ''}"


@settings(max_examples=120)
@given(
    requests(), BODIES, st.sampled_from(("application", "application", "person", "nobody", "none"))
)
def test_every_request_has_an_answer(request_: tuple[str, str], body: Any, who: str) -> None:
    method, url = request_
    token = {
        "application": MOCK.token,
        "person": MOCK.issue_user_token("helpdesk@contoso.com"),
        "nobody": MOCK.issue_user_token("mia.lopez@contoso.com", ["User.Read"]),
        "none": "",
    }[who]
    answer: Answer = MOCK.ask(
        method, url, body, token=token, headers={"ConsistencyLevel": "eventual"}
    )
    assert answer.status in KNOWN, (answer.status, answer.body)
    if answer.status >= 400:
        error = answer.body["error"]
        assert error["code"]
        assert {"date", "request-id", "client-request-id"} <= error["innerError"].keys()
