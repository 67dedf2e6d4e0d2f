"""Policy files from disk: which files are read, and what is wrong with them as files."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphpolicy.policyfile.files import MAX_BYTES
from graphpolicy.policyfile.load import Policies, load
from graphpolicy.policyfile.schema_check import MOST

ID = "11111111-2222-4333-8444-555555555555"
OTHER = "22222222-2222-4333-8444-555555555555"

SAMPLES = Path(__file__).parents[3] / "policies"


def policy(id_: str = ID, more: str = "") -> str:
    return f"version: 1\ntenant: {{id: {id_}{more}}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository in which the tests run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "policies").mkdir()
    return tmp_path


def write(name: str, text: str = policy()) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def said(policies: Policies) -> list[tuple[str, str]]:
    return [(str(found.source), found.rule) for found in policies.findings]


def test_the_samples_are_sound() -> None:
    policies = load([str(SAMPLES)])
    assert policies.findings == ()
    dev, test, production = policies.desired
    assert [desired.tenant.name for desired in (dev, test, production)] == [
        "contoso-dev",
        "contoso-test",
        "contoso",
    ]
    accounts = {"group": "Break-glass accounts"}
    assert production.emergency_access == [accounts]
    assert dev.emergency_access == [accounts, {"user": "bg-01@contoso.com"}]
    assert [hold.scope.resource for hold in test.holds] == ["Voice"]
    assert [accepted.rule for accepted in dev.acknowledgements] == [
        "irreversible-change",
        "restriction-loosened",
    ]


def test_a_folder_gives_its_policy_files_in_order_without_what_is_hidden(folder: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.YAML", "deep/er/d.yaml"):
        write(f"policies/{name}", f"version: 1\n# {name}\n")
    for name in (".hidden.yaml", ".git/e.yaml", "deep/.x/f.yaml", "notes.txt", "policy.json"):
        write(f"policies/{name}", "- no policy\n")
    Path("policies/folder.yaml").mkdir()
    policies = load(["policies"])
    names = ["a.yml", "b.yaml", "c.YAML", "deep/er/d.yaml"]
    assert list(policies.files) == [f"policies/{name}" for name in names]
    assert said(policies) == [("policies", "no-deployable-file")]


def test_what_is_hidden_is_read_where_it_is_named(folder: Path) -> None:
    write(".policies/.contoso.yaml", policy(more=", name: contoso"))
    assert load([".policies/.contoso.yaml"]).findings == ()
    write(".policies/fabrikam.yaml", policy(OTHER))
    assert [desired.file for desired in load([".policies"]).desired] == [".policies/fabrikam.yaml"]


def test_a_file_counts_once_however_often_it_is_named(folder: Path) -> None:
    write("policies/contoso.yaml")
    Path("policies/link.yaml").symlink_to("contoso.yaml")
    absolute = str(folder / "policies/contoso.yaml")
    paths = ["policies/contoso.yaml", "policies", "./policies", "policies/../policies", absolute]
    policies = load(paths)
    assert policies.findings == ()
    assert policies.files == ("policies/contoso.yaml",)


def test_a_link_stays_inside_the_repository(folder: Path) -> None:
    write("shared/base.yaml", "version: 1\n")
    write("policies/contoso.yaml")
    Path("policies/base.yaml").symlink_to("../shared/base.yaml")
    Path("policies/secret.yaml").symlink_to("/etc/hostname")
    Path("policies/gone.yaml").symlink_to("nowhere.yaml")
    Path("policies/ring.yaml").symlink_to("ring.yaml")
    Path("policies/more").symlink_to("../shared", target_is_directory=True)
    policies = load(["policies"])
    names = [file.removeprefix("policies/") for file in policies.files]
    assert names == ["base.yaml", "contoso.yaml", "gone.yaml", "ring.yaml"]
    assert said(policies) == [
        ("policies/gone.yaml", "unreadable-file"),
        ("policies/ring.yaml", "unreadable-file"),
        ("policies/secret.yaml", "link-outside"),
        ("policies/more", "link-not-followed"),
    ]
    assert [found.level for found in policies.findings] == ["error", "error", "error", "warning"]


def test_without_a_repository_a_link_stays_inside_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write("shared/base.yaml", "version: 1\n")
    write("policies/contoso.yaml")
    Path("policies/base.yaml").symlink_to("../shared/base.yaml")
    assert said(load(["policies"])) == [("policies/base.yaml", "link-outside")]


NAMED = [
    ("policies", "policies", True),
    ("policies", "policies", False),
    ("policies", "policies/contoso.yaml", True),
    ("policies", "policies/../policies/contoso.yaml", True),
    ("contoso.yaml", "contoso.yaml", True),
    ("contoso.yaml", "contoso.yaml", False),
]


@pytest.mark.parametrize(("link", "named", "git"), NAMED)
def test_what_is_named_is_not_read_through_a_link_that_leads_out(
    link: str, named: str, git: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("elsewhere", "here"):
        (tmp_path / name / (".git" if git else "")).mkdir(parents=True)
    secret = tmp_path / "elsewhere" / "contoso.yaml"
    secret.write_text(policy() + "hunter2: 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    Path("inside").symlink_to(secret if link == secret.name else secret.parent)
    Path(link).symlink_to("inside")
    policies = load([named])
    assert said(policies) == [(named, "link-outside")]
    assert "hunter2" not in repr(policies)


def test_what_is_named_may_be_a_link_that_stays(folder: Path) -> None:
    write("shared/policies/contoso.yaml")
    Path("linked").symlink_to("shared/policies")
    Path("one.yaml").symlink_to(folder / "shared" / "policies" / "contoso.yaml")
    assert load(["linked"]).files == ("linked/contoso.yaml",)
    assert load(["one.yaml"]).files == ("one.yaml",)


def test_a_repository_may_be_named_by_a_link_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write("real/policies/contoso.yaml")
    Path("real/.git").mkdir()
    Path("link").symlink_to("real")
    assert said(load(["link/policies"])) == []


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("nowhere", "missing-file"),
        ("nowhere/contoso.yaml", "missing-file"),
        ("x" * 300, "missing-file"),
        ("policies", "no-policy-file"),
    ],
)
def test_a_path_without_policies_is_an_error(path: str, rule: str, folder: Path) -> None:
    policies = load([path])
    assert said(policies) == [(path, rule)]
    assert policies.files == ()
    assert not policies.sound


def test_a_file_that_may_not_be_read_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: str) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    write("policies/contoso.yaml")
    monkeypatch.setattr(Path, "open", refuse)
    (found,) = load(["policies/contoso.yaml"]).findings
    assert (found.rule, found.message) == ("unreadable-file", "can't be read: Permission denied")


def test_a_folder_that_may_not_be_read_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(top: Path, onerror: Callable[[OSError], None]) -> Iterator[object]:
        onerror(PermissionError(13, "Permission denied", f"{top}/secret"))
        return iter(())

    monkeypatch.setattr(os, "walk", refuse)
    assert said(load(["policies"])) == [("policies/secret", "unreadable-file")]


def test_a_file_is_read_up_to_a_limit(folder: Path) -> None:
    text = policy()
    write("policies/a.yaml", text + "#" * (MAX_BYTES - len(text)))
    write("policies/b.yaml", text + "#" * (MAX_BYTES - len(text) + 1))
    assert said(load(["policies"])) == [("policies/b.yaml", "file-too-large")]


def test_a_pipe_can_be_read(folder: Path) -> None:
    if not hasattr(os, "mkfifo"):
        return  # Windows has no named pipes among its files
    os.mkfifo("pipe")
    writer = threading.Thread(target=write, args=("pipe", "version: 1\n"))
    writer.start()
    assert load(["pipe"]).findings == ()
    writer.join()


def test_a_base_alone_is_sound_where_it_is_named(folder: Path) -> None:
    write("policies/base.yaml", "version: 1\n")
    policies = load(["policies/base.yaml"])
    assert policies.findings == ()
    assert policies.desired == ()


def test_a_broken_tenant_block_still_counts_as_one(folder: Path) -> None:
    write("policies/a.yaml", "version: 1\ntenant: {id: x}\n")
    assert said(load(["policies"])) == [("policies/a.yaml:2:14", "bad-format")]


def test_the_name_of_a_tenant_is_that_of_its_file(folder: Path) -> None:
    write("policies/Contoso.Prod.yaml", policy(ID.upper(), ", cloud: usgov"))
    (desired,) = load(["policies"]).desired
    assert (desired.tenant.name, desired.tenant.id) == ("Contoso.Prod", ID)
    assert desired.tenant.cloud == "usgov"


@pytest.mark.parametrize("name", ["my tenant", "ä", "x" * 64, "-a"])
def test_a_file_whose_name_is_no_tenants_needs_one(name: str, folder: Path) -> None:
    write(f"policies/{name}.yaml", policy())
    (found,) = load(["policies"]).findings
    assert (found.rule, found.level) == ("tenant-name", "error")
    assert str(found.source) == f"policies/{name}.yaml:2:1"
    write(f"policies/{name}.yaml", policy(more=", name: contoso"))
    assert load(["policies"]).findings == ()


def test_a_tenant_belongs_to_one_file_even_where_something_else_is_wrong(folder: Path) -> None:
    write("policies/a.yaml", policy(ID, ", name: contoso") + "owner: me\n")
    write("policies/b.yaml", policy(OTHER, ", name: Contoso"))
    write("policies/c.yaml", policy(ID.upper()))
    policies = load(["policies"])
    assert said(policies) == [
        ("policies/a.yaml:3:1", "unknown-setting"),
        ("policies/b.yaml:2:58", "duplicate-tenant"),
        ("policies/c.yaml:2:14", "duplicate-tenant"),
    ]
    assert "policies/a.yaml" in policies.findings[1].message


def test_findings_come_worst_first_and_then_by_place(folder: Path) -> None:
    write("policies/b.yaml", "version: 2\nx: 1\n")
    write("policies/a.yaml", policy() + "z: 1\na: 1\n")
    Path("policies/0").symlink_to(".", target_is_directory=True)
    assert [place for place, _ in said(load(["policies"]))] == [
        "policies/a.yaml:3:1",
        "policies/a.yaml:4:1",
        "policies/b.yaml:1:10",
        "policies/b.yaml:2:1",
        "policies/0",
    ]


def test_a_file_with_endless_mistakes_shows_the_first_of_them(folder: Path) -> None:
    write("policies/a.yaml", policy() + "".join(f"x{number}: 1\n" for number in range(2_000)))
    policies = load(["policies"])
    assert len(policies.findings) == MOST + 1
    assert policies.findings[-1].rule == "too-many-mistakes"
    assert policies.findings[-1].message.startswith(f"the file has more than {MOST} mistakes")


def test_only_sound_files_are_planned(folder: Path) -> None:
    write("policies/a.yaml", policy())
    write("policies/b.yaml", policy(OTHER) + "owner: me\n")
    policies = load(["policies"])
    assert [desired.file for desired in policies.desired] == ["policies/a.yaml"]
    assert not policies.sound


def test_two_groups_called_alike_but_for_case_are_two(folder: Path) -> None:
    text = policy() + (
        "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
        "    Sms: {includeTargets: [{group: staff}, {group: Staff}, {group: Staff}]}\n"
    )
    write("policies/a.yaml", text)
    errors = [one for one in load(["policies"]).findings if one.level == "error"]
    assert [(str(one.source), one.rule) for one in errors] == [
        ("policies/a.yaml:5:60", "duplicate-entry")
    ]


@pytest.mark.parametrize("text", ["", "version: 1\ntenant: [", "version: 1\x00"], ids=repr)
def test_of_a_file_that_cannot_be_read_nobody_says_that_it_has_no_tenant(
    folder: Path, text: str
) -> None:
    write("policies/a.yaml", text)
    (finding,) = load(["policies"]).findings
    assert finding.rule.startswith("yaml-")
