"""ci: in a job on GitHub, comments on pull requests, issues about drift, and job summaries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.adopt_drift import adopt_drift
from graphpolicy.cli.fleet import fleet
from graphpolicy.cli.github_job import (
    author_option,
    hub_of,
    job_variable,
    label_option,
    run_address,
)
from graphpolicy.cli.notify import notify
from graphpolicy.cli.open_wave import open_wave
from graphpolicy.cli.options import Context, paths, verb_options
from graphpolicy.cli.origins import event
from graphpolicy.cli.planning import ring_option
from graphpolicy.disk.folders import read_inside
from graphpolicy.disk.json_text import decoded
from graphpolicy.model.command import command

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub
    from graphpolicy.rollouts.rings import Ring


@click.group()
def ci() -> None:
    """In a GitHub job: comment on changes, track and adopt drift.

    Reads GITHUB_TOKEN and the variables that GitHub sets for every job.
    """


ci.add_command(adopt_drift)
ci.add_command(fleet)
ci.add_command(notify)
ci.add_command(open_wave)


@ci.command()
@click.argument("report", metavar="REPORT.md", type=click.Path())
@verb_options
@author_option
@click.option(
    "--pull-request",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of the pull request; default: the one that the job is for.",
)
def comment(context: Context, report: str, author: str, pull_request: int | None) -> int:
    """Post a report on the pull request, replacing the earlier one.

    The pull request is the one that started the job or, after a merge, the one that the commit came
    with. The report also goes to the job's summary. For a fork it goes only there, because the
    token of a fork may not comment.
    """
    from graphpolicy.commands.ci import pull_request as of_event, stick
    from graphpolicy.github.refusals import GitHubError

    body = _document(report)
    _summarise(context, body)
    number, fork = of_event(event(context.environment), job_variable(context, "GITHUB_REPOSITORY"))
    if fork and pull_request is None:
        context.console.say("the pull request is from a fork: the report is in the job's summary")
        return 0
    with hub_of(context) as hub:
        try:
            number = pull_request or number or _came_with(context, hub)
            if number is None:
                context.console.say("there is no pull request: the report is in the job's summary")
                return 0
            context.console.say(stick(hub, number, body, author))
        except GitHubError as failure:
            if not failure.forbidden:
                raise
            context.console.result(
                "::notice title=graphpolicy::This token may not comment; the report is in the "
                "job's summary.\n",
                "github",
            )
    return 0


@ci.command()
@click.argument("report", metavar="REPORT.md", type=click.Path())
@verb_options
@author_option
def summary(context: Context, report: str, author: str) -> int:
    """Add a report to the job's summary, and say whether it was reviewed.

    After a merge the plan is compared with the one in the comment on the merged pull request, if
    GITHUB_TOKEN is set and may read it.
    """
    from graphpolicy.commands.ci import reviewed
    from graphpolicy.github.refusals import GitHubError

    body, word = _document(report), ""
    if context.environment.get("GITHUB_TOKEN") and "pull_request" not in event(context.environment):
        try:
            with hub_of(context) as hub:
                number = _came_with(context, hub)
                word = reviewed(hub, number, body, author) if number else ""
        except GitHubError as failure:
            context.console.problem(
                f"it is not clear whether this plan was reviewed: {failure.text}", failure.help
            )
    _summarise(context, f"{body}\n{word}" if word else body)
    return 0


@ci.command()
@click.argument("report", metavar="PLAN.json", type=click.Path())
@verb_options
def outputs(context: Context, report: str) -> int:
    """Pass the digest and the counts of a plan to later steps and jobs.

    Writes digest, changes, errors, warnings and refused to GITHUB_OUTPUT, or prints them if it is
    not set. If the report has several tenants, choose one with --tenant.
    """
    from graphpolicy.commands.ci import fault, outputs as of_report

    try:
        named = of_report(decoded(_report(report)), context.tenant)
    except (ValueError, KeyError, TypeError) as error:
        context.console.problem(
            f"{report} is not a report of a plan: {fault(error)}",
            "write it with `graphpolicy plan -o plan.json`",
        )
        return 1
    lines = _outputs(named)
    if not _append(context.environment.get("GITHUB_OUTPUT"), lines):
        context.console.result(lines)
    return 0


@ci.command()
@paths
@verb_options
@ring_option
@click.option(
    "--shards",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Give each job several tenants: at most N jobs for each ring.",
)
def matrix(
    context: Context, path: tuple[str, ...], *, ring: tuple[Ring, ...], shards: int | None
) -> int:
    """Print the matrix of jobs of each ring, for `strategy.matrix`.

    A job has tenant, short, plan-environment and apply-environment, as the workflows in this folder
    name them; with --shards it has shard, tenants (for --tenant) and the two environments. Also
    writes ring-1, ring-2, ... and ring-none to GITHUB_OUTPUT if it is set, each for fromJSON. With
    one --ring, only that matrix is printed.
    """
    import json

    from graphpolicy.commands.added_tenant import environments_in
    from graphpolicy.commands.tenants import wanted_policies
    from graphpolicy.disk.json_text import encoded
    from graphpolicy.policyfile.load import load
    from graphpolicy.starter.workflows import matrices

    console, known = context.console, load(path, context.facts)
    chosen, findings = wanted_policies(known, context.tenants, path, ring)
    if not chosen:
        console.tell(found for found in findings if found.level == "error")
        return 1
    names, given = [each.name for each in known.tenants], environments_in(Path())
    made = matrices(chosen, names, shards, console.typed, given)
    texts = {name: json.dumps(each, separators=(",", ":")) for name, each in made.items()}
    _append(context.environment.get("GITHUB_OUTPUT"), _outputs(texts))
    console.result(encoded(*made.values() if len(ring) == 1 else [made]))
    return 0


@ci.command("drift-issue")
@click.argument("report", metavar="DRIFT.json", type=click.Path())
@verb_options
@author_option
@label_option
def drift_issue(context: Context, report: str, author: str, label: str) -> int:
    """Open, update or close one issue per tenant, from a report of `drift`, .json or .jsonl.

    An error never closes an issue: if a tenant could not be read, its issue says so. A missing or
    invalid report is such an error for every tenant that has an issue, or only for --tenant.
    """
    from graphpolicy.commands.ci import fault, report_in, watch
    from graphpolicy.github.look import looks
    from graphpolicy.github.watch import all_blind

    with hub_of(context) as hub:
        issues = hub.issues(label, author)
        missing = ""
        try:
            seen = looks(report_in(report))
        except (OSError, ValueError, KeyError, TypeError) as error:
            missing = f"{report} is not a report of drift: {fault(error)}"
            seen = all_blind(issues, missing, context.tenant)
        if not seen and not missing:
            missing = f"{report} contains no tenants: the policy files may have errors"
            seen = all_blind(issues, missing, context.tenant)
        now = f"{context.now()[:16].replace('T', ' ')} UTC"
        for told in watch(hub, seen, issues, label=label, now=now, run=run_address(context)):
            context.console.say(told)
    if missing:
        context.console.problem(
            missing, "check the output of the step that runs `graphpolicy drift`"
        )
    return 1 if missing else 0


def _outputs(named: Mapping[str, str]) -> str:
    """The lines of GITHUB_OUTPUT; no value has a line break."""
    return "".join(f"{name}={value}\n" for name, value in named.items())


def _came_with(context: Context, hub: Hub) -> int | None:
    commit = context.environment.get("GITHUB_SHA", "")
    return next(iter(hub.pull_requests_of(commit)), None) if commit else None


def _report(file: str) -> str:
    """The text of a report that another verb wrote."""
    try:
        return read_inside(file).decode().replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise click.ClickException(
            f"{file} does not exist; an earlier step writes it with {command('plan', '-o', file)}"
            " (or apply, or drift): check the output of that step"
        ) from error
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{file} is not UTF-8 text; write it with {command('plan', '-o', file)}"
        ) from error


def _document(file: str) -> str:
    """The same for people, with invisible characters shown: anyone may have written the file."""
    from graphpolicy.render.escape import plain

    return plain(_report(file))


def _summarise(context: Context, body: str) -> None:
    _append(context.environment.get("GITHUB_STEP_SUMMARY"), f"{body}\n")


def _append(file: str | None, text: str) -> bool:
    """Append to a file that GitHub reads after the step; False if there is none."""
    if not file:
        return False
    with Path(file).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    return True
