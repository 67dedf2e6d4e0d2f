"""The JSON documents that the tool prints, one of each kind, as they were when this was written.

A field that moves here breaks somebody's script. Only leaves are masked: no key can move unseen.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from graphpolicy.render import WRITERS
from tests.shell import Shell

pytestmark = pytest.mark.e2e

POLICY = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
emergencyAccess: [{group: Break-glass accounts}]
guards: {inclusion-shrinks: error}
hold:
  - {resource: SoftwareOath, path: state, reason: INC-1, owner: a@b.c, expires: 2099-01-01}
acknowledge:
  - {rule: method-ends, resource: Email, reason: Agreed, owner: a@b.c, expires: 2099-12-31}
rollouts:
  location:
    open: pilot
    waves:
      - {name: pilot, target: {group: SG-MFA-Pilot-P}, from: 2026-01-01}
      - {name: everyone, target: all_users, from: 2099-01-01, needs: {soakDays: 7}}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    TemporaryAccessPass: {state: enabled}
    MicrosoftAuthenticator:
      featureSettings:
        displayLocationInformationRequiredState:
          state: enabled
          includeTarget: {rollout: location}
    Email: {state: disabled}
    SoftwareOath: {state: disabled}
"""
BROKEN = "version: 1\ntenant: {id: 1}\nauthenticationMethodsPolicy: {sms: yes}\n"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|Z|\+00:00)?")
RUN = re.compile(r"\d{8}T\d{6}Z-")
ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VOLATILE = {
    "request_id",
    "tool_version",
    "folder",
    "digest",
    "correlation_id",
    "pass",
    "temporaryAccessPass",
    "answered_ms",
}


def steady(value: Any, key: str = "") -> Any:
    """A document without the leaves that differ from run to run."""
    match value:
        case dict():
            return {name: steady(one, name) for name, one in value.items()}
        case list():
            return [steady(one, key) for one in value]
        case None | bool():
            return value
        case str() if key == "id" and UUID.fullmatch(value):
            return "<id>"
        case _ if key in VOLATILE:
            return f"<{key}>"
        case str():
            return ADDRESS.sub("GRAPH", RUN.sub("RUN-", MOMENT.sub("MOMENT", value)))
    return value


PERSON = "mia.lopez@contoso.com"
YES = ("--auto-approve", "--confirm", "contoso")
DESK = ("--reason", "INC-1", "--auto-approve")
OTHER = "other.yaml"
COMMANDS: dict[str, tuple[str, ...]] = {
    "validate": ("validate",),
    "validate-refused": ("validate", "broken.yaml"),
    "explain-method": ("explain", "TemporaryAccessPass"),
    "explain-setting": ("explain", "numberMatchingRequiredState"),
    "explain-rule": ("explain", "method-ends"),
    "doctor": ("doctor",),
    "doctor-failed": ("doctor", OTHER),
    "groups": ("groups",),
    "groups-failed": ("groups", OTHER),
    "impact": ("impact",),
    "impact-failed": ("impact", OTHER),
    "rollout": ("rollout",),
    "rollout-failed": ("rollout", "-C", "other"),
    "plan": ("plan",),
    "plan-failed": ("plan", OTHER),
    "drift": ("drift",),
    "announce": ("announce",),
    "announce-failed": ("announce", OTHER),
    "tap-issue-refused": ("tap", "issue", PERSON, *DESK),
    "apply": ("apply", *YES),
    "tap-issue": ("tap", "issue", PERSON, *DESK, "--reveal"),
    "tap-list": ("tap", "list", PERSON),
    "tap-list-nobody": ("tap", "list", "nobody@contoso.com"),
    "tap-list-failed": ("tap", "list", PERSON, "-C", "other"),
    "tap-revoke": ("tap", "revoke", PERSON, *DESK),
    "tap-revoke-nothing": ("tap", "revoke", PERSON, *DESK),
    "mfa-list": ("mfa", "list", PERSON),
    "mfa-reset": ("mfa", "reset", PERSON, *DESK),
    "mfa-reset-many": ("mfa", "reset", "--group", "Factory floor", "--dry-run"),
    "rollback": ("rollback", *YES),
    "history": ("history",),
}
"""In this order: passes are on once the policy is applied."""
PRINTED: dict[str, str] = {
    "CheckedFiles": "validate",
    "Explained": "explain-rule",
    "PermissionChecks": "doctor",
    "GroupList": "groups",
    "ImpactReport": "impact",
    "RolloutReport": "rollout",
    "Report": "plan",
    "Fleet": "fleet",
    "Announcements": "announce",
    "PassIssued": "tap-issue",
    "PassList": "tap-list",
    "PassRevoked": "tap-revoke",
    "MethodList": "mfa-list",
    "ResetOne": "mfa-reset",
    "ResetMany": "mfa-reset-many",
    "History": "history",
}
"""Where each result with JSON is pinned."""


def test_every_result_with_json_has_a_document() -> None:
    assert set(PRINTED) == {name for name, writers in WRITERS.items() if "json" in writers}
    assert set(PRINTED.values()) - set(COMMANDS) == {"fleet"}


def test_documents_stay_as_they_are(shell: Shell, snapshot: SnapshotAssertion) -> None:
    shell.environment |= {"USER": "ana"}
    shell.write(POLICY)
    shell.write(BROKEN, "broken.yaml")
    unreadable = POLICY.replace("11111111", "99999999").replace("name: contoso", "name: fabrikam")
    shell.write(unreadable, OTHER)
    shell.write(unreadable, "other/policies/fabrikam.yaml")
    golden = snapshot.use_extension(JSONSnapshotExtension)
    moved = []

    def pin(name: str, code: int, text: str) -> None:
        document = {"exit code": code, "document": steady(json.loads(text))}
        if document != golden(name=name):
            moved.append(name)

    def written(name: str) -> str:
        return (shell.folder / name).read_text(encoding="utf-8")

    many = ("plan", "policies/contoso.yaml", OTHER)
    done = shell(*many, "--format", "jsonl", "-o", "fleet.json")
    lines = {json.loads(line)["tenant"]["name"]: line for line in done.out.splitlines()}
    assert set(lines) == {"contoso", "fabrikam"}
    for name, line in lines.items():
        pin(f"jsonl-{name}", done.code, line)
    pin("fleet", done.code, written("fleet.json"))
    done = shell("ci", "matrix")
    pin("ci-matrix", done.code, done.out)
    done = shell("pull", "--snapshot", "kept.json")
    assert done.code == 0, done.err
    pin("pull-snapshot", done.code, written("kept.json"))
    for name, arguments in COMMANDS.items():
        done = shell(*arguments, "--format", "json")
        assert done.out, (name, done.err)
        pin(name, done.code, done.out)
    assert moved == []
