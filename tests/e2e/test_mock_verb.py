"""`graphpolicy mock` as a process: its line, its snapshot, its switches, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from graphpolicy.mock import Mock
from tests.shell import COMMAND, Shell, policy

pytestmark = pytest.mark.e2e

POLICY = "/v1.0/policies/authenticationMethodsPolicy"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"


@contextmanager
def running(shell: Shell, *arguments: str) -> Iterator[dict[str, str]]:
    with subprocess.Popen(
        [COMMAND, "mock", *arguments],
        cwd=shell.folder,
        env=shell.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


def state(line: dict[str, str], method: str = "Voice") -> str:
    url = f"{line['url']}{POLICY}/authenticationMethodConfigurations/{method}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {line['token']}"})
    found: str = answer.json()["state"]
    return found


def test_its_line_is_all_that_a_client_of_a_snapshot_needs(bare: Shell) -> None:
    original = Mock()
    original.portal("Voice", {"state": "disabled"})
    snapshot = {
        "format_version": "1",
        "tool_version": "0",
        "taken_at": "2026-06-01T00:00:00Z",
        "tenant": {"id": "77777777-2222-4333-8444-555555555555", "name": "northwind"},
        "documents": {version: original.policy(version) for version in ("v1.0", "beta")},
        "groups": [],
    }
    bare.write(json.dumps(snapshot), "tenant.json")
    with running(bare, "--snapshot", "tenant.json", "--switch", "visibility_reads=3") as line:
        assert line.keys() == {
            "url",
            "token",
            "tenant",
            "authority",
            "certificate",
            "client_id",
            "client_secret",
        }
        assert line["tenant"] == "77777777-2222-4333-8444-555555555555"
        assert state(line) == "disabled"
        tenant = {"GRAPHPOLICY_GRAPH_URL": line["url"], "SSL_CERT_FILE": line["certificate"]}
        secret = {
            "AZURE_AUTHORITY_HOST": line["authority"],
            "AZURE_TENANT_ID": line["tenant"],
            "AZURE_CLIENT_ID": line["client_id"],
            "AZURE_CLIENT_SECRET": line["client_secret"],
        }
        done = bare("pull", env={**tenant, **secret})
        assert done.code == 0, done.text
        assert "MicrosoftAuthenticator" in done.out


@pytest.mark.parametrize(
    ("text", "said"), [("{}", "it has no `documents`"), ("no json", "tenant.json")]
)
def test_a_file_that_is_no_snapshot(bare: Shell, text: str, said: str) -> None:
    bare.write(text, "tenant.json")
    done = bare("mock", "--snapshot", "tenant.json")
    assert done.code == 64
    assert said in done.err


def test_a_switch_that_it_does_not_have(bare: Shell) -> None:
    done = bare("mock", "--switch", "gravity=off")
    assert done.code == 64
    assert "gravity" in done.err


def test_a_change_is_rehearsed_on_a_copy_of_the_tenant(shell: Shell, mock: Mock) -> None:
    mock.portal("Sms", {"excludeTargets": [{"targetType": "group", "id": PILOT}]})
    floor = "Voice: {state: disabled, includeTargets: [{group: Factory floor}]}"
    shell.write(policy(floor))  # a group that the live policy does not mention
    pulled = shell("pull", "--snapshot", "tenant.json")
    assert (pulled.code, pulled.out) == (0, "")
    reads = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_token(["Policy.Read.All"])}
    bare_ids = shell("pull", "--snapshot", "bare.json", env=reads)
    assert (bare_ids.code, "grant GroupMember.Read.All" in bare_ids.err) == (0, True)
    again = shell("pull", "--snapshot", "tenant.json")
    assert (again.code, "exists" in again.err) == (1, True)
    with running(shell, "--snapshot", "tenant.json") as copy:
        there = {
            "GRAPHPOLICY_GRAPH_URL": copy["url"],
            "GRAPHPOLICY_ACCESS_TOKEN": copy["token"],
        }
        done = shell("apply", "--auto-approve", env=there)
        assert done.code == 0, done.text
        assert state(copy) == "disabled"
        url = f"{copy['url']}/v1.0/groups/{PILOT}"
        group = httpx.get(url, headers={"Authorization": f"Bearer {copy['token']}"})
        assert group.json()["displayName"] == "SG-MFA-Pilot-P"
    assert mock.configuration("Voice")["state"] == "enabled"


def test_what_it_claims_is_a_table_with_nothing_cut_off(bare: Shell) -> None:
    for columns in ("80", "200"):
        done = bare("mock", "--describe", env={"COLUMNS": columns})
        assert done.code == 0
        assert "…" not in done.out
        assert {line.split()[0] for line in done.out.splitlines() if line[:1].strip()} == {
            "EVIDENCE",
            "documented",
            "observed",
            "assumed",
        }
    assert "One of: replace, deep." in done.out
    assert all(len(line) <= 200 for line in done.out.splitlines())
