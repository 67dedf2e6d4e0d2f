"""SETUP.md, run from its first line to its last: afterwards the jobs may sign in."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphpolicy.catalogue.permissions import APP_ROLES
from graphpolicy.mock import Application, Federated, Mock, Server
from tests.e2e.setup_tools import IDS, TEAM, Setup, blocks, program
from tests.e2e.test_init import ANSWERS, CONTOSO, empty
from tests.shell import Shell, command_line

__all__ = ["empty"]

pytestmark = pytest.mark.e2e

NAMES = {value: name for name, value in APP_ROLES.items()}
SHELLS = [
    "bash",
    pytest.param(
        "pwsh", marks=pytest.mark.skipif(not shutil.which("pwsh"), reason="there is no pwsh")
    ),
]


@pytest.fixture
def setup(empty: Shell) -> Setup:
    return Setup(empty.folder, command_line(), empty.environment, APP_ROLES)


def page(folder: Path, shell: str, name: str = "SETUP.md") -> list[str]:
    return blocks((folder / name).read_text(encoding="utf-8"), program(shell)[0])


def halves(lines: list[str]) -> tuple[list[str], list[str]]:
    """The blocks up to the pushed commit, and those after it, in a new terminal the next day."""
    doctor = next(i for i, block in enumerate(lines) if "gh workflow run" in block)
    return lines[:doctor], [lines[0], *lines[doctor:]]


def examined(shell: Shell, mock: Mock, setup: Setup, server: Server) -> list[str]:
    """What `doctor` says in the two jobs of the workflow, as applications of the mock."""
    said = []
    for display, id_, roles, trusted in setup.applications():
        verb = display.split()[1]
        mock.add_application(
            Application(
                id_,
                display,
                roles=tuple(NAMES[each] for each in roles),
                federated=tuple(
                    Federated(each["subject"], each["issuer"], tuple(each["audiences"]))
                    for each in trusted
                ),
            )
        )
        job = mock.github_job(environment=f"entra-{verb}", immutable=True)
        env = {
            "AZURE_AUTHORITY_HOST": server.authority,
            "AZURE_CLIENT_ID": id_,
            "AZURE_TENANT_ID": CONTOSO,
            "GRAPHPOLICY_ACCESS_TOKEN": "",
            **job,
        }
        done = shell("doctor", "--auth", "github", env=env)
        assert done.code == 0, done.text
        said += [f"{verb}\tExamine\t2026-11-30T05:17:00Z {line}" for line in done.out.splitlines()]
    return said


@pytest.mark.parametrize("terminal", SHELLS)
def test_every_line_of_the_page_leads_to_jobs_that_doctor_finds_nothing_wrong_with(
    terminal: str, empty: Shell, setup: Setup, mock: Mock, server: Server
) -> None:
    empty("init", *ANSWERS, "--owner", "@ben", "--owner", "@ana")
    first, second = halves(page(empty.folder, terminal))
    setup.run(terminal, first)
    found = {name: (roles, trusted) for name, _, roles, trusted in setup.applications()}
    permissions = json.loads(empty("doctor", "--format", "json").out)["tenants"][0]["permissions"]
    ids = f"repo:contoso@{IDS['owner']}/policy@{IDS['repository']}"
    for verb, verbs in (("plan", {"plan", "impact"}), ("apply", {"plan", "apply", "impact"})):
        roles, trusted = found[f"graphpolicy {verb} contoso"]
        assert roles == {
            APP_ROLES[name]
            for each in permissions
            if each["verb"] in verbs
            for name in each["permission"].split(" and ")
        }
        assert [each["subject"] for each in trusted] == [
            f"repo:contoso/policy:environment:entra-{verb}",
            f"{ids}:environment:entra-{verb}",
        ]
        assert {each["issuer"] for each in trusted} == {
            "https://token.actions.githubusercontent.com"
        }
        assert all(each["audiences"] == ["api://AzureADTokenExchange"] for each in trusted)
    writing = APP_ROLES["Policy.ReadWrite.AuthenticationMethod"]
    assert writing not in found["graphpolicy plan contoso"][0]

    made_and_protected(empty.folder, setup)
    before = deepcopy(setup.graph)
    asked = len(setup.asked("az"))
    in_entra = r"\b(get|send|grant|trust|Get-Graph|Send-Graph|Grant|Trust)\b"
    setup.run(terminal, [each for each in first if re.search(in_entra, each)])
    assert len(setup.asked("az")) > asked + 10
    assert setup.graph == before  # a block can be run again
    log = "\n".join(examined(empty, mock, setup, server))
    assert "subject repo:" in log
    # A subject that is too long for doctor's line stands on a line of its own.
    lead = "plan\tExamine\t2026-11-30T05:17:00Z"
    setup.log = log.replace("subject repo:", f"subject\n{lead} {' ' * 12}repo:")
    setup.run(terminal, second)
    assert [[each["name"] for each in trusted] for _, _, _, trusted in setup.applications()] == [
        ["entra-plan-ids"],
        ["entra-apply-ids"],
    ]


def made_and_protected(folder: Path, setup: Setup) -> None:
    """The repository on GitHub, its environments, and the rules for main."""
    assert len(setup.asked("gh", "auth", "login")) == 1
    assert setup.asked("gh", "repo", "create") == [
        ["gh", "repo", "create", "contoso/policy", "--private"]
    ]
    assert setup.asked("git", "push") == [["git", "push", "-u", "origin", "HEAD:main"]]
    [(apply, rules), (main, protected)] = setup.bodies
    assert apply == "repos/contoso/policy/environments/entra-apply"
    people = [{"type": "User", "id": 43}] * 2
    assert rules["reviewers"] == [{"type": "Team", "id": 42}, *people]
    given = [each[4] for each in setup.asked("gh", "api", "--method", "PUT") if "-f" in each]
    assert given[:2] == [f"{TEAM}/repos/contoso/policy", "repos/contoso/policy/collaborators/ben"]
    assert rules["prevent_self_review"] is True
    assert main == "repos/contoso/policy/branches/main/protection"
    reviews = protected["required_pull_request_reviews"]
    assert reviews["require_code_owner_reviews"] is True
    assert reviews["required_approving_review_count"] == 1
    assert set(protected["required_status_checks"]["contexts"]) <= checks(folder)
    [allowed] = setup.asked(
        "gh", "api", "--method", "PUT", "repos/contoso/policy/actions/permissions/workflow"
    )
    assert "can_approve_pull_request_reviews=true" in allowed
    apps = {name.split()[1]: app for name, app, _, _ in setup.applications()}
    assert sorted((each[7], each[3], each[9]) for each in setup.asked("gh", "variable", "set")) == [
        ("entra-apply", "AZURE_CLIENT_ID", apps["apply"]),
        ("entra-apply", "AZURE_TENANT_ID", CONTOSO),
        ("entra-plan", "AZURE_CLIENT_ID", apps["plan"]),
        ("entra-plan", "AZURE_TENANT_ID", CONTOSO),
    ]


def test_one_administrator_without_enterprise_is_not_locked_out(empty: Shell, setup: Setup) -> None:
    """Nothing waits for a second administrator, and a merge alone writes nothing."""
    empty("init", *ANSWERS, "--owner", "@ana")
    lines = "\n".join(each for each in page(empty.folder, "bash") if re.search("alone|gate", each))
    for old, new in (("alone=false", "alone=true"), ("gate=reviewers", "gate=hand")):
        assert lines.count(f"\n{old}\n") == 1
        lines = lines.replace(f"\n{old}\n", f"\n{new}\n")
    setup.run("bash", [lines])
    [(_, rules), (_, protected)] = setup.bodies
    assert rules.keys() == {"deployment_branch_policy"}
    reviews = protected["required_pull_request_reviews"]
    assert reviews["required_approving_review_count"] == 0
    assert reviews["require_code_owner_reviews"] is False
    flow = yaml.safe_load((empty.folder / ".github/workflows/apply.yml").read_text())
    assert list(flow[True]) == ["workflow_dispatch"]


def checks(folder: Path) -> set[str]:
    """The checks that the workflows give to a pull request."""
    flows = {
        path.name: yaml.safe_load(path.read_text())
        for path in (folder / ".github/workflows").glob("*.yml")
    }
    names = set()
    for flow in flows.values():
        if "pull_request" not in flow[True]:
            continue
        for id_, job in flow["jobs"].items():
            called = flows[Path(job["uses"]).name]["jobs"] if "uses" in job else {}
            for row in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
                own = job.get("name", id_).replace("${{ matrix.short }}", row.get("short", ""))
                names |= {f"{own} / {each.get('name', key)}" for key, each in called.items()}
    return names


CALLS = re.compile(r"\b((?:az|gh|git|graphpolicy) [a-z-]+(?: (?:--method )?[A-Za-z-]+)?)")
FUNCTIONS = {
    "get": "Get-Graph",
    "send": "Send-Graph",
    "id_of": "Get-Id",
    "grant": "Grant",
    "trust": "Trust",
    "forget": "Forget",
}


def similar(block: str) -> list[Any]:
    """What two blocks of the same step share: commands, and how often each function is used."""
    plain = re.sub(r"^ *#.*| # .*", "", block, flags=re.MULTILINE)
    for bash, other in FUNCTIONS.items():
        plain = re.sub(rf"(?<![\w-]){other}(?![\w-])", bash, plain)
    names = re.findall(rf"(?<![\w./-])({'|'.join(FUNCTIONS)})(?![\w.-])", plain)
    literals = re.findall(r"entra-[a-z-]+(?:names|ids)|contexts|[A-Z][\w.]+\.All\b", plain)
    return [CALLS.findall(plain), Counter(names), Counter(literals)]


def test_powershell_has_the_same_commands_in_the_same_order(empty: Shell) -> None:
    empty("init", *ANSWERS)
    bash, powershell = (page(empty.folder, shell) for shell in ("bash", "pwsh"))
    assert len(bash) == len(powershell) > 10
    assert [similar(each) for each in powershell] == [similar(each) for each in bash]
    for block in powershell:
        plain = re.sub(r"'[^'\n]*'", "''", block)
        assert not re.search(r"&&|\|\||<<<|\\$|\$\(jq|\[\[", plain, re.MULTILINE), block
        for left, right in ("()", "{}", "[]"):
            assert plain.count(left) == plain.count(right), block


FABRIKAM, LITWARE = (f"{n}-2222-4333-8444-555555555555" for n in ("33333333", "44444444"))


def joined(shell: Shell, name: str, id_: str) -> Any:
    more = ("--pilot-group", "P", "--assisted-group", "A", "--emergency-access", "BG")
    done = shell("init", "--add-tenant", name, "--tenant-id", id_, *ANSWERS[4:6], *more)
    assert done.code == 0, done.text
    return done


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and "state" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_a_second_and_a_third_tenant_join_and_no_line_of_the_repository_is_lost(
    empty: Shell,
) -> None:
    empty("init", *ANSWERS)
    for name, id_ in (("fabrikam", FABRIKAM), ("litware", LITWARE)):
        before = contents(empty.folder)
        joined(empty, name, id_)
        after = contents(empty.folder)
        assert after.keys() - before.keys() == {f"policies/{name}.yaml", f"SETUP-{name}.md"}
        for path, content in before.items():
            lost = Counter(content.splitlines()) - Counter(after[path].splitlines())
            assert not lost, (path, lost)
    assert empty("validate").code == 0
    for verb in ("plan", "apply", "drift", "adopt", "wave", "doctor"):
        flow = yaml.safe_load((empty.folder / f".github/workflows/{verb}.yml").read_text())
        rows = flow["jobs"][verb]["strategy"]["matrix"]["include"]
        assert [(row["tenant"], row["plan"], row["apply"]) for row in rows] == [
            ("contoso", "entra-plan", "entra-apply"),
            ("fabrikam", "entra-plan-fabrikam", "entra-apply-fabrikam"),
            ("litware", "entra-plan-litware", "entra-apply-litware"),
        ]
    jobs = json.loads(empty("ci", "matrix").out)["ring-none"]["include"]
    named = [(each["plan-environment"], each["apply-environment"]) for each in jobs]
    assert named == [(row["plan"], row["apply"]) for row in rows]
    bash, powershell = (page(empty.folder, each, "SETUP-litware.md") for each in ("bash", "pwsh"))
    assert [similar(each) for each in powershell] == [similar(each) for each in bash]
    for lines in (bash, powershell):
        assert {*re.findall(r"entra-(?:plan|apply)(-litware)?", "".join(lines))} == {"-litware"}
    required = re.findall(r"contexts: (\[.*?\])", "".join(bash))
    planning = {each for each in checks(empty.folder) if each.startswith("plan ")}
    assert [set(json.loads(each)) for each in required] == [planning]


@pytest.mark.deep  # the page of the first tenant is run, with the names above
def test_every_line_of_the_page_of_a_tenant_that_joins(empty: Shell, setup: Setup) -> None:
    empty("init", *ANSWERS)
    joined(empty, "litware", LITWARE)
    setup.done |= {"repo view"}
    lines = page(empty.folder, "bash", "SETUP-litware.md")
    setup.run("bash", [each for each in lines if not re.search("validate|git commit", each)])
    assert [
        (name, {each["subject"].rpartition(":")[2] for each in trusted})
        for name, _, _, trusted in setup.applications()
    ] == [
        ("graphpolicy plan litware", {"entra-plan-litware"}),
        ("graphpolicy apply litware", {"entra-apply-litware"}),
    ]


def test_a_caller_that_somebody_edited_gets_the_tenant_or_is_left_alone(empty: Shell) -> None:
    empty("init", *ANSWERS)
    flows = empty.folder / ".github/workflows"
    apply, plan = flows / "apply.yml", flows / "plan.yml"
    by_hand = apply.read_text().replace("  push:\n    branches: [main]\n", "")
    apply.write_bytes(by_hand.replace("\n", "\r\n").encode())
    plan.write_text("jobs: {mine: {}}\n")
    (flows / "doctor.yml").unlink()
    (flows / "graphpolicy-doctor.yml").unlink()
    done = joined(empty, "fabrikam", FABRIKAM)
    assert "plan.yml was not changed" in done.err
    assert plan.read_text() == "jobs: {mine: {}}\n"
    assert apply.read_bytes().count(b"\r\n") == apply.read_bytes().count(b"\n")
    job = yaml.safe_load(apply.read_text())["jobs"]["apply"]
    assert job["with"]["apply-environment"] == "${{ matrix.apply }}"
    assert (flows / "graphpolicy-doctor.yml").exists()
    assert "contexts" not in "".join(page(empty.folder, "bash", "SETUP-fabrikam.md"))


def test_a_repository_with_other_pipelines_gets_no_workflow(empty: Shell) -> None:
    empty("init", *ANSWERS)
    shutil.rmtree(empty.folder / ".github")
    done = joined(empty, "fabrikam", FABRIKAM)
    assert "make your pipelines run for fabrikam as well" in done.err
    assert not (empty.folder / ".github").exists()


def test_a_tenant_that_is_there_is_refused_and_nothing_is_written(empty: Shell) -> None:
    empty("init", *ANSWERS)
    empty.write("mine", "SETUP-taken.md")
    before = contents(empty.folder)
    wrong = []
    for flags, code, said in (
        (("Contoso",), 1, "already has a tenant with the name Contoso"),
        (("fabrikam", "--tenant-id", CONTOSO), 1, f"already has a tenant with the id {CONTOSO}"),
        (("taken",), 1, "SETUP-taken.md; nothing was written"),
        (("../x",), 64, "--add-tenant: '../x' is not"),
        (("fabrikam", "--tenant-name", "x"), 64, "give --add-tenant or --tenant-name, not both"),
    ):
        done = empty("init", "--add-tenant", *flags)
        if done.code != code or said not in done.err or contents(empty.folder) != before:
            wrong.append((flags, done))
    assert not wrong


def test_without_a_repository_there_is_nothing_to_join(empty: Shell) -> None:
    done = empty("init", "--add-tenant", "fabrikam")
    assert done.code == 1
    assert contents(empty.folder) == {}
