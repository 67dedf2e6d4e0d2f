"""The workflows for GitHub: whole, valid, sound, and each tenant with environments of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphpolicy.starter.workflows import LIST, VERBS, environments, own, workflows

ROOT = Path(__file__).parent.parent.parent.parent
HOSTILE = 'Fabrikam ${{ github.token }} "Ltd": #1\n- é'
FLEETS = (["contoso"], ["contoso", "fabrikam"], [HOSTILE, "Contoso Ltd", "contoso-ltd", "日本"])


def parsed(text: str) -> dict[Any, Any]:
    document = yaml.safe_load(text)
    assert isinstance(document, dict)
    return document


def calls(files: Mapping[str, str], verb: str) -> list[dict[str, str]]:
    """What a caller gives to each of its calls."""
    job = parsed(files[f".github/workflows/{verb}.yml"])["jobs"][verb]
    rows = job.get("strategy", {"matrix": {"include": [{}]}})["matrix"]["include"]
    found = []
    for row in rows:
        given = dict(job.get("with", {})) if row else {}
        for key, text in row.items():
            given = {
                name: value.replace(f"${{{{ matrix.{key} }}}}", text)
                for name, value in given.items()
            }
        found.append(given)
    return found


def test_linters_find_nothing_in_them(tmp_path: Path) -> None:
    for number, tenants in enumerate(FLEETS):
        for path, text in workflows(tenants).items():
            file = tmp_path / str(number) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
    names = [str(path) for path in sorted(tmp_path.rglob("*.yml"))]
    assert len(names) == 13 * len(FLEETS)
    check = ["check-jsonschema", "--builtin-schema"]
    for command in (
        ["zizmor", "--offline", "--no-progress", "--strict-collection", "--persona", "auditor"],
        [*check, "vendor.github-workflows"],
        [*check, "custom.github-workflows-require-timeout"],
    ):
        tool = str(Path(sys.executable).with_name(command[0]))
        done = subprocess.run(
            [tool, *command[1:], *names], capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", own())
def test_our_own_are_what_is_rendered(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text == own()[path], (
        "write them again: python -c 'from graphpolicy.starter.workflows import own; "
        '[open(path, "w").write(text) for path, text in own().items()]\''
    )
    installing = 0 if re.search("journal|sarif", path) else text.count("runs-on:")
    assert text.count("uses: $/.github/actions/graphpolicy") == installing


@pytest.mark.parametrize("verb", [*VERBS, "sarif"])
def test_those_of_init_differ_from_our_own_in_nothing_but_the_install(verb: str) -> None:
    action = r"^ +# \$/ is .*\n.*\n +- uses: \$/\.github/actions/graphpolicy\n"
    steps = r"^ +- uses: actions/setup-python@(?:.*\n)+? +echo .* >> \"\$GITHUB_PATH\"\n"
    ours, theirs = (
        re.subn(install, "# <install>\n", text, flags=re.MULTILINE)
        for install, text in (
            (action, own()[f".github/workflows/{verb}.yml"]),
            (steps, workflows(["contoso"])[f".github/workflows/graphpolicy-{verb}.yml"]),
        )
    )
    assert ours == theirs
    assert (ours[1] > 0) == (verb != "sarif")


@pytest.mark.parametrize("verb", ["plan", "apply", "drift"])
def test_the_pages_callers_ask_for_what_those_of_init_ask_for(verb: str) -> None:
    page = (ROOT / "docs/github.md").read_text(encoding="utf-8")
    [shown] = re.findall(rf"^<!-- caller {verb} -->\n```yaml\n(.*?)^```", page, re.S | re.M)
    theirs, ours = parsed(workflows(["contoso"])[f".github/workflows/{verb}.yml"]), parsed(shown)
    assert len(shown.splitlines()) <= 11
    assert ours["permissions"] == theirs["permissions"] == {}
    assert ours[True].keys() == theirs[True].keys()
    called, calling = ours["jobs"][verb], theirs["jobs"][verb]
    assert called.pop("uses") == f"OWNER/graphpolicy/.github/workflows/{verb}.yml@COMMIT"
    assert calling.pop("uses") == f"$/.github/workflows/graphpolicy-{verb}.yml"
    assert called == calling
    asked = [trigger or {} for trigger in (ours[True], theirs[True])]
    inputs = [set((each.get("workflow_dispatch") or {}).get("inputs", {})) for each in asked]
    assert inputs[0] == inputs[1]


def test_they_install_what_the_base_lists_with_its_hashes() -> None:
    for path, text in workflows(["contoso"]).items():
        if "graphpolicy-" in path and "sarif" not in path:
            installs = text.count(
                ' -I -m pip install --quiet --require-hashes --no-deps -r "$list"'
            )
            assert installs == text.count("runs-on:")
            assert text.count(f'git show "$BASE:{LIST}"') == installs
        assert "# <install>" not in text


def test_one_tenant_has_the_plain_environments_and_several_have_their_own() -> None:
    assert calls(workflows(["contoso"]), "plan") == [{}]
    one = environments(["contoso"])["contoso"]
    assert (one.read, one.write) == ("entra-plan", "entra-apply")
    two = ["contoso", "Fabrikam Ltd"]
    own = environments(two)
    assert [own[name].write for name in two] == ["entra-apply-contoso", "entra-apply-fabrikam-ltd"]
    for verb in ("plan", "apply", "drift"):
        given = calls(workflows(two), verb)
        assert [row["tenant"] for row in given] == two
        assert [row["plan-environment"] for row in given] == [own[name].read for name in two]
    applied = calls(workflows(two), "apply")
    assert [row["apply-environment"] for row in applied] == [own[name].write for name in two]


def test_no_two_tenants_share_an_environment_and_github_takes_each_name() -> None:
    own = environments(FLEETS[2])
    names = [name for each in own.values() for name in (each.read, each.write)]
    assert len(set(names)) == 8
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_a_tenants_name_is_no_expression() -> None:
    text = workflows(FLEETS[2])[".github/workflows/plan.yml"]
    assert "${{ github" not in text
    assert calls(workflows(FLEETS[2]), "plan")[0]["tenant"].startswith(
        "Fabrikam ${{ '${{' }} github"
    )


@pytest.mark.parametrize(
    ("host", "here"), [("github.com", "$"), ("contoso.ghe.com", "$"), ("ghe.contoso.com", ".")]
)
def test_a_server_calls_the_workflows_by_their_folder(host: str, here: str) -> None:
    found = "".join(workflows(["contoso"], host).values())
    assert set(re.findall(r"uses: ([$.])/", found)) == {here}
