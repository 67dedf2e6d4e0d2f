"""Verbs without PATH find the policies, their records and house rules from a folder below."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.shell import Shell, policy

METHODS = """
TemporaryAccessPass: {state: enabled, includeTargets: [all_users]}
"""
MIA = "mia.lopez@contoso.com"


@pytest.fixture(params=["policies", "docs/deep"])
def below(request: pytest.FixtureRequest, shell: Shell) -> Shell:
    """A shell in a folder of a repository."""
    subprocess.run(["git", "init", "-q"], cwd=shell.folder, check=True)
    shell.write(policy(METHODS) + "helpdesk: {requireReason: true}\n")
    shell.folder = shell.folder / request.param
    shell.folder.mkdir(parents=True, exist_ok=True)
    return shell


def test_every_verb_without_a_path_finds_them(below: Shell) -> None:
    for verb, code in (
        ("validate", 0),
        ("plan", 0),
        ("drift", 2),
        ("doctor", 0),
        ("announce", 0),
    ):
        done = below(verb)
        assert done.code == code, done.text
    assert below("apply", "--auto-approve").code == 0
    root = next(folder for folder in below.folder.parents if (folder / ".git").exists())
    assert (root / ".graphpolicy" / "runs").is_dir()
    assert not (below.folder / ".graphpolicy").exists()
    assert "contoso  apply" in below("history").out
    assert below("pull", "--update").code == 0
    assert below("pull", "--snapshot", "taken.json").code == 0
    assert json.loads((below.folder / "taken.json").read_text())["tenant"]["name"] == "contoso"
    assert below("rollback", "--auto-approve").code == 0


def test_places_are_named_from_here(below: Shell) -> None:
    file = "contoso.yaml" if below.folder.name == "policies" else "../../policies/contoso.yaml"
    assert f"\n{file} against Graph" in below("plan").out


def test_house_rules_are_found(below: Shell) -> None:
    assert below("apply", "--auto-approve").code == 0
    refused = below("tap", "issue", MIA, "--auto-approve")
    assert refused.code == 6
    assert "error[helpdesk-reason]" in refused.err
    issued = below("tap", "issue", MIA, "--reason", "INC1", "--auto-approve")
    assert issued.code == 0, issued.text


def test_a_path_that_was_given_is_no_other(below: Shell) -> None:
    done = below("validate", "no/policies")
    assert done.code == 1
    assert "error[missing-file]" in done.out
