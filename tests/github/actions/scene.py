"""A repository on GitHub, its tenants in Entra, and what people do to both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphpolicy.mock import DEFAULT_TENANT, Application, Federated, Mock, Server
from graphpolicy.starter.workflows import LIST, environments, workflows
from tests.github.actions.checkout import Repository
from tests.github.actions.results import Event, Finished
from tests.github.actions.runner import Runner
from tests.github.stand_in import REPOSITORY, Hub
from tests.shell import policy

CONTOSO, FABRIKAM = DEFAULT_TENANT, "33333333-2222-4333-8444-555555555555"
READS = (
    "Policy.Read.AuthenticationMethod",
    "GroupMember.Read.All",
    "Directory.Read.All",
    "Policy.Read.All",
    "AuditLog.Read.All",
)
WRITES = (*READS, "Policy.ReadWrite.AuthenticationMethod")
ROOT = Path(__file__).parents[3]
JOURNAL = re.compile(r"^<!-- journal -->\n```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
CALLER = re.compile(r"^<!-- caller (\w+) -->\n```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


def files(tenants: Mapping[str, str], *, ours: bool) -> dict[str, str]:
    """The files of a repository: what `init` writes, or the callers of docs/github.md."""
    made = dict(workflows(tuple(tenants)))
    if ours:
        page = (ROOT / "docs/github.md").read_text(encoding="utf-8")
        made = {f".github/workflows/{verb}.yml": text for verb, text in CALLER.findall(page)}
        [journal] = JOURNAL.findall(page)
        made[".github/workflows/apply.yml"] += journal
    policies = {f"policies/{name}.yaml": text for name, text in tenants.items()}
    return {**made, **policies, LIST: "graphpolicy==1.0 --hash=sha256:0\n"}


@dataclass
class Scene:
    """`github` has the pull requests and issues, `mock` the tenants, `runner` runs the jobs."""

    mock: Mock
    github: Hub
    repository: Repository
    runner: Runner
    open: dict[str, int] = field(default_factory=dict)

    def change(self, branch: str, changed: Mapping[str, str]) -> None:
        """Commit to the branch of a pull request, which is opened if there is none."""
        if branch in self.open:
            self.repository.commit(changed, branch)
        else:
            self.repository.start(branch, changed)
            self.open[branch] = self.github.add_issue(f"pull request of {branch}")

    def plan(self, branch: str, *, head: str = REPOSITORY, author: str = "ana") -> Finished:
        """What GitHub runs when a pull request is opened, or pushed to."""
        pull = {
            "number": self.open[branch],
            "user": {"login": author},
            "head": {"sha": self.repository.head(branch), "repo": {"full_name": head}},
            "base": {"sha": self.repository.head()},
        }
        merged = self.repository.merged(branch)
        payload = {"action": "synchronize", "pull_request": pull}
        ref = f"refs/pull/{pull['number']}/merge"
        return self.run("plan", Event("pull_request", merged, payload, ref=ref))

    def merge(self, branch: str) -> Event:
        """Merge a pull request; returns the push to main."""
        before, after = self.repository.merge(branch)
        merged = {"number": self.open[branch], "merged_at": "2026-11-24T02:40:00Z"}
        self.github.pulls[after] = [merged]
        return Event("push", after, {"before": before, "after": after, "created": False})

    def run(self, verb: str, event: Event) -> Finished:
        return self.runner.run(f".github/workflows/{verb}.yml", event)

    def by_hand(self, verb: str, **inputs: str) -> Finished:
        return self.run(verb, Event("workflow_dispatch", self.repository.head(), {}, inputs))

    def look(self) -> Finished:
        """Run the nightly workflow."""
        return self.run("drift", Event("schedule", self.repository.head(), {"schedule": "x"}))

    def said(self, branch: str) -> list[str]:
        """The comments on a pull request."""
        return self.github.said(self.open[branch])

    def state(self, method: str, tenant: str = CONTOSO) -> str:
        return str(self.mock.configuration(method, tenant_id=tenant)["state"])


def scene(
    folder: Path,
    server: Server,
    github: Hub,
    base: Mapping[str, str],
    *,
    ours: bool = False,
    tenants: Mapping[str, str] | None = None,
) -> Scene:
    """A repository whose main says what its tenants are: nothing is left to do.

    `tenants` are ids by name; `base` what every process of the job has.
    """
    named = tenants or {"contoso": CONTOSO}
    texts = {name: policy("Sms: {state: enabled}", id_) for name, id_ in named.items()}
    repository = Repository.of(folder, files(texts, ours=ours))
    variables: dict[str, dict[str, str]] = {}
    for number, (name, own) in enumerate(environments(tuple(named)).items()):
        for environment, roles in ((own.read, READS), (own.write, WRITES)):
            id_ = f"a000000{number}-0000-4000-8000-00000000000{len(roles)}"
            subject = f"repo:{REPOSITORY}:environment:{environment}"
            server.mock.add_application(
                Application(id_, environment, roles=roles, federated=(Federated(subject),))
            )
            variables[environment] = {"AZURE_CLIENT_ID": id_, "AZURE_TENANT_ID": named[name]}

    def signed_in(environment: str, event: Event) -> Mapping[str, str]:
        job = {"repository": REPOSITORY, "ref": event.ref, "event": event.name}
        return server.mock.github_job(**job, environment=environment or None)

    def may(permissions: Mapping[str, str]) -> None:
        kinds = ("pull-requests", "issues", "security-events")
        github.read_only = "write" not in map(permissions.get, kinds)

    everywhere = {
        **base,
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "AZURE_AUTHORITY_HOST": server.authority,
        "SSL_CERT_FILE": str(server.certificate),
    }
    runner = Runner(folder, repository, everywhere, variables, signed_in, may)
    return Scene(server.mock, github, repository, runner)


def report(finished: Finished, artifact: str, name: str) -> Any:
    """A report in JSON that a job kept."""
    return json.loads((finished.artifacts[artifact] / name).read_text(encoding="utf-8"))
