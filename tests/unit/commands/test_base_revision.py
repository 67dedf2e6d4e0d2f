"""The policies at a revision, wherever their files were then."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from graphpolicy.commands.base_revision import base_policies, edited_snapshots, snapshots_at
from graphpolicy.model.errors import InputError
from graphpolicy.policyfile.load import Policies

ID, OTHER = "7a1e0b52-93c4-4d0f-8b67-2f4d1c9e5a10", "c03f6e18-5b2d-4a97-9e41-6d8a7b3c2f55"
METHODS = "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"


def policy(state: str = "enabled", tenant: str = ID) -> str:
    return f"version: 1\ntenant: {{id: {tenant}}}\n{METHODS}    Voice: {{state: {state}}}\n"


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def commit(**files: str) -> None:
    for name, text in files.items():
        path = Path(name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "as it was")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    return tmp_path


def states(found: Policies) -> dict[str, str]:
    return {one.tenant.id: str(one.resources[0].tree["state"]) for one in found.desired}


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("now", ["policies/renamed.yaml", "elsewhere", "-", "/nowhere/x.yaml"])
def test_a_tenant_whose_file_was_somewhere_else_is_found(now: str) -> None:
    commit(policies__north=policy(), policies__south=policy(tenant=OTHER))
    Path("policies/north.yaml").unlink()
    found = base_policies("HEAD", [now], frozenset({ID}))
    assert found.sound
    assert states(found) == {ID: "enabled"}


@pytest.mark.usefixtures("repository")
def test_a_file_that_only_mentions_the_tenant_is_no_policy_of_it() -> None:
    commit(**{".github__apply": f"env: {{ID: {ID}}}\n", "ci__apply": f"env: {{ID: {ID}}}\n"})
    found = base_policies("HEAD", ["policies"], frozenset({ID}))
    assert (found.sound, found.desired, found.findings) == (True, (), ())


@pytest.mark.usefixtures("repository")
def test_two_files_that_may_both_have_been_the_tenants_are_no_base() -> None:
    commit(one__north=policy(), two__north=policy("disabled"))
    assert not base_policies("HEAD", ["policies"], frozenset({ID})).sound
    assert states(base_policies("HEAD", ["two"], frozenset({ID}))) == {ID: "disabled"}


@pytest.mark.usefixtures("repository")
def test_the_bases_are_those_of_the_revision() -> None:
    base = f"version: 1\n{METHODS}    Voice: {{state: disabled}}\n"
    commit(
        policies__baseline=base,
        policies__north=f"version: 1\nextends: [baseline.yaml]\ntenant: {{id: {ID}}}\n",
    )
    Path("policies/baseline.yaml").write_text(base.replace("disabled", "enabled"), encoding="utf-8")
    assert states(base_policies("HEAD", ["policies"], frozenset({ID}))) == {ID: "disabled"}


@pytest.mark.usefixtures("repository")
def test_what_is_wrong_is_told_in_words_of_the_revision() -> None:
    commit(policies__north=policy("enabledd"), policies__south=policy(tenant=OTHER))
    found = base_policies("HEAD", ["policies"], frozenset({ID, OTHER}))
    assert states(found) == {OTHER: "enabled"}
    errors = [str(each.source) for each in found.findings if each.level == "error"]
    assert errors == ["HEAD:policies/north.yaml:5:20"]


@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_not_there_is_said_with_what_to_do() -> None:
    commit(policies__north=policy())
    with pytest.raises(InputError, match="--base no-such-rev") as caught:
        base_policies("no-such-rev", ["policies"], frozenset({ID}))
    assert caught.value.exit_code == 1
    assert "fetch" in caught.value.help


def test_an_edit_of_a_snapshot_is_told_of(repository: Path) -> None:
    for name in ("snapshots/contoso.json", "policies/contoso.snapshot.json", "other.json"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text("{}", encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "snapshots")
    assert edited_snapshots("HEAD") == ()
    (repository / "snapshots/contoso.json").write_text("[]", encoding="utf-8")
    (repository / "policies/contoso.snapshot.json").unlink()
    (repository / "other.json").write_text("[]", encoding="utf-8")
    found = [(one.rule, one.level, str(one.source)) for one in edited_snapshots("HEAD")]
    assert [place.partition(":")[0] for _, _, place in found] == [
        "policies/contoso.snapshot.json",
        "snapshots/contoso.json",
    ]
    assert {each[:2] for each in found} == {("snapshot-edited", "warning")}
    assert snapshots_at("HEAD:snapshots") == {"HEAD:snapshots/contoso.json": "{}"}
    assert snapshots_at("snapshots") is None
