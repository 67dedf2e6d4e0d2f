"""A mistake in what the client sends is caught: the mock refuses it, or the tenant is not as
declared afterwards. Each is seeded into a copy of the requests of a real plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.model import Desired
from tests.laws import mock_tenant
from tests.laws.everything import ONE, policy

ROOT = "/policies/authenticationMethodsPolicy"


@dataclass(frozen=True)
class Sent:
    """One request of the client."""

    version: str
    url: str
    body: dict[str, Any]

    @property
    def is_configuration(self) -> bool:
        return self.url != ROOT

    def with_body(self, **changes: Any) -> Sent:
        return replace(self, body={**self.body, **changes})


BETA_ALONE = (
    "companionAppAllowedState",
    "reportSuspiciousActivitySettings",
    "callerIdNumber",
    "requireCertificateSidAlignment",
)
"""Members that v1.0 does not have (contract: tests/contract/test_sdk_catalogue.py)."""

Mistake = Callable[[Sent], Sent | None]
"""Makes the mistake in a request, or says that it can't be made there."""


def misspelt_path(sent: Sent) -> Sent | None:
    return replace(sent, url=sent.url.replace("Methods", "Method", 1))


def misspelt_id(sent: Sent) -> Sent | None:
    return replace(sent, url=sent.url[:-1]) if sent.is_configuration else None


def misspelt_property(sent: Sent) -> Sent | None:
    name = next(key for key in sent.body if not key.startswith("@"))
    rest = {key: value for key, value in sent.body.items() if key != name}
    return replace(sent, body={**rest, f"{name}s": sent.body[name]})


def wrong_enum(sent: Sent) -> Sent | None:
    return sent.with_body(state="enable") if "state" in sent.body else None


def missing_type(sent: Sent) -> Sent | None:
    if not sent.is_configuration:
        return None
    rest = {key: value for key, value in sent.body.items() if key != "@odata.type"}
    return replace(sent, body=rest)


def another_methods_type(sent: Sent) -> Sent | None:
    own = "#microsoft.graph.emailAuthenticationMethodConfiguration"
    if not sent.is_configuration or sent.url.endswith("/Email"):
        return None
    return sent.with_body(**{"@odata.type": own})


def read_only_member(sent: Sent) -> Sent | None:
    return None if sent.is_configuration else sent.with_body(policyVersion="9")


def retired_member(sent: Sent) -> Sent | None:
    if "featureSettings" not in sent.body:
        return None
    features = {**sent.body["featureSettings"], "numberMatchingRequiredState": {"state": "enabled"}}
    return sent.with_body(featureSettings=features)


def wrong_version(sent: Sent) -> Sent | None:
    needs_beta = any(f"'{name}'" in str(sent.body) for name in BETA_ALONE)
    return replace(sent, version="v1.0") if needs_beta else None


def shrunk(name: str) -> Mistake:
    def shrink(sent: Sent) -> Sent | None:
        return sent.with_body(**{name: sent.body[name][1:]}) if sent.body.get(name) else None

    return shrink


def text_for_a_number(sent: Sent) -> Sent | None:
    for name, value in sent.body.items():
        if isinstance(value, int):
            return sent.with_body(**{name: str(value)})
    return None


def forgotten(sent: Sent) -> Sent | None:
    return replace(sent, body={key: sent.body[key] for key in sent.body if key == "@odata.type"})


MISTAKES: dict[str, Mistake] = {
    "misspelt path": misspelt_path,
    "misspelt id": misspelt_id,
    "misspelt property": misspelt_property,
    "wrong enum": wrong_enum,
    "missing @odata.type": missing_type,
    "another method's @odata.type": another_methods_type,
    "read-only member": read_only_member,
    "retired member": retired_member,
    "wrong version": wrong_version,
    "shrunk includeTargets": shrunk("includeTargets"),
    "shrunk excludeTargets": shrunk("excludeTargets"),
    "text for a number": text_for_a_number,
    "nothing sent": forgotten,
}


@pytest.fixture
def wanted(tmp_path: Path) -> Desired:
    methods, _, _ = ONE.partition("authenticationStrengthPolicies:")
    return mock_tenant.desired(tmp_path / "policy.yaml", policy(methods))


def requests(wanted: Desired) -> list[Sent]:
    """What the client sends to a tenant that has nothing of the policy yet."""
    plan = mock_tenant.plan(mock_tenant.not_opted_in(), wanted).plan
    return [Sent(each.api, each.url, deepcopy(dict(each.body))) for each in plan.requests]


def complaints(sent: list[Sent], wanted: Desired) -> Iterator[str]:
    """What is wrong with requests: refusals, then everything that is not as declared."""
    mock = mock_tenant.not_opted_in()
    for each in sent:
        answer = mock.ask("PATCH", f"/{each.version}{each.url}", each.body)
        if answer.status >= 400:
            yield answer.body["error"]["message"]
    for change in mock_tenant.plan(mock, wanted).plan.changes:
        yield f"{change.resource}.{change.path}"


def test_without_a_mistake_there_is_nothing_to_complain_about(wanted: Desired) -> None:
    assert len(requests(wanted)) > 10
    assert list(complaints(requests(wanted), wanted)) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_caught_wherever_it_can_be_made(name: str, wanted: Desired) -> None:
    honest = requests(wanted)
    made = 0
    for place, each in enumerate(honest):
        mistaken = MISTAKES[name](each)
        if mistaken is None or mistaken == each:
            continue
        made += 1
        seeded = [*honest[:place], mistaken, *honest[place + 1 :]]
        assert any(complaints(seeded, wanted)), f"{name} in {each.version}{each.url}"
    assert made
