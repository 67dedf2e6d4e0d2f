"""`hold` and `acknowledge` as a file writes them."""

from __future__ import annotations

import re

import pytest

from graphpolicy.model import Acknowledgement, Declared, Hold, Named, Scope
from graphpolicy.policyfile.assembly import PolicyFile, judge
from graphpolicy.policyfile.strict_yaml import parse

HEAD = "version: 1\ntenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}\n"
WHY = "reason: INC0790, owner: a@contoso.com, expires: 2026-12-01"


def read(text: str) -> PolicyFile:
    return judge(parse((HEAD + text).encode(), "policies/contoso.yaml"))


def holds(entry: str, more: str = "") -> tuple[Hold, ...]:
    file = read(f"hold:\n  - {{{entry}, {WHY}}}\n{more}")
    assert file.findings == ()
    assert file.desired
    return file.desired.holds


def said(text: str) -> list[tuple[str, str]]:
    return [(f"{found.rule}: {found.message}", found.help) for found in read(text).findings]


def test_a_hold_says_what_why_whose_and_until_when() -> None:
    [hold] = holds("resource: Voice, path: state")
    assert hold == Hold(Scope("Voice", ("state",), "INC0790", "a@contoso.com", "2026-12-01"))
    assert str(hold.scope.place) == "policies/contoso.yaml:4:5"


def test_a_hold_without_path_covers_all_of_a_resource() -> None:
    [hold] = holds("resource: authenticationMethodsPolicy")
    assert hold.scope.covers("authenticationMethodsPolicy", ("policyMigrationState",))
    assert not hold.scope.covers("Voice", ("state",))


def test_the_live_value_is_read_as_the_policy_would_read_it() -> None:
    place = "resource: MicrosoftAuthenticator, path: featureSettings.companionAppAllowedState"
    [hold] = holds(f"{place}, live: enabled")
    assert hold.live
    assert hold.live.tree == {"featureSettings": {"companionAppAllowedState": {"state": "enabled"}}}
    groups = "groups: {pilot: {group: SG}}\n"
    [hold] = holds("resource: Sms, path: includeTargets, live: [{alias: pilot}]", groups)
    assert hold.live
    target = {"targetType": "group", "id": Named("SG")}
    assert hold.live == Declared("Sms", {"includeTargets": [target]}, hold.live.places)


def test_an_external_method_is_held_under_the_name_that_the_file_gives_it() -> None:
    duo = "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
    duo += "    External: {Duo: {state: enabled}}\n"
    [hold] = holds("resource: Duo, path: state, live: disabled", duo)
    assert hold.live
    assert (hold.live.resource, hold.live.name) == ("External", "Duo")


def test_an_acknowledgement_may_cover_one_rule_everywhere_and_count() -> None:
    file = read(f"acknowledge: [{{rule: irreversible-change, atMost: 12, {WHY}}}]\n")
    assert file.findings == ()
    assert file.desired
    scope = Scope("", (), "INC0790", "a@contoso.com", "2026-12-01")
    assert file.desired.acknowledgements == (Acknowledgement("irreversible-change", scope, 12),)
    assert scope.covers("Fido2", ("passkeyProfiles",))


CASES = {
    "hold: [{resource: voice, path: state, %s}]": ("unknown-method", "hold 'voice'", "'Voice'?"),
    "hold: [{resource: Voice calls, %s}]": ("unknown-method", "hold 'Voice calls'", "'Voice'?"),
    "hold: [{resource: External, %s}]": (
        "unknown-method",
        "hold 'External'",
        "authenticationMethodsPolicy external",
    ),
    "hold: [{resource: Voice, path: stat, %s}]": ("unknown-setting", "Voice 'stat'", "'state'?"),
    "hold: [{resource: MicrosoftAuthenticator, path: companionAppAllowedState, %s}]": (
        "unknown-setting",
        "MicrosoftAuthenticator 'companionAppAllowedState'",
        "'featureSettings.companionAppAllowedState'?",
    ),
    "hold: [{resource: Voice, path: state, live: off, %s}]": ("yaml-boolean", "'off'", "'off'"),
    "hold: [{resource: Voice, path: state, live: disable, %s}]": (
        "bad-value",
        "Voice.state 'disable' enabled, disabled",
        "disabled",
    ),
    "hold: [{resource: Voice, live: disabled, %s}]": ("bad-value", "live path", "path: Voice"),
    "hold: [{resource: Sms, path: includeTargets, live: {add: [{group: A}]}, %s}]": (
        "bad-value",
        "live list",
        "list",
    ),
    "hold: [{path: state, %s}]": ("missing-key", "hold 'resource'", "add"),
    "acknowledge: [{rule: irreversible-chnage, %s}]": (
        "unknown-rule",
        "acknowledge 'irreversible-chnage'",
        "'irreversible-change'?",
    ),
    "acknowledge: [{rule: yaml-boolean, %s}]": (
        "unknown-rule",
        "acknowledge 'yaml-boolean'",
        "`graphpolicy explain --all`",
    ),
    "acknowledge: [{rule: irreversible-change, path: state, %s}]": (
        "bad-value",
        "path resource",
        "resource authenticationMethodsPolicy",
    ),
}
"""By entry: the rule, and the names that the message and the help must have, in this order."""


@pytest.mark.parametrize("text", CASES)
def test_a_mistake_says_what_was_meant(text: str) -> None:
    rule, names, meant = CASES[text]
    ((told, help_),) = said(text.replace("%s", WHY) + "\n")
    assert told.startswith(f"{rule}: ")
    for wanted, line in ((names, told), (meant, help_)):
        assert re.search(".*".join(map(re.escape, wanted.split())), line), line


@pytest.mark.parametrize(
    ("day", "rule"),
    [("2026-02-30", "bad-format"), ("'2026-2-3'", "bad-format"), ("soon", "bad-format")],
)
def test_the_end_is_a_day_of_the_calendar(day: str, rule: str) -> None:
    entry = f"{{resource: Voice, reason: x, owner: me, expires: {day}}}"
    assert [found.rule for found in read(f"hold: [{entry}]\n").findings] == [rule]


def test_a_quoted_day_is_as_good() -> None:
    entry = "{resource: Voice, reason: x, owner: me, expires: '2026-12-01'}"
    assert read(f"hold: [{entry}]\n").findings == ()
