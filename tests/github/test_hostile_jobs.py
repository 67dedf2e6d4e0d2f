"""What the `ci` verbs write to GitHub, with hostile text wherever others write."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.github.conftest import event, summary
from tests.github.stand_in import Hub
from tests.shell import Shell
from tests.unit.render.hostile import problems
from tests.verbs.test_hostile import NAMES, TENANT, Reader, forged, policy, tenant


def said(hub: Hub) -> list[str]:
    """Every text that stands on GitHub."""
    issues = [text for each in hub.issues.values() for text in (each.get("title"), each["body"])]
    comments = [each["body"] for some in hub.comments.values() for each in some]
    pulls = [
        text
        for some in hub.pulls.values()
        for each in some
        for text in (each["title"], each["body"])
    ]
    return [text for text in (*issues, *comments, *pulls) if text]


def drifted(name: str) -> dict[str, Any]:
    change = {"resource": name, "path": name, "before_label": name, "after_label": name}
    held = {**change, "allowed_label": name, "live_label": name, "drift": True}
    known = dict.fromkeys(("name", "id", "at", "correlation_id", "request_id", "why"), name)
    notice = {"about": name, "since": name, "source": name}
    by = {"changed_by": [{"kind": "microsoft", "ip_address": name, "notice": notice, **known}]}
    whose = {"tenant": {"name": name, "id": TENANT, "cloud": "global"}}
    finding = {"rule": "number-matching-enforced", "level": "error", "acknowledged": None}
    found = {**finding, "message": name, "resource": name, "path": name}
    plan = {**whose, "changes": [{**change, **by}], "held": [{**held, **by}], "findings": [found]}
    return {"format_version": "1", "plans": [plan]}


@pytest.mark.parametrize(
    "name", [*NAMES[:1], *(pytest.param(name, marks=pytest.mark.deep) for name in NAMES[1:])]
)
def test_nothing_that_a_job_leaves_obeys_somebody_else(
    job: Shell, hub: Hub, mock: Mock, url: str, name: str
) -> None:
    output = job.folder / "output.txt"
    job.environment |= {
        "GRAPHPOLICY_GRAPH_URL": url,
        "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_OUTPUT": str(output),
    }
    run = Reader(job, name)
    tenant(mock, name)
    subprocess.run(["git", "init", "-q", str(job.folder)], check=True)
    file = job.write(policy(name))
    hub.git.push("main", {"README.md": b"ours"})
    job.environment["GITHUB_SHA"] = hub.git.push(
        "main", {"policies/contoso.yaml": file.read_bytes()}
    )
    event(job, hub.add_issue("a change"))
    job("plan", "-o", "plan.md", "-o", "plan.json")
    job("drift", "-o", "drift.json")
    run("ci", "comment", "plan.md")
    run("ci", "outputs", "plan.json")
    run("ci", "drift-issue", "drift.json")
    job.write(job.folder.joinpath("plan.md").read_text("utf-8") + name, "written.md")
    run("ci", "comment", "written.md")
    job.environment.pop("GITHUB_EVENT_PATH")
    run("ci", "summary", "written.md")
    job.write(json.dumps(drifted(name)), "written.json")
    run("ci", "drift-issue", "written.json")
    failure = {"tenant": {"name": name, "id": TENANT}, "error": {"code": name, "message": name}}
    job.write(json.dumps({"plans": [failure]}), "blind.json")
    run("ci", "drift-issue", "blind.json")
    plan = forged(json.loads((job.folder / "plan.json").read_bytes()), name)
    job.write(json.dumps(plan), "forged.json")
    run("ci", "outputs", "forged.json")
    run("ci", "outputs", "written.md")
    run("ci", "adopt-drift")
    texts = [summary(job), output.read_text("utf-8"), *said(hub)]
    run.wrong += [f"{text[:40]!r}: {each}" for text in texts for each in problems(text, "page")]
    names = {line.partition("=")[0] for line in texts[1].splitlines()}
    assert names == {"digest", "changes", "errors", "warnings", "refused"}
    assert len(texts) > 5
    assert not run.wrong, "\n".join(run.wrong)
