"""A job on GitHub, and a stand-in of GitHub's API. The steps of workflows are processes."""

from __future__ import annotations

import gc
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Server
from tests import warm
from tests.github.actions.scene import CONTOSO, Scene, scene
from tests.github.receiver import Receiver, receiving
from tests.github.stand_in import REPOSITORY, TOKEN, Hub, Served, serving
from tests.shell import Shell, command_line


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture(scope="session")
def hubs() -> Iterator[Served]:
    """The one server of a session. Take `github` instead, which shows a stand-in of its own."""
    with serving() as served:
        yield served


@pytest.fixture
def github(hubs: Served, hub: Hub) -> dict[str, str]:
    """The variables by which a job finds `hub`, and writes to it without a pause."""
    hubs.hub = hub
    return {"GITHUB_API_URL": hubs.url, "GRAPHPOLICY_GITHUB_PAUSE": "0"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The webhook to which jobs send news."""
    with receiving() as served:
        yield served


@pytest.fixture(scope="session")
def loaded() -> None:
    """The imports of commands, made before a call: the garbage collector need not look at them."""
    for name in warm.LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


@pytest.fixture
def job(bare: Shell, github: dict[str, str], tmp_path: Path, loaded: None) -> Shell:
    """A shell with what GitHub sets for every job."""
    bare.environment.update(
        github,
        GITHUB_TOKEN=TOKEN,
        GITHUB_REPOSITORY=REPOSITORY,
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_RUN_ID="7",
        GITHUB_SHA="a" * 40,
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
    )
    return bare


def on_path(folder: Path, shell: Shell) -> str:
    """A PATH with `graphpolicy`, a script that is put into a folder, and with this Python."""
    folder.mkdir(exist_ok=True)
    program = folder / "graphpolicy"
    program.write_text(f'#!/bin/sh\nexec {command_line()} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return f"{folder}:{Path(sys.executable).parent}:{shell.environment['PATH']}"


def event(job: Shell, number: int, head: str | None = REPOSITORY) -> None:
    """Let the job run for a pull request, by default one from the repository itself."""
    repo = None if head is None else {"full_name": head}
    pull: dict[str, Any] = {"number": number, "head": {"sha": "b" * 40, "repo": repo}}
    path = job.folder / "event.json"
    path.write_text(json.dumps({"pull_request": pull}), encoding="utf-8")
    job.environment["GITHUB_EVENT_PATH"] = str(path)


def summary(job: Shell) -> str:
    path = Path(job.environment["GITHUB_STEP_SUMMARY"])
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.fixture
def repository(
    request: pytest.FixtureRequest,
    bare: Shell,
    hub: Hub,
    github: dict[str, str],
    server: Server,
) -> Scene:
    """A repository with the workflows that `init` writes, or with callers of our own."""
    base = {**bare.environment, **github}
    return scene(bare.folder, server, hub, base, ours=getattr(request, "param", False))


def taken(repository: Scene) -> dict[str, Any]:
    """A snapshot of the tenant, as `pull --snapshot` takes it."""
    folder = repository.runner.folder / "snapshot"
    folder.mkdir()
    shell = Shell(folder, {**repository.runner.environment})
    shell.environment |= {
        "GRAPHPOLICY_ACCESS_TOKEN": repository.mock.token,
        "AZURE_TENANT_ID": CONTOSO,
    }
    done = shell("pull", "--snapshot", "taken.json")
    assert done.code == 0, done.text
    found = json.loads((folder / "taken.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found
