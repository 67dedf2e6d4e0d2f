"""The JSON documents that scripts read, one of each kind, as they were when this was written.

A field that moves here breaks somebody's script.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.shell import Shell

pytestmark = pytest.mark.e2e

POLICY = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
emergencyAccess: [{group: Break-glass accounts}]
guards: {inclusion-shrinks: error}
hold:
  - {resource: Email, path: state, reason: INC-1, owner: ana@contoso.com, expires: 2099-01-01}
acknowledge:
  - {rule: method-ends, resource: Voice, reason: Agreed, owner: a@b.c, expires: 2099-12-31}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    MicrosoftAuthenticator:
      featureSettings:
        displayLocationInformationRequiredState:
          state: enabled
          includeTarget: {group: SG-MFA-Pilot-P}
    Email: {state: disabled}
    Voice: {state: disabled}
"""
BROKEN = "version: 1\ntenant: {id: 1}\nauthenticationMethodsPolicy: {sms: yes}\n"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|Z|\+00:00)?")
RUN = re.compile(r"\d{8}T\d{6}Z-")
VOLATILE = {
    "request_id",
    "tool_version",
    "folder",
    "id",
    "digest",
    "correlation_id",
    "pass",
    "origin",
    "observed",
    "answered_ms",
    "graph",
}


def steady(value: Any, key: str = "") -> Any:
    """A document without the values that differ from run to run."""
    if key in VOLATILE:
        return f"<{key}>"
    match value:
        case dict():
            return {name: steady(one, name) for name, one in value.items()}
        case list():
            return [steady(one, key) for one in value]
        case str():
            return RUN.sub("RUN-", MOMENT.sub("MOMENT", value))
    return value


PERSON = "mia.lopez@contoso.com"
COMMANDS: dict[str, tuple[str, ...]] = {
    "validate": ("validate",),
    "validate-refused": ("validate", "broken.yaml"),
    "explain-method": ("explain", "TemporaryAccessPass"),
    "explain-setting": ("explain", "numberMatchingRequiredState"),
    "explain-rule": ("explain", "method-ends"),
    "doctor": ("doctor",),
    "plan": ("plan",),
    "plan-failed": ("plan", "other.yaml"),
    "drift": ("drift",),
    "announce": ("announce",),
    "apply": ("apply", "--auto-approve", "--confirm", "contoso"),
    "rollback": ("rollback", "--auto-approve", "--confirm", "contoso"),
    "history": ("history",),
    "tap-issue": ("tap", "issue", PERSON, "--reason", "INC-1", "--reveal", "--auto-approve"),
    "tap-list": ("tap", "list", PERSON),
    "tap-revoke": ("tap", "revoke", PERSON, "--reason", "INC-1", "--auto-approve"),
    "mfa-list": ("mfa", "list", PERSON),
    "mfa-reset": ("mfa", "reset", PERSON, "--reason", "INC-1", "--auto-approve"),
    "mfa-reset-many": ("mfa", "reset", "--group", "Factory floor", "--dry-run"),
}


def test_documents_stay_as_they_are(shell: Shell, snapshot: SnapshotAssertion) -> None:
    shell.environment |= {"USER": "ana"}
    shell.write(POLICY)
    shell.write(BROKEN, "broken.yaml")
    shell.write(POLICY.replace("11111111", "99999999"), "other.yaml")
    golden = snapshot.use_extension(JSONSnapshotExtension)
    moved = []
    for name, arguments in COMMANDS.items():
        done = shell(*arguments, "--format", "json")
        assert done.out, (name, done.err)
        document = {"exit code": done.code, "document": steady(json.loads(done.out))}
        if document != golden(name=name):
            moved.append(name)
    assert moved == []
