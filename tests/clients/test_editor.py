"""yaml-language-server, which VS Code and others ask, completes and documents every key."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphpolicy.catalogue.settings import Setting, settings
from graphpolicy.explain.sentences import example
from graphpolicy.policyfile.dump import dump
from tests.clients.language_server import LanguageServer
from tests.every import every

POLICIES = Path(__file__).parents[2] / "policies"
HEAD = "# yaml-language-server: $schema=policy.schema.json\nversion: 1\n"
METHODS = f"{HEAD}authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
FEATURES = f"{METHODS}    MicrosoftAuthenticator:\n      featureSettings:\n"
LOCATION = f"{FEATURES}        displayLocationInformationRequiredState:"

ENDING = {"Fido2.isAttestationEnforced", "Fido2.keyRestrictions"}
"""Marked as deprecated, so no longer proposed."""

EVERY = {s.name: s for s in settings() if s.name != "Fido2.passkeyProfiles.name"}
"""All but the one that is written as the key of an entry."""


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    folder = tmp_path_factory.mktemp("policies")
    shutil.copy(POLICIES / "policy.schema.json", folder)
    server = LanguageServer(folder)
    yield server
    server.close()


def at_key(setting: Setting) -> tuple[str, int]:
    """A policy that declares the setting, and where its key begins."""
    text = HEAD + dump(example(setting))
    *_, last = re.finditer(rf"(?m)(?:^\s*(?:- )?|[{{,] ?)({setting.row.name}):", text)
    return text, last.start(1)


@every("setting", EVERY.values(), ids=EVERY.keys())
def test_every_key_is_documented(editor: LanguageServer, setting: Setting) -> None:
    text, key = at_key(setting)
    shown = editor.hover(f"{text[: key + 1]}¦{text[key + 1 :]}")
    assert f"{setting.row.label}: {setting.row.doc}" in shown
    assert setting.link in shown


@every("setting", EVERY.values(), ids=EVERY.keys())
def test_every_key_is_proposed(editor: LanguageServer, setting: Setting) -> None:
    text, key = at_key(setting)
    line = text.rfind("\n", 0, key) + 1
    if "{" in text[line:key]:  # in braces nothing is proposed before the first letter
        text = f"{text[: key + 1]}¦{text[text.index('}', key) :]}"
    else:
        text = f"{text[:key]}¦\n"
    proposed = editor.proposals(text)
    assert (setting.row.name in proposed) == (setting.name not in ENDING)
    if setting.name not in ENDING:
        assert proposed[setting.row.name].about.startswith(f"{setting.row.label}: ")


def test_the_values_of_a_feature_say_what_they_mean_today(editor: LanguageServer) -> None:
    proposed = editor.proposals(f"{LOCATION} ¦\n")
    assert list(proposed) == ["default", "enabled", "disabled"]
    assert "Today: off (as of 2026-05)." in proposed["default"].about
    assert "Today: off (as of 2026-05)." in editor.hover(f"{LOCATION} def¦ault\n")


def test_words_for_targets_are_proposed(editor: LanguageServer) -> None:
    assert "all_users" in editor.proposals(f"{LOCATION}\n          includeTarget: ¦\n")
    assert "all_users" in editor.proposals(f"{METHODS}    Sms: {{includeTargets: [¦]}}\n")
    assert {"all_users", "group", "alias"} <= set(
        editor.proposals(f"{METHODS}    Sms:\n      includeTargets:\n        - ¦\n")
    )


def test_a_number_is_proposed_in_its_range(editor: LanguageServer) -> None:
    proposed = editor.proposals(f"{METHODS}    TemporaryAccessPass:\n      ¦\n")
    assert proposed["defaultLength"].text == "defaultLength: 8"


def test_a_key_brings_along_no_setting_that_nobody_asked_for(editor: LanguageServer) -> None:
    for name, proposal in editor.proposals(f"{METHODS}    ¦\n").items():
        assert proposal.text.split() == [f"{name}:"]


def test_rules_and_resources_are_proposed_where_they_are_named(editor: LanguageServer) -> None:
    rules = editor.proposals(f"{HEAD}acknowledge:\n  - rule: ¦\n")
    assert rules["migration-state"].about == "A change of the migration state"
    assert "Sms" in editor.proposals(f"{HEAD}hold:\n  - resource: ¦\n")


@pytest.mark.parametrize("sample", sorted(POLICIES.glob("*.yaml")), ids=lambda file: file.name)
def test_the_examples_have_nothing_underlined(editor: LanguageServer, sample: Path) -> None:
    assert editor.diagnostics(sample.read_text(encoding="utf-8")) == []


def test_mistakes_and_what_microsoft_takes_away_are_underlined(editor: LanguageServer) -> None:
    fido2 = "    Fido2:\n      keyRestrictions: {isEnforced: true}\n"
    text = f"{METHODS}    Sms: {{stat: enabled}}\n{fido2}"
    messages = [message for _, message in editor.diagnostics(text)]
    assert "Property stat is not allowed." in messages
    assert any("announced for 2027-10" in message for message in messages)
