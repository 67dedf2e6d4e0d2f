"""A job on GitHub: its variables, its repository, the reports it has and the files it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.flags import filled
from graphpolicy.cli.options import Context
from graphpolicy.disk.folders import read_inside
from graphpolicy.model.command import command
from graphpolicy.model.errors import GraphPolicyError

if TYPE_CHECKING:
    from graphpolicy.commands.pull_request import PullRequestContext
    from graphpolicy.github.hub import Hub

ACTIONS = "github-actions[bot]"
"""The login that a job's own token acts as."""

PAUSE, LONGEST_PAUSE = "GRAPHPOLICY_GITHUB_PAUSE", 60

author_option = click.option(
    "--author",
    default=ACTIONS,
    show_default=True,
    callback=filled,
    metavar="LOGIN",
    help="Login that the token acts as; what others wrote is left alone.",
)


label_option = click.option(
    "--label",
    default="graphpolicy-drift",
    show_default=True,
    callback=filled,
    help="Label of the issues.",
)
"""The label of the drift issues."""


def hub_of(context: Context) -> AbstractContextManager[Hub]:
    """The job's repository; closed when the block ends."""
    from graphpolicy.github.hub import Hub

    hub = Hub(
        job_variable(context, "GITHUB_TOKEN"),
        job_variable(context, "GITHUB_REPOSITORY"),
        context.environment.get("GITHUB_API_URL") or "https://api.github.com",
        _pause(context),
    )
    return closing(hub)


def _pause(context: Context) -> float:
    """Seconds between two writes: GitHub asks for one, a server of your own may need none."""
    value = context.environment.get(PAUSE, "").strip()
    try:
        pause = float(value or 1)
    except ValueError:
        pause = -1.0
    if not 0 <= pause <= LONGEST_PAUSE:
        raise click.UsageError(f"{PAUSE} is {value!r}: it must be a number from 0 to 60 (seconds).")
    return pause


def job_variable(context: Context, name: str) -> str:
    """A variable that GitHub sets for every job."""
    value = context.environment.get(name, "")
    if not value:
        raise click.UsageError(f"{name} is not set: this verb is for a job on GitHub.")
    return value


def run_address(context: Context) -> str:
    """The URL of this run."""
    names = ("GITHUB_SERVER_URL", "GITHUB_RUN_ID")
    server, run = (context.environment.get(name, "") for name in names)
    return f"{server}/{job_variable(context, 'GITHUB_REPOSITORY')}/actions/runs/{run}"


def ground_of(context: Context, author: str, label: str) -> PullRequestContext:
    """The branch that a job runs on, for pull requests with this author and label."""
    from graphpolicy.commands.pull_request import PullRequestContext

    kind, _, branch = job_variable(context, "GITHUB_REF").partition("refs/heads/")
    if kind or not branch:
        raise click.UsageError(
            "GITHUB_REF is not a branch: run this in a job on a branch, on a schedule or started "
            "by hand."
        )
    commit = job_variable(context, "GITHUB_SHA")
    return PullRequestContext(branch, commit, author, label, run_address(context))


def came_with(context: Context, hub: Hub) -> int | None:
    commit = context.environment.get("GITHUB_SHA", "")
    return next(iter(hub.pull_requests_of(commit)), None) if commit else None


def report_text(file: str) -> str:
    """The text of a report that another verb wrote."""
    try:
        return read_inside(file).decode().replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise GraphPolicyError(
            f"{file} does not exist",
            f"an earlier step writes it with {command('plan', '-o', file)} (or apply, or drift): "
            "check the output of that step",
        ) from error
    except UnicodeDecodeError as error:
        fix = f"write it with {command('plan', '-o', file)}"
        raise GraphPolicyError(f"{file} is not UTF-8 text", fix) from error


def document_in(file: str) -> str:
    """The same for people, with invisible characters shown: anyone may have written the file."""
    from graphpolicy.render.escape import plain

    return plain(report_text(file))


def summarise(context: Context, body: str) -> None:
    append_for_job(context.environment.get("GITHUB_STEP_SUMMARY"), f"{body}\n")


def output_lines(named: Mapping[str, str]) -> str:
    """The lines of GITHUB_OUTPUT; no value has a line break."""
    return "".join(f"{name}={value}\n" for name, value in named.items())


def append_for_job(file: str | None, text: str) -> bool:
    """Append to a file that GitHub reads after the step; False if there is none."""
    if not file:
        return False
    with Path(file).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    return True
