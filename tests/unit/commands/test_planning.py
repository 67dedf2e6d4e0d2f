"""Planning many tenants: one that can't be understood does not hide the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from graphpolicy.commands.planning import guarded, plan_each
from graphpolicy.graph.errors import UsageFailure
from graphpolicy.mock import Mock
from graphpolicy.model import Declared, Desired, Failure, Tenant, Version
from graphpolicy.plan import Planned
from tests.laws.mock_tenant import InProcess
from tests.laws.situations import OCCASION

ODD = Tenant("odd", "22222222-2222-4333-8444-555555555555")
GOOD = Tenant("good", "11111111-2222-4333-8444-555555555555")
VOICE = Declared("Voice", {"state": "disabled", "includeTargets": []}, {})


@dataclass
class Odd(InProcess):
    """A tenant whose Voice has targets of a shape that nobody knows."""

    async def get(self, version: Version, url: str) -> Any:
        document = await super().get(version, url)
        for item in document.get("authenticationMethodConfigurations", ()):
            if item["id"] == "Voice":
                item["includeTargets"] = ["everyone"]
        return document


class Session:
    """A connection to both."""

    def tenant(self, tenant: Tenant) -> Any:
        return Odd(Mock()) if tenant is ODD else InProcess(Mock())


def test_a_tenant_that_answers_in_an_unknown_shape_does_not_hide_the_others() -> None:
    policies = [Desired(f"{tenant.name}.yaml", tenant, (VOICE,)) for tenant in (ODD, GOOD)]
    session: Any = Session()
    failed, planned = asyncio.run(plan_each(session, policies, OCCASION))
    assert isinstance(failed, Failure)
    assert (failed.code, failed.exit_code) == ("unforeseen-answer", 1)
    assert failed.message.startswith("what this tenant answers can't be understood: ")
    assert failed.help
    assert isinstance(planned, Planned)
    assert planned.plan.changes


def test_a_failure_that_is_none_of_one_tenant_ends_the_run() -> None:
    async def refused() -> Planned:
        raise UsageFailure("a real token never leaves for a foreign host")

    with pytest.raises(UsageFailure):
        asyncio.run(guarded(Desired("good.yaml", GOOD, ()), refused()))
