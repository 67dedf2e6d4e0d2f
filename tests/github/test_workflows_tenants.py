"""Several tenants: each has its environments, its digest, its comment and its issue."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest

from graphpolicy.mock import Server
from tests.github.actions.scene import CONTOSO, FABRIKAM, Scene, report, scene
from tests.github.stand_in import Hub
from tests.shell import Shell, policy

pytestmark = pytest.mark.e2e


@pytest.fixture
def fleet(bare: Shell, hub: Hub, github: dict[str, str], server: Server, tmp_path: Path) -> Scene:
    """One repository with the policies of two tenants."""
    server.mock.add_tenant(FABRIKAM, "Fabrikam")
    named = {"contoso": CONTOSO, "fabrikam": FABRIKAM}
    base = {**bare.environment, **github}
    hub.scanned = []
    return scene(tmp_path, server, hub, base, tenants=named)


def test_each_is_reviewed_approved_and_applied_for_itself(fleet: Scene) -> None:
    fleet.change(
        "both",
        {
            "policies/contoso.yaml": policy("Sms: {state: disabled}", CONTOSO),
            "policies/fabrikam.yaml": policy("Sms: {state: disabled}", FABRIKAM),
        },
    )
    planned = fleet.plan("both")
    assert planned.green
    assert len(planned.jobs) == 5
    assert fleet.github.scanned is not None
    packed = [gzip.decompress(base64.b64decode(each["sarif"])) for each in fleet.github.scanned]
    categories = [json.loads(each)["runs"][0]["automationDetails"]["id"] for each in packed]
    assert categories == [
        f"graphpolicy/plan/entra-plan-{name}-report/" for name in ("contoso", "fabrikam")
    ]
    titles = [text.splitlines()[1].partition(",")[0] for text in fleet.said("both")]
    assert titles == [
        "### graphpolicy plan for `contoso`: 1 to change",
        "### graphpolicy plan for `fabrikam`: 1 to change",
    ]
    digests = {
        name: report(planned, f"entra-plan-{name}-report", "plan.json")["plans"][0]["digest"]
        for name in ("contoso", "fabrikam")
    }
    assert len(set(digests.values())) == 2

    fleet.runner.approve = lambda environment: environment != "entra-apply-contoso"
    applied = fleet.run("apply", fleet.merge("both"))
    assert applied.results() == {
        "apply (contoso) / Plan": "success",
        "apply (contoso) / Apply": "failure",
        "apply (fabrikam) / Plan": "success",
        "apply (fabrikam) / Apply": "success",
    }
    for name, digest in digests.items():
        assert applied.jobs[f"apply ({name}) / Plan"].outputs["digest"] == digest
    assert (fleet.state("Sms"), fleet.state("Sms", FABRIKAM)) == ("enabled", "disabled")

    fleet.runner.approve = lambda _environment: True
    one = fleet.by_hand("apply", tenant="contoso", digest=digests["contoso"])
    assert one.green
    assert one.jobs["apply (fabrikam) / Plan"].result == "skipped"
    assert one.jobs["apply (fabrikam) / Apply"].result == "skipped"
    assert fleet.state("Sms") == "disabled"


def test_each_has_its_issue_and_one_that_is_blind_leaves_the_other_alone(fleet: Scene) -> None:
    fleet.mock.portal("Sms", {"state": "disabled"})
    fleet.runner.variables = {
        **fleet.runner.variables,
        "entra-plan-fabrikam": {"AZURE_CLIENT_ID": "", "AZURE_TENANT_ID": FABRIKAM},
    }
    looked = fleet.look()
    assert looked.results() == {
        "drift (contoso) / Drift": "success",
        "drift (fabrikam) / Drift": "failure",
    }
    titles = [issue["title"] for issue in fleet.github.issues.values()]
    assert titles[0] == "Drift in contoso: 1 difference"
    assert titles[1].startswith("Drift in fabrikam: unknown since")
