"""Runs the jobs of a workflow one after the other, with what GitHub gives to each of them."""

from __future__ import annotations

import fnmatch
import functools
import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.called import LONGEST
from tests.github.actions.checkout import Repository, python
from tests.github.actions.expressions import filled, holds, shown
from tests.github.actions.results import Event, Finished, Job, Step
from tests.github.stand_in import REPOSITORY, TOKEN

OURS = Path(__file__).parents[3]
SELF = "$/"
SERVER = "https://github.com"
LEVELS = ("none", "read", "write")
Vars = Mapping[str, Mapping[str, str]]


@functools.cache
def parsed(text: str) -> Any:
    """A workflow, which nobody changes: most are run by many tests."""
    return yaml.safe_load(text)


@dataclass
class Runner:
    """A machine that runs jobs. `signed_in` are the variables of a job that may ask for a token of
    GitHub's; `may` is told what a job's token may write; `approve` is asked before a job of an
    environment begins; `running` is told of the process of a step, so that it may be cancelled.
    """

    folder: Path
    repository: Repository
    environment: Mapping[str, str]
    variables: Vars
    signed_in: Callable[[str, Event], Mapping[str, str]]
    may: Callable[[Mapping[str, str]], None]
    approve: Callable[[str], bool] = lambda _environment: True
    running: Callable[[str, subprocess.Popen[str]], None] = lambda _name, _process: None
    runs: int = 0
    secrets: dict[str, str] = field(default_factory=dict)
    """The secrets of the repository; one that is not set is an empty text, as GitHub has it."""

    def run(self, caller: str, event: Event) -> Finished:
        """Run a workflow of an event's commit."""
        self.runs += 1
        finished = Finished()
        workflow = parsed(self.repository.file(event.sha, caller))
        triggers = workflow[True]  # YAML 1.1 reads `on` so
        assert event.name in triggers, f"{caller} does not run on {event.name}"
        for name, job in workflow["jobs"].items():
            needed = finished.under(job["needs"]) if "needs" in job else []
            status = {"success": "failure" not in needed, "always": True}
            if not holds(job.get("if"), {}, status):
                continue
            rows = job.get("strategy", {"matrix": {"include": [{}]}})["matrix"]["include"]
            for row in rows:
                contexts = {"matrix": row, "inputs": event.inputs, "github": self.github(event)}
                called = parsed(self._called(job["uses"], event))
                accepted = called[True]["workflow_call"]["inputs"]
                given = {key: filled(text, contexts) for key, text in job.get("with", {}).items()}
                assert given.keys() <= accepted.keys()
                passed = called[True]["workflow_call"].get("secrets", {})
                known = {"secrets": defaultdict(str, self.secrets)}
                secrets = {key: filled(text, known) for key, text in job.get("secrets", {}).items()}
                assert secrets.keys() <= passed.keys()
                inputs = {
                    key: shown(given[key]) if key in given else about["default"]
                    for key, about in accepted.items()
                }
                prefix = f"{filled(job.get('name', name), contexts)} / "
                self._jobs(
                    called["jobs"], prefix, inputs, job["permissions"], (event, finished, secrets)
                )
        return finished

    def github(self, event: Event) -> dict[str, Any]:
        return {
            "event_name": event.name,
            "event": event.payload,
            "sha": event.sha,
            "ref": event.ref,
            "repository": REPOSITORY,
            "server_url": SERVER,
            "run_id": str(self.runs),
            "token": TOKEN,
        }

    def _called(self, uses: str, event: Event) -> str:
        """The text of a reusable workflow, of this repository's or of graphpolicy's own."""
        if uses.startswith(SELF):
            return self.repository.file(event.sha, uses.removeprefix(SELF))
        owner, _, path = uses.partition("/graphpolicy/")
        assert owner == "OWNER"
        return (OURS / path.partition("@")[0]).read_text(encoding="utf-8")

    def _jobs(
        self,
        jobs: Mapping[str, Any],
        prefix: str,
        inputs: Mapping[str, Any],
        granted: Mapping[str, str],
        run: tuple[Event, Finished, Mapping[str, str]],
    ) -> None:
        event, finished, secrets = run
        done: dict[str, Job] = {}
        for key, job in jobs.items():
            asked = dict(job["permissions"])
            for name, level in asked.items():
                enough = LEVELS.index(granted.get(name, "none")) >= LEVELS.index(level)
                assert enough, f"{prefix}{key} asks for {name}: {level}, which the caller lacks"
            needs = [job["needs"]] if "needs" in job else []
            status = {
                "success": all(done[name].result == "success" for name in needs),
                "failure": any(done[name].result == "failure" for name in needs),
                "cancelled": False,
                "always": True,
            }
            contexts = {
                "github": self.github(event),
                "inputs": inputs,
                "secrets": defaultdict(str, secrets),
                "needs": {name: {"outputs": done[name].outputs} for name in needs},
            }
            environment = filled(job.get("environment", ""), contexts)
            if not holds(job.get("if"), contexts, status):
                done[key] = Job("skipped")
            elif environment and not self.approve(environment):
                done[key] = Job("failure")
            else:
                contexts["vars"] = self.variables.get(environment, {})
                room = Room(self, self.folder / f"run-{self.runs}-{len(finished.jobs)}", event)
                done[key] = room.job(job, asked, environment, contexts, finished)
            finished.jobs[f"{prefix}{job['name']}"] = done[key]


@dataclass
class Room:
    """Where one job runs."""

    runner: Runner
    folder: Path
    event: Event

    def __post_init__(self) -> None:
        for name in ("workspace", "temp", "files", "bin"):
            (self.folder / name).mkdir(parents=True)
        program = self.folder / "bin/python"
        program.write_text(python(), encoding="utf-8")
        program.chmod(0o755)
        self.path = [str(self.folder / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]

    def job(
        self,
        job: Mapping[str, Any],
        permissions: Mapping[str, str],
        environment: str,
        contexts: dict[str, Any],
        finished: Finished,
    ) -> Job:
        fork = self.event.fork
        self.runner.may({} if fork else permissions)
        done = Job("success", permissions=dict(permissions))
        contexts = {**contexts, "steps": {}, "runner": {"temp": str(self.folder / "temp")}}
        kept = self._environment()
        if permissions.get("id-token") == "write" and not fork:
            kept |= self.runner.signed_in(environment, self.event)
        own = {name: shown(filled(text, contexts)) for name, text in job.get("env", {}).items()}
        kept |= own
        contexts["env"] = own
        for number, step in enumerate(job["steps"]):
            status = {
                "success": done.result == "success",
                "failure": done.result == "failure",
                "cancelled": done.result == "cancelled",
                "always": True,
            }
            name = step.get("name", step.get("uses", ""))
            ended = Step(name, "skipped")
            if holds(step.get("if"), contexts, status):
                ended = self._step(name, step, kept, contexts, finished)
            if ended.outcome in ("failure", "cancelled") and done.result == "success":
                done.result = ended.outcome
            key = step.get("id", str(number))
            done.steps[key] = ended
            contexts["steps"][key] = {"outputs": ended.outputs, "outcome": ended.outcome}
        summary = self.folder / "files/summary"
        done.summary = summary.read_text(encoding="utf-8") if summary.exists() else ""
        done.outputs = {
            name: shown(filled(text, contexts)) for name, text in job.get("outputs", {}).items()
        }
        return done

    def _environment(self) -> dict[str, str]:
        event = self.folder / "files/event.json"
        event.write_text(json.dumps(self.event.payload), encoding="utf-8")
        return {
            **self.runner.environment,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(self.folder / "files/output"),
            "GITHUB_PATH": str(self.folder / "files/path"),
            "GITHUB_REF": self.event.ref,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": str(self.runner.runs),
            "GITHUB_SERVER_URL": SERVER,
            "GITHUB_SHA": self.event.sha,
            "GITHUB_STEP_SUMMARY": str(self.folder / "files/summary"),
            "GITHUB_WORKSPACE": str(self.folder / "workspace"),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "GIT_CONFIG_COUNT": "1",  # the server that the address of the repository leads to
            "GIT_CONFIG_KEY_0": f"url.{self.runner.repository.server.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": f"{SERVER}/{REPOSITORY}",
        }

    def _step(
        self,
        name: str,
        step: Mapping[str, Any],
        kept: Mapping[str, str],
        contexts: Mapping[str, Any],
        finished: Finished,
    ) -> Step:
        given = {key: shown(filled(text, contexts)) for key, text in step.get("with", {}).items()}
        if "uses" in step:
            self._use(step["uses"].partition("@")[0], given, finished)
            return Step(name, "success")
        assert "${{" not in step["run"]
        env = {key: shown(filled(text, contexts)) for key, text in step.get("env", {}).items()}
        script = self.folder / "files/script.sh"
        script.write_text(step["run"], encoding="utf-8")
        output, path = self.folder / "files/output", self.folder / "files/path"
        for file in (output, path):
            file.write_text("", encoding="utf-8")
        with subprocess.Popen(
            ["bash", "-e", str(script)],
            cwd=self.folder / "workspace",
            env={**kept, **env, "PATH": ":".join(self.path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        ) as process:
            self.runner.running(name, process)
            text, _ = process.communicate(timeout=LONGEST)
        assert "Traceback" not in text
        self.path = [*path.read_text(encoding="utf-8").split(), *self.path]
        lines = output.read_text(encoding="utf-8").splitlines()
        outcome = {0: "success", 130: "cancelled"}.get(process.returncode, "failure")
        outputs = {key: value for key, _, value in (line.partition("=") for line in lines)}
        return Step(name, outcome, process.returncode, text, outputs)

    def _use(self, action: str, given: Mapping[str, str], finished: Finished) -> None:
        match action:
            case "actions/checkout":
                assert given["persist-credentials"] == "false"
                whole = given.get("fetch-depth") == "0"
                folder = self.folder / "workspace"
                self.runner.repository.check_out(folder, self.event.sha, whole=whole)
            case "actions/setup-python":
                pass
            case "actions/download-artifact":
                for name in fnmatch.filter(finished.artifacts, given["pattern"]):
                    own = "" if given.get("merge-multiple") == "true" else name
                    shutil.copytree(finished.artifacts[name], Path(given["path"], own))
            case "$/.github/actions/graphpolicy":
                self._install()
            case "actions/upload-artifact":
                assert given["name"] not in finished.artifacts, "GitHub refuses a name twice"
                kept = self.folder / "artifact"
                if Path(given["path"]).is_dir() and any(Path(given["path"]).iterdir()):
                    shutil.copytree(given["path"], kept)
                    finished.artifacts[given["name"]] = kept
            case _:
                raise AssertionError(f"nobody knows what {action} does")

    def _install(self) -> None:
        """What our action does: its own list, and what is called graphpolicy on the PATH."""
        made = self.folder / "temp/graphpolicy-venv"
        listed = OURS / "graphpolicy/starter/building.txt"
        env = {"RUNNER_TEMP": str(self.folder / "temp"), "PATH": "/usr/bin:/bin"}
        program = [str(self.folder / "bin/python"), "-I", "-m"]
        subprocess.run([*program, "venv", str(made)], env=env, check=True)
        program[0] = str(made / "bin/python")
        subprocess.run([*program, "pip", "install", "-r", str(listed)], env=env, check=True)
        self.path = [str(made / "bin"), *self.path]
