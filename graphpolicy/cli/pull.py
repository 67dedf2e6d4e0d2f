"""pull: the live policy as YAML, as raw documents, or as changes to the files."""

from __future__ import annotations

import os
from collections.abc import Iterable

import click

from graphpolicy.cli.connect import connected
from graphpolicy.cli.options import (
    Context,
    connection_options,
    default_paths,
    from_option,
    verb_options,
)
from graphpolicy.model.command import command


@click.command()
@click.argument("path", nargs=-1, type=click.Path())
@verb_options
@connection_options
@click.option("-o", "--output", metavar="FILE", help="Write a new file instead of printing.")
@click.option("--snapshot", metavar="FILE", help="Write Graph's raw documents, for plan --against.")
@click.option("--update", is_flag=True, help="Change the files under PATH where they differ.")
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
    """Print the live policy as YAML, or update files to match it.

    PATH is for --update: policy files or folders of them; the default is policies/.
    """
    if from_ and (update or snapshot):
        raise click.UsageError(
            "--from reads files, not the tenant: leave out --update and --snapshot."
        )
    if update:
        if output or snapshot:
            raise click.UsageError("--update changes files in place: leave out -o and --snapshot.")
        from graphpolicy.cli.pull_update import update_files

        return update_files(context, path or default_paths())
    if path:
        raise click.UsageError("PATH is only for --update; -o FILE writes a new file.")
    import json

    from graphpolicy.commands.pull import pull as pull_policy, take_snapshot
    from graphpolicy.commands.tenants import names_declared_for, own_tenant
    from graphpolicy.journal.snapshot import as_json
    from graphpolicy.model import Failure

    for file in (output, snapshot):
        if file and file != "-" and os.path.lexists(file):
            raise click.ClickException(f"{file} already exists; name a new file")
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
        context.console.say(f"{command('plan', output)} finds nothing to change")
    return 0


def _from_saved(context: Context, files: tuple[str, ...], output: str) -> int:
    """Print saved responses as YAML, without a connection."""
    from graphpolicy.commands.pull import from_saved, saved, tenant_of_saved

    raw = saved(files)
    text, notes = from_saved(raw, tenant_of_saved(raw, context.tenant, context.environment))
    context.console.write_new(output, text)
    _tell(context, notes)
    return 0


def _tell(context: Context, notes: Iterable[str]) -> None:
    for note in notes:
        context.console.say(note)
