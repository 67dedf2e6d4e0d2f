"""What a run of a workflow is for, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.github.stand_in import REPOSITORY


@dataclass
class Step:
    """How a step ended. The outcome is success, failure, cancelled or skipped."""

    name: str
    outcome: str
    code: int | None = None
    text: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """How a job ended."""

    result: str
    steps: dict[str, Step] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    permissions: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "".join(step.text for step in self.steps.values())


@dataclass
class Finished:
    """A run of a workflow: its jobs by name, and its artifacts, a folder each."""

    jobs: dict[str, Job] = field(default_factory=dict)
    artifacts: dict[str, Path] = field(default_factory=dict)

    def results(self) -> dict[str, str]:
        return {name: job.result for name, job in self.jobs.items()}

    def under(self, name: str) -> list[str]:
        """The results of the jobs that one job of the caller started."""
        return [job.result for key, job in self.jobs.items() if key.startswith(f"{name} ")]

    @property
    def green(self) -> bool:
        return all(job.result in ("success", "skipped") for job in self.jobs.values())


@dataclass
class Event:
    """What a run is for. `repository_of_head` is another one for a fork."""

    name: str
    sha: str
    payload: dict[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    ref: str = "refs/heads/main"

    @property
    def fork(self) -> bool:
        pull = self.payload.get("pull_request")
        return pull is not None and pull["head"]["repo"]["full_name"] != REPOSITORY
