"""ci: what a pipeline on GitHub says to people: comments on pull requests, issues about drift."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.options import Context, filled, verb_options

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub

ACTIONS = "github-actions[bot]"
"""Whom a job's own token speaks as."""

author_option = click.option(
    "--author",
    default=ACTIONS,
    show_default=True,
    callback=filled,
    metavar="LOGIN",
    help="Whom the token speaks as; what others write is left alone.",
)


@click.group()
def ci() -> None:
    """Comment on pull requests and keep drift issues, in a job.

    Reads what GitHub sets for every job, and GITHUB_TOKEN.
    """


@ci.command()
@click.argument("report", metavar="REPORT.md", type=click.Path())
@verb_options
@author_option
@click.option("--pull-request", type=click.IntRange(min=1), metavar="N", help="On this one.")
def comment(context: Context, report: str, author: str, pull_request: int | None) -> int:
    """Put a report on the pull request, in place of the earlier one.

    The pull request is the one of the event, or else the one that the commit came with. The report
    goes to the job's summary too, and only there where a fork's token may not comment.
    """
    from graphpolicy.commands.ci import pull_request as of_event, stick
    from graphpolicy.github.hub import HubFailure

    body = Path(report).read_text(encoding="utf-8")
    _summarise(context, body)
    number, fork = of_event(_event(context), _set(context, "GITHUB_REPOSITORY"))
    if fork and pull_request is None:
        context.console.say("the pull request is from a fork: the report is in the job's summary")
        return 0
    with _hub(context) as hub:
        try:
            number = pull_request or number or _came_with(context, hub)
            if number is None:
                context.console.say("there is no pull request: the report is in the job's summary")
                return 0
            context.console.say(stick(hub, number, body, author))
        except HubFailure as failure:
            if not failure.forbidden:
                raise
            context.console.result(
                "::notice title=graphpolicy::This token may not comment; the report is in the "
                "job's summary.\n"
            )
    return 0


@ci.command("drift-issue")
@click.argument("report", metavar="DRIFT.json", type=click.Path())
@verb_options
@author_option
@click.option("--label", default="graphpolicy-drift", show_default=True, callback=filled)
def drift_issue(context: Context, report: str, author: str, label: str) -> int:
    """Open, update or close one issue per tenant, by a report of `drift -o drift.json`.

    An error never closes an issue: where a tenant could not be read its issue says so. A report
    that is missing or wrong is such an error for every tenant that has an issue.
    """
    from graphpolicy.commands.ci import watch
    from graphpolicy.github.watch import all_blind, looks

    with _hub(context) as hub:
        issues = hub.issues(label, author)
        missing = ""
        try:
            seen = looks(json.loads(Path(report).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            missing = f"{report} is no report of drift: {type(error).__name__}"
            seen = all_blind(issues, missing)
        if not seen and not missing:
            missing = f"{report} is about no tenant: the policy files may be wrong"
            seen = all_blind(issues, missing)
        now = f"{context.now()[:16].replace('T', ' ')} UTC"
        for told in watch(hub, seen, issues, label=label, now=now, run=_run(context)):
            context.console.say(told)
    if missing:
        context.console.problem(missing, "look at the step that runs `graphpolicy drift`")
    return 1 if missing else 0


@contextmanager
def _hub(context: Context) -> Iterator[Hub]:
    from graphpolicy.github.hub import Hub

    hub = Hub(
        _set(context, "GITHUB_TOKEN"),
        _set(context, "GITHUB_REPOSITORY"),
        context.environment.get("GITHUB_API_URL") or "https://api.github.com",
    )
    try:
        yield hub
    finally:
        hub.close()


def _set(context: Context, name: str) -> str:
    value = context.environment.get(name, "")
    if not value:
        raise click.UsageError(f"{name} is not set: this verb is for a job on GitHub.")
    return value


def _event(context: Context) -> Mapping[str, Any]:
    """What the job runs for; nothing where it can't be read."""
    try:
        event = json.loads(Path(context.environment["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    except (KeyError, OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _came_with(context: Context, hub: Hub) -> int | None:
    commit = context.environment.get("GITHUB_SHA", "")
    return next(iter(hub.pull_requests_of(commit)), None) if commit else None


def _summarise(context: Context, body: str) -> None:
    summary = context.environment.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{body}\n")


def _run(context: Context) -> str:
    """The address of this run."""
    known = [context.environment.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_RUN_ID")]
    server, run = known
    return f"{server}/{_set(context, 'GITHUB_REPOSITORY')}/actions/runs/{run}"
