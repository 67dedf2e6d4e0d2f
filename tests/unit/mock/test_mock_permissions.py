"""Every endpoint accepts tokens with a permission of its row, and refuses all others."""

import pytest

from graphpolicy.mock import ALL_ROLES, ALL_SCOPES, Mock
from graphpolicy.mock.graph.permissions import Permission, permissions
from graphpolicy.mock.graph.resources import Resource, resources
from tests.every import every

SHAPES = {
    "policy": "AccessDenied",
    "directory": "Authorization_RequestDenied",
    "reports": "Authentication_MSGraphPermissionMissing",
    "methods": "accessDenied",
}
"""The code of a missing permission, by service."""

NAMED = {
    "groups": "0d1c2b3a-0000-4000-8000-000000000001",
    "directoryobjects": "0d1c2b3a-0000-4000-8000-000000000001",
    "users": "mia.lopez@contoso.com",
    "administrativeunits": "0a000000-0000-4000-8000-000000000001",
}

OPERATIONS = [
    pytest.param(resource, method, id=f"{method} {'/'.join(resource.path)}")
    for resource in resources()
    for method in resource.operations
]


def url(resource: Resource) -> str:
    parts: list[str] = []
    for each in resource.path:
        parts.append(NAMED.get(parts[-1], "x") if each == "*" else each)
    return f"/{resource.versions[-1]}/{'/'.join(parts)}"


def status(mock: Mock, resource: Resource, method: str, token: str) -> tuple[int, str]:
    body: dict[str, object] | None = None if method in {"GET", "DELETE"} else {}
    answer = mock.ask(method, url(resource), body, token=token)
    failed = isinstance(answer.body, dict) and "error" in answer.body
    return answer.status, answer.body["error"]["code"] if failed else ""


@every(("resource", "method"), OPERATIONS)
def test_each_alternative_of_the_row_is_enough(resource: Resource, method: str) -> None:
    mock = Mock()
    row = resource.operations[method].permission
    for alternative in row.application:
        assert status(mock, resource, method, mock.issue_token(alternative))[0] != 403
    for alternative in row.delegated:
        token = mock.issue_user_token("admin@contoso.com", alternative)
        assert status(mock, resource, method, token)[0] != 403


@every(("resource", "method"), OPERATIONS)
def test_everything_else_is_refused_as_the_service_does(resource: Resource, method: str) -> None:
    mock = Mock()
    row = resource.operations[method].permission
    least = mock.issue_token(without(ALL_ROLES, row, row.application))
    assert status(mock, resource, method, least) == (403, SHAPES[row.service])
    person = mock.issue_user_token("admin@contoso.com", without(ALL_SCOPES, row, row.delegated))
    assert status(mock, resource, method, person) == (403, SHAPES[row.service])
    if row.roles:
        nobody = mock.issue_user_token("mia.lopez@contoso.com")
        assert status(mock, resource, method, nobody)[0] == 403


def without(
    every: tuple[str, ...], row: Permission, alternatives: tuple[frozenset[str], ...]
) -> list[str]:
    """All permissions but one of each alternative: the most that is still not enough."""
    lacking = {min(each) for each in alternatives}
    return [each for each in every if each not in lacking]


def test_every_row_is_demanded_somewhere() -> None:
    demanded = {
        operation.permission.name
        for resource in resources()
        for operation in resource.operations.values()
    }
    assert demanded == set(permissions())


def test_the_tokens_of_the_mock_hold_every_permission() -> None:
    mock = Mock()
    token = mock.issue_user_token("admin@contoso.com")
    for resource in resources():
        for method in resource.operations:
            assert status(mock, resource, method, mock.token)[0] != 403
            assert status(mock, resource, method, token)[0] != 403
