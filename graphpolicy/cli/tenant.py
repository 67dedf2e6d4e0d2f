"""The verbs that read a tenant and never write to it: plan, drift, pull."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.occasions import allow_option, base_option
from graphpolicy.cli.options import (
    Context,
    all_filled,
    connection_options,
    default_paths,
    format_options,
    from_option,
    paths,
    verb_options,
)
from graphpolicy.cli.plans import plans
from graphpolicy.render import FORMATS

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.model import Finding


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options(*FORMATS)
@base_option
@allow_option
@click.option(
    "--against",
    multiple=True,
    metavar="SNAPSHOT",
    callback=all_filled,
    help="Plan from a file of pull --snapshot, or a folder of them, without credentials.",
)
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit 2 when there are changes.",
)
def plan(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    base: str | None,
    allow: tuple[str, ...],
    against: tuple[str, ...],
    detailed_exitcode: bool,
) -> int:
    """Show what would change in the tenant, and for whom. Never writes."""
    from graphpolicy.verdict import exit_code

    report = plans(
        context,
        "plan",
        path,
        facts=facts,
        format_=format_,
        output=output,
        base=base,
        allow=allow,
        against=against,
    )
    context.console.report(report, format_, output)
    return exit_code(report, detailed=detailed_exitcode)


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options(*FORMATS)
def drift(
    context: Context, path: tuple[str, ...], format_: str, output: tuple[str, ...], *, facts: Facts
) -> int:
    """Find what differs from the files. Never writes; exit 2 when something does."""
    from graphpolicy.verdict import exit_code

    report = plans(context, "drift", path, facts=facts, format_=format_, output=output)
    context.console.report(report, format_, output)
    return exit_code(report)


@click.command()
@click.argument("path", nargs=-1, type=click.Path())
@verb_options
@connection_options
@click.option("-o", "--output", metavar="FILE", help="Write a new file instead of printing.")
@click.option("--snapshot", metavar="FILE", help="Write the raw documents, for dry runs.")
@click.option("--update", is_flag=True, help="Change what differs in the files under PATH.")
@from_option
def pull(
    context: Context,
    path: tuple[str, ...],
    output: str | None,
    snapshot: str | None,
    *,
    update: bool,
    from_: tuple[str, ...],
) -> int:
    """Print the live policy as YAML, or bring files in line with it."""
    if from_ and (update or snapshot):
        raise click.UsageError("--from reads files, not the tenant: no --update, no --snapshot.")
    if update:
        if output or snapshot:
            raise click.UsageError("--update changes files where they are: no -o, no --snapshot.")
        from graphpolicy.cli.update import update_files

        return update_files(context, path or default_paths())
    if path:
        raise click.UsageError("PATH goes with --update; -o FILE writes a new file.")
    import json

    from graphpolicy.commands.pull import pull as pull_policy, take_snapshot
    from graphpolicy.commands.tenants import names_declared_for, own_tenant
    from graphpolicy.model import Failure
    from graphpolicy.snapshot import as_json

    for file in (output, snapshot):
        if file and file != "-" and os.path.lexists(file):
            raise click.ClickException(f"{file} exists and is left as it is; name a new file")
    if from_:
        return _from_saved(context, from_, output or "-")
    tenant = own_tenant(context.tenant, context.environment)
    if snapshot:
        now, names = context.now(), names_declared_for(tenant)
        taken = connected(
            context, lambda session, _say: take_snapshot(session.tenant(tenant), tenant, now, names)
        )
        if isinstance(taken, Failure):
            context.console.problem(taken.message, taken.help)
            return taken.exit_code
        context.console.write_new(snapshot, json.dumps(as_json(taken[0]), indent=2) + "\n", "json")
        if not output:
            _tell(context, taken[1])
            return 0
    pulled = connected(context, lambda session, _say: pull_policy(session.tenant(tenant), tenant))
    if isinstance(pulled, Failure):
        context.console.problem(pulled.message, pulled.help)
        return pulled.exit_code
    context.console.write_new(output or "-", pulled[0])
    _tell(context, pulled[1])
    if output and output != "-":
        context.console.say(f"`graphpolicy plan {output}` finds nothing to change")
    return 0


def _from_saved(context: Context, files: tuple[str, ...], output: str) -> int:
    """Print what files hold of a tenant as YAML. Asks nobody, and needs no credentials."""
    from graphpolicy.commands.pull import from_saved, saved, tenant_of_saved

    raw = saved(files)
    text, notes = from_saved(raw, tenant_of_saved(raw, context.tenant, context.environment))
    context.console.write_new(output, text)
    _tell(context, notes)
    return 0


def _tell(context: Context, notes: Iterable[str]) -> None:
    for note in notes:
        context.console.say(note)


@click.command()
@paths
@verb_options
@connection_options
@click.option(
    "--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True
)
def doctor(context: Context, path: tuple[str, ...], format_: str) -> int:
    """Say who is signed in, what this policy needs, and what is missing."""
    from graphpolicy.commands.doctor import examine_each, exit_code
    from graphpolicy.commands.tenants import own_tenant
    from graphpolicy.disk.home import POLICIES
    from graphpolicy.model import Desired
    from graphpolicy.render.checkups import checkups_json, render_checkups

    def wrong(findings: Sequence[Finding]) -> None:
        context.console.result(checkups_json((), findings), "json")

    if path == (POLICIES,) and not os.path.exists(POLICIES):  # noqa: PTH110 - slow to load
        policies = [Desired("", own_tenant(context.tenant, context.environment), ())]
    else:
        policies = policies_for(context, path, wrong=wrong if format_ == "json" else None)
    checkups = connected(context, lambda session, _say: examine_each(session, policies))
    style = context.console.style(sys.stdout)
    context.console.result(
        checkups_json(checkups) if format_ == "json" else render_checkups(checkups, style), format_
    )
    return exit_code(checkups)
