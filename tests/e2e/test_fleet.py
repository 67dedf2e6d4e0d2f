"""Many tenants: a line for each as it is made, and one page for all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock, Server
from tests.e2e.test_applying import CONTOSO, FABRIKAM, LONGER
from tests.shell import Shell, application, policy

pytestmark = pytest.mark.e2e

NORTHWIND = "33333333-2222-4333-8444-555555555555"
NOWHERE = "44444444-2222-4333-8444-555555555555"


@pytest.fixture
def fleet(bare: Shell, mock: Mock, server: Server) -> Shell:
    """Three tenants: two differ from their files in the same way, and one does not exist."""
    mock.add_tenant(FABRIKAM, "fabrikam")
    mock.add_tenant(NORTHWIND, "northwind")
    mock.portal("TemporaryAccessPass", {"defaultLength": 20}, tenant_id=NORTHWIND)
    bare.environment |= application(server)
    for name, tenant in (
        ("contoso", CONTOSO),
        ("fabrikam", FABRIKAM),
        ("northwind", NORTHWIND),
        ("nowhere", NOWHERE),
    ):
        bare.write(policy(LONGER, tenant), f"policies/{name}.yaml")
    return bare


def lines(text: str) -> dict[str, Any]:
    """The PLANs of JSON lines, by the name of their tenant."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(each["format_version"] == "1" for each in found)
    return {each["tenant"]["name"]: each for each in found}


def page(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))["fleet"]


@pytest.mark.parametrize(("verb", "code"), [("plan", 4), ("drift", 4)])
def test_a_line_for_each_tenant_and_a_page_for_all(fleet: Shell, verb: str, code: int) -> None:
    done = fleet(verb, "--format", "jsonl", "-o", "fleet.json", "-o", "fleet.md", "-o", "f.html")
    assert done.code == code
    found = lines(done.out)
    assert {name: len(each.get("changes", ())) for name, each in found.items()} == {
        "contoso": 1,
        "fabrikam": 1,
        "northwind": 0,
        "nowhere": 0,
    }
    whole = fleet(verb, "--format", "json")
    plans = {each["tenant"]["name"]: each for each in json.loads(whole.out)["plans"]}
    versions = {"format_version", "tool_version"}
    assert {
        name: {key: value for key, value in each.items() if key not in versions}
        for name, each in found.items()
    } == plans
    made = page(fleet.folder / "fleet.json")
    assert made["summary"] == {"tenants": 4, "failed": 1, "differs": 2, "same": 1}
    [difference] = made["differences"]
    assert difference["what"] == "TemporaryAccessPass.defaultLength"
    assert difference["tenants"] == ["contoso", "fabrikam"]
    [failure] = made["failures"]
    assert failure["tenants"] == ["nowhere"]
    for name in ("fleet.md", "f.html"):
        text = (fleet.folder / name).read_text(encoding="utf-8")
        assert text.count("TemporaryAccessPass.defaultLength") == 1


def test_a_drift_that_could_read_nothing_does_not_speak_of_plans(fleet: Shell) -> None:
    done = fleet("drift", "--tenant", "nowhere", "-o", "a.jsonl")
    assert "could not be read" in done.err
    assert "could not be planned" not in done.text


def test_a_page_of_the_reports_of_several_jobs(fleet: Shell) -> None:
    fleet("plan", "policies/contoso.yaml", "-o", "one.json")
    fleet("plan", "policies/fabrikam.yaml", "policies/northwind.yaml", "-o", "two.jsonl")
    done = fleet("ci", "fleet", "one.json", "two.jsonl", "-o", "fleet.json")
    assert done.code == 1, "a tenant of the files is in no report"
    made = page(fleet.folder / "fleet.json")
    assert made["summary"] == {"tenants": 4, "failed": 1, "differs": 2, "same": 1}
    assert made["failures"][0]["what"] == "no-report"
    only = ("ci", "fleet", "one.json", "two.jsonl", "--tenant", "fabrikam", "--format", "json")
    assert json.loads(fleet(*only).out)["fleet"]["summary"] == {"tenants": 1, "differs": 1}
    assert fleet(*only[:4], "--tenant", "fabrikam,elsewhere").code == 1
    (fleet.folder / "policies" / "nowhere.yaml").unlink()
    assert fleet("ci", "fleet", "one.json", "two.jsonl").code == 0
    (fleet.folder / "cut.jsonl").write_text('{"tenant": {"name": "x"', encoding="utf-8")
    for wrong in ("cut.jsonl", "missing.json", "policies/contoso.yaml"):
        done = fleet("ci", "fleet", "one.json", "two.jsonl", wrong)
        assert done.code == 1, wrong
        assert f"{wrong} is not a report" in done.text
    other = (fleet.folder / "two.jsonl").read_text(encoding="utf-8").replace('"1"', '"2"')
    (fleet.folder / "other.jsonl").write_text(other, encoding="utf-8")
    (fleet.folder / "empty.jsonl").write_text("", encoding="utf-8")
    for wrong in ("other.jsonl", "empty.jsonl", "two.jsonl"):
        done = fleet("ci", "fleet", "one.json", "two.jsonl", wrong)
        assert done.code == 1, wrong
        assert wrong in done.err


def test_what_has_no_page_of_many_tenants_is_refused_before_they_are_read(
    fleet: Shell, mock: Mock
) -> None:
    for flags in (("-o", "a.sarif"), ("--format", "github")):
        assert fleet("plan", "-o", "a.jsonl", *flags).code == 64
    assert not mock.requests


def test_neither_lines_nor_the_page_are_applied(fleet: Shell) -> None:
    fleet("plan", "policies/contoso.yaml", "--format", "jsonl", "-o", "a.jsonl", "-o", "fleet.json")
    for file, code in (("a.jsonl", 64), ("fleet.json", 3)):
        done = fleet("apply", file, "--auto-approve")
        assert done.code == code, file
        assert "plan -o " in done.err
        assert "KeyError" not in done.err


def test_an_apply_has_lines_too(fleet: Shell) -> None:
    done = fleet("apply", "policies/contoso.yaml", "--auto-approve", "--format", "jsonl")
    assert done.code == 0, done.text
    [plan] = lines(done.out).values()
    assert [each["outcome"] for each in plan["results"]] == ["verified"]
    (fleet.folder / "apply.jsonl").write_text(done.out, encoding="utf-8")
    for name in ("fabrikam", "northwind", "nowhere"):
        (fleet.folder / "policies" / f"{name}.yaml").unlink()
    done = fleet("ci", "fleet", "apply.jsonl", "--format", "json")
    made = json.loads(done.out)["fleet"]
    assert made["summary"] == {"tenants": 1, "applied": 1}
    assert not made["differences"], "it does not differ any more"
    assert [each["what"] for each in made["applied"]] == ["TemporaryAccessPass.defaultLength"]
