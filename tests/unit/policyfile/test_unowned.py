"""Files that a policy reads and that nobody owns: CODEOWNERS as GitHub reads it, links, bases."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.policyfile.codeowners import Owners
from graphpolicy.policyfile.load import load

TENANT = "version: 1\ntenant: {name: prod, id: 11111111-2222-4333-8444-555555555555}\n"
BASE = (
    "version: 1\nauthenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
    "    Sms: {state: disabled}\n"
)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in (".git", "policies", "shared", ".github", "docs"):
        Path(folder).mkdir()
    Path("shared/base.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def extending(*bases: str) -> None:
    names = ", ".join(bases)
    Path("policies/prod.yaml").write_text(f"{TENANT}extends: [{names}]\n", encoding="utf-8")


def owners(text: str, where: str = ".github/CODEOWNERS") -> None:
    Path(where).write_text(text, encoding="utf-8")


def said(*paths: str) -> list[tuple[str, int, str]]:
    found = load(paths or ["policies"]).findings
    assert {(each.rule, each.level) for each in found} <= {("unowned-file", "warning")}
    return [
        (each.source.file, each.source.line, each.message.split(", which")[0])
        for each in found
        if each.source
    ]


def test_a_base_that_nobody_owns_is_a_warning_where_it_is_named() -> None:
    extending("../shared/base.yaml")
    assert said() == []  # no CODEOWNERS, no promise
    owners("/policies/ @ana\n")
    leads = "extends '../shared/base.yaml' leads to 'shared/base.yaml'"
    assert said() == [("policies/prod.yaml", 3, leads)]
    owners("* @ana\n")
    assert said() == []
    owners("* @ana\n/shared/\n")
    assert len(said()) == 1
    owners("/elsewhere/ @ana\n")  # nobody owns the policy itself
    assert said() == []


def test_the_way_over_a_link_is_judged_too() -> None:
    owners("/policies/ @ana\n")
    Path("policies/base.yaml").symlink_to("../shared/base.yaml")
    extending("base.yaml")
    assert {message for _, _, message in said()} == {
        "leads to 'shared/base.yaml'",
        "extends 'base.yaml' leads to 'shared/base.yaml'",
    }
    Path("policies/base.yaml").unlink()
    Path("policies/real.yaml").write_text(BASE, encoding="utf-8")
    Path("shared/link.yaml").symlink_to("../policies/real.yaml")
    extending("../shared/link.yaml")
    assert [message for _, _, message in said()] == [
        "extends '../shared/link.yaml' leads to 'shared/link.yaml'"
    ]


def test_a_folder_of_policies_that_is_a_link() -> None:
    owners("/policies/ @ana\n")
    Path("policies").rmdir()
    Path("policies").symlink_to("shared")
    Path("shared/prod.yaml").write_text(TENANT, encoding="utf-8")
    assert ("policies/prod.yaml", 0, "leads to 'shared/prod.yaml'") in [
        (file, 0, message) for file, _, message in said()
    ]


def test_a_base_of_a_base_counts_and_the_plan_says_it() -> None:
    owners("/policies/ @ana\n")
    Path("policies/mid.yaml").write_text(
        "version: 1\nextends: [../shared/base.yaml]\n", encoding="utf-8"
    )
    extending("mid.yaml")
    policies = load(["policies/prod.yaml"])
    [desired] = policies.desired
    assert [found.rule for found in desired.findings] == ["unowned-file"]
    assert [str(found.source) for found in desired.findings] == ["policies/mid.yaml:2:11"]


def test_github_reads_the_first_codeowners_that_there_is() -> None:
    extending("../shared/base.yaml")
    owners("* @ana\n", "docs/CODEOWNERS")
    assert said() == []
    owners("/policies/ @ana\n", "CODEOWNERS")
    assert len(said()) == 1
    owners("* @ana\n")
    assert said() == []


@pytest.mark.parametrize(
    ("text", "owned", "free"),
    [
        ("* @a", ["x", "a/b/c"], []),
        ("** @a", ["x", "a/b/c"], []),
        ("*.yaml @a", ["x.yaml", "a/x.yaml", "x.yaml/b"], ["x.yml", "yaml"]),
        ("docs @a", ["docs", "docs/x", "a/docs/x/y"], ["docsx", "a/xdocs"]),
        ("docs/ @a", ["docs/x", "a/docs/x/y"], ["docs"]),
        ("/docs/ @a", ["docs/x/y"], ["a/docs/x"]),
        ("/docs @a", ["docs", "docs/x"], ["a/docs"]),
        ("docs/* @a", ["docs/x"], ["docs/x/y", "a/docs/x", "docs"]),
        ("docs/** @a", ["docs/x", "docs/x/y"], ["a/docs/x", "docs"]),
        ("**/logs @a", ["logs", "a/logs", "a/b/logs/c"], ["logsx"]),
        ("a/**/b @a", ["a/b", "a/x/b", "a/x/y/b/c"], ["b", "x/a/b"]),
        ("/* @a", ["x"], ["a/x"]),
        ("a?c @a", ["abc"], ["ac", "abbc"]),
        ("a*c*e @a", ["ace", "abcde"], ["ac", "aced"]),
        ("a\\ b @a", ["a b"], ["a", "b"]),
        ("a\\*b @a", ["a*b"], ["axb"]),
        ("x @a\nx", [], ["x"]),
        ("x\nx @a @org/team ana@contoso.com # who", ["x"], []),
        ("x @a\nx ana", ["x"], []),  # a line with syntax that GitHub does not have
        ("x @a\n!x", ["x"], []),
        ("[x] @a\n\\#x @a\n#x @a\n", [], ["x", "#x", "[x]"]),
        ("Docs/ @a", ["Docs/x"], ["docs/x"]),
        ("/ @a\n@a\n a//b @a", [], ["x", "a/b"]),
    ],
)
def test_patterns_of_github(text: str, owned: list[str], free: list[str]) -> None:
    judged = Owners(text)
    assert [path for path in owned + free if judged.own(path)] == owned


def test_a_hostile_pattern_takes_no_time() -> None:
    judged = Owners(f"{'*a' * 50_000}b @a\n{'**/' * 50_000}b @a\n")
    assert not judged.own("/".join(["a" * 250] * 15))
