"""The environment variables of a job on GitHub, and the job's repository."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.flags import filled
from graphpolicy.cli.options import Context

if TYPE_CHECKING:
    from graphpolicy.commands.propose import Ground
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


def ground_of(context: Context, author: str, label: str) -> Ground:
    """The branch that a job runs on, for pull requests with this author and label."""
    from graphpolicy.commands.propose import Ground

    kind, _, branch = job_variable(context, "GITHUB_REF").partition("refs/heads/")
    if kind or not branch:
        raise click.UsageError(
            "GITHUB_REF is not a branch: run this in a job on a branch, on a schedule or started "
            "by hand."
        )
    commit = job_variable(context, "GITHUB_SHA")
    return Ground(branch, commit, author, label, run_address(context))
