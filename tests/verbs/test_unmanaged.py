"""What no file declares, as a user sees it: the snapshot, drift, plan, pull and init."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.shell import Shell, policy, proposed

SNAPSHOT = "policies/contoso.snapshot.json"
QR = {"state": "enabled", "includeTargets": [{"targetType": "group", "id": "all_users"}]}


@pytest.fixture
def kept(shell: Shell) -> Shell:
    """A folder with a policy and a snapshot of the tenant as it is."""
    shell.write(policy("Email: {state: enabled}"))
    assert shell("pull", "--snapshot", SNAPSHOT).code == 0
    return shell


def report(shell: Shell, verb: str, *arguments: str) -> tuple[int, Any]:
    done = shell(verb, "--format", "json", *arguments)
    return done.code, json.loads(done.out)["plans"][0]


def git(shell: Shell, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *arguments], cwd=shell.folder, check=True, capture_output=True)


def test_a_method_switched_on_in_the_portal_is_drift_in_every_format(
    kept: Shell, mock: Mock
) -> None:
    assert report(kept, "drift")[0] == 0
    mock.portal("QRCodePin", QR, actor="ana@contoso.com")
    outputs = ("d.json", "d.md", "d.html", "d.sarif", "d.txt")
    done = kept("drift", "--format", "github", *(f"-o{name}" for name in outputs))
    assert done.code == 2
    texts = {name: (kept.folder / name).read_text("utf-8") for name in outputs}
    assert [name for name, text in texts.items() if "QRCodePin" not in text] == []
    assert "QRCodePin.state" in done.out
    [plan] = json.loads(texts["d.json"])["plans"]
    [item] = plan["unmanaged"]
    said = ("resource", "path", "before", "after", "before_label", "after_label", "drift")
    assert [item[name] for name in said] == [
        *("QRCodePin", "state", "disabled", "enabled", "disabled", "enabled", True)
    ]
    assert item["audience"]["include"] == ["everyone (all_users)"]
    assert [hand["name"] for hand in item["changed_by"]] == ["ana@contoso.com"]
    assert plan["changes"] == []
    code, plan = report(kept, "plan", "--detailed-exitcode")
    assert (code, len(plan["unmanaged"]), plan["changes"]) == (0, 1, [])


def test_pull_update_takes_it_over_in_the_snapshot_and_in_nothing_else(
    kept: Shell, mock: Mock
) -> None:
    before = (kept.folder / SNAPSHOT).read_text("utf-8")
    assert kept("pull", "--update").code == 0
    assert (kept.folder / SNAPSHOT).read_text("utf-8") == before
    mock.portal("QRCodePin", {"state": "enabled"})
    done = kept("pull", "--update")
    assert (done.code, SNAPSHOT in done.out) == (0, True)
    after = (kept.folder / SNAPSHOT).read_text("utf-8")
    moved = [
        (old, new)
        for old, new in zip(before.splitlines(), after.splitlines(), strict=True)
        if old != new and "taken_at" not in old
    ]
    assert [tuple(each.strip() for each in pair) for pair in moved] == [
        ('"state": "disabled"', '"state": "enabled"')
    ] * len(moved)
    assert len(moved) == 2  # once for each version of Graph
    assert report(kept, "drift")[0] == 0


OTHER = "22222222-2222-4333-8444-555555555555"
BAD: dict[str, Callable[[Any], Any]] = {
    "another tenant": lambda data: data["tenant"].update(id=OTHER),
    "an older version": lambda data: data.update(format_version="0"),
    "edited by hand": lambda data: data["documents"]["v1.0"].update(
        authenticationMethodConfigurations=["x"]
    ),
    "a part lost": lambda data: data.pop("documents"),
}


def test_a_bad_snapshot_is_one_message_and_pull_update_repairs_it(kept: Shell) -> None:
    text = (kept.folder / SNAPSHOT).read_text("utf-8")
    bad = {}
    for name, spoil in BAD.items():
        data = json.loads(text)
        spoil(data)
        bad[name] = json.dumps(data)
    lines = text.splitlines(keepends=True)
    bad["conflict markers"] = "".join(["<<<<<<< HEAD\n", *lines[:1], "=======\n", ">>>>>>> x\n"])
    bad["nothing"] = ""
    found = {}
    for name, wrong in bad.items():
        kept.write(wrong, SNAPSHOT)
        code, plan = report(kept, "drift")
        rules = [each["rule"] for each in plan["findings"] if SNAPSHOT in each["message"]]
        found[name] = (code, rules, plan["unmanaged"])
    assert found == dict.fromkeys(bad, (0, ["snapshot-unusable"], []))
    offline = kept("validate")
    assert (offline.code, "snapshot-unusable" in offline.text) == (0, True)
    (kept.folder / SNAPSHOT).unlink()
    (kept.folder / SNAPSHOT).mkdir()
    unread = kept("drift")
    assert (unread.code, "snapshot-unusable" in unread.text) == (0, True)
    (kept.folder / SNAPSHOT).rmdir()  # as the message says, then the command that it proposes
    [again] = [each for each in proposed(unread) if each[0] == "pull"]
    assert kept(*again).code == 0
    assert report(kept, "drift")[1]["findings"] == []
    kept.write(bad["conflict markers"], SNAPSHOT)
    assert kept("pull", "--update").code == 0
    assert report(kept, "drift")[1]["findings"] == []


def test_a_pull_request_cannot_hide_a_method_by_editing_the_snapshot(
    kept: Shell, mock: Mock
) -> None:
    git(kept, "init", "-q", "-b", "main")
    git(kept, "add", ".")
    git(kept, "commit", "-qm", "base")
    text = (kept.folder / SNAPSHOT).read_text("utf-8")
    kept.write(text.replace('"state": "disabled"', '"state": "enabled"'), SNAPSHOT)

    def edited() -> tuple[list[str], list[str]]:
        code, plan = report(kept, "plan", "--base", "main")
        assert code == 0
        levels = [f["level"] for f in plan["findings"] if f["rule"] == "snapshot-edited"]
        return levels, [item["resource"] for item in plan["unmanaged"]]

    assert edited() == (["warning"], [])
    mock.portal("QRCodePin", {"state": "enabled"})
    assert edited() == (["warning"], ["QRCodePin"])
    kept.write(text, SNAPSHOT)
    assert kept("pull", "--update").code == 0
    assert edited() == (["note"], ["QRCodePin"])
    (kept.folder / SNAPSHOT).unlink()
    assert edited() == (["warning"], ["QRCodePin"])


def test_init_writes_the_snapshot_and_nothing_takes_it_for_a_policy(shell: Shell) -> None:
    done = shell("init", "--from-tenant", "--tenant-name", "contoso", "--owner", "@ana")
    assert (done.code, SNAPSHOT in done.out) == (0, True)
    assert shell("init", "--from-tenant", "--tenant-name", "contoso", "--owner", "@ana").code == 0
    assert shell("validate", "--format", "json").code == 0
    code, plan = report(shell, "drift")
    rules = {each["rule"] for each in plan["findings"]}
    assert (code, plan["unmanaged"], "no-snapshot" in rules) == (0, [], False)
    assert shell("plan", "--against", "policies").code == 0


def test_a_failed_read_is_blindness_and_never_a_difference(kept: Shell, mock: Mock) -> None:
    before = (kept.folder / SNAPSHOT).read_text("utf-8")
    mock.add_fault("status", path_contains="StrengthPolicies", status=403, times=None)
    code, plan = report(kept, "drift")
    rules = {each["rule"]: each["level"] for each in plan["findings"]}
    assert (code, plan["unmanaged"], rules) == (0, [], {"not-compared": "warning"})
    assert kept("pull", "--update").code == 0
    assert (kept.folder / SNAPSHOT).read_text("utf-8") == before
    mock.clear_faults()
    mock.add_fault("status", path_contains="/beta/policies", status=403, times=None)
    code, plan = report(kept, "drift")
    assert (code, "unmanaged" in plan, "error" in plan) == (4, False, True)
