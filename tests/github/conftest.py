"""A job on GitHub: the real process, and a stand-in of GitHub's API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Shell, bare
from tests.github.stand_in import REPOSITORY, TOKEN, Hub, serving

__all__ = ["bare"]


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def job(bare: Shell, hub: Hub, tmp_path: Path) -> Iterator[Shell]:
    """A shell with what GitHub sets for every job."""
    with serving(hub) as url:
        bare.environment.update(
            GITHUB_API_URL=url,
            GITHUB_TOKEN=TOKEN,
            GITHUB_REPOSITORY=REPOSITORY,
            GITHUB_SERVER_URL="https://github.com",
            GITHUB_RUN_ID="7",
            GITHUB_SHA="a" * 40,
            GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
        )
        yield bare


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
