"""pull: the live policy as YAML, as raw documents, or as changes to the files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from graphpolicy.cli.connect import a_person_signs_in, connected, policies_for, unless_failed
from graphpolicy.cli.flags import completing
from graphpolicy.cli.options import (
    Context,
    check_places,
    default_paths,
    from_option,
    tenant_options,
)
from graphpolicy.model.command import command
from graphpolicy.model.errors import Exit, GraphPolicyError

if TYPE_CHECKING:
    from graphpolicy.commands.kept_snapshot import RenewedSnapshot
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Failure
    from graphpolicy.policyfile.update import Update

    Snapshots: TypeAlias = Mapping[str, RenewedSnapshot | Failure | None]


@click.command()
@click.argument("path", nargs=-1, type=click.Path())
@tenant_options()
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    shell_complete=completing("files"),
    help="Write a new file instead of printing.",
)
@click.option(
    "--snapshot",
    metavar="FILE",
    shell_complete=completing("files"),
    help="Write Graph's raw documents, for plan --against.",
)
@click.option("--update", is_flag=True, help="Change the files under PATH where they differ.")
@from_option
def pull(
    context: Context,
    path: tuple[str, ...],
    file: str | None,
    snapshot: str | None,
    *,
    update: bool,
    from_: tuple[str, ...],
) -> int:
    """Print the live policy as YAML, or update files to match it.

    PATH is for --update: policy files or folders of them; the default is policies/.
    """
    check_places((file,) if file else ())
    if from_ and (update or snapshot):
        raise click.UsageError(
            "--from reads files, not the tenant: leave out --update and --snapshot."
        )
    if update:
        if file or snapshot:
            raise click.UsageError("--update changes files in place: leave out -o and --snapshot.")
        return _update(context, path or default_paths())
    if path:
        raise click.UsageError("PATH is only for --update; -o FILE writes a new file.")
    from graphpolicy.commands.kept_snapshot import SNAPSHOT
    from graphpolicy.commands.pull import pull as pull_policy, take_snapshot
    from graphpolicy.commands.tenants import at_home, names_declared_for, own_tenant
    from graphpolicy.disk.json_text import encoded
    from graphpolicy.journal.snapshot import as_json, stable

    for new in (file, snapshot):
        if new and new != "-" and os.path.lexists(new):
            fix = "name a new file"
            if new == snapshot and new.endswith(SNAPSHOT):
                fix = f"{command('pull', '--update')} brings it up to date"
            raise GraphPolicyError(f"{new} already exists", fix)
    if from_:
        return _from_saved(context, from_, file or "-")
    tenant = own_tenant(context.tenant, context.environment, or_home=a_person_signs_in(context))
    now, names = context.now(), names_declared_for(tenant)

    async def run(session: Session, _say: object) -> tuple[Any, Any]:
        """The snapshot and the policy, as far as they are wanted, by one sign-in."""
        own = await at_home(session, tenant)
        graph = session.tenant(own)
        made = await take_snapshot(graph, own, now, names) if snapshot else None
        return made, await pull_policy(graph, own) if file or not snapshot else None

    made, pulled = connected(context, run)
    if snapshot:
        taken, notes = unless_failed(context, made)
        # One that is kept beside a policy file is read by reviewers, any other by programs alone.
        kept = snapshot.endswith(SNAPSHOT)
        document = stable(taken) if kept else encoded(as_json(taken))
        context.console.write_file(snapshot, document, "json", new=True)
        if not file:
            _tell(context, notes)
            return Exit.DONE
    text, notes = unless_failed(context, pulled)
    context.console.write_file(file or "-", text, new=True)
    _tell(context, notes)
    if file and file != "-":
        context.console.say(f"{command('plan', file)} finds nothing to change")
    return Exit.DONE


def _from_saved(context: Context, files: tuple[str, ...], output: str) -> int:
    """Print saved responses as YAML, without a connection."""
    from graphpolicy.commands.pull import from_saved, saved, tenant_of_saved

    raw = saved(files)
    text, notes = from_saved(raw, tenant_of_saved(raw, context.tenant, context.environment))
    context.console.write_file(output, text, new=True)
    _tell(context, notes)
    return Exit.DONE


def _tell(context: Context, notes: Iterable[str]) -> None:
    for note in notes:
        context.console.say(note)


def _update(context: Context, path: tuple[str, ...]) -> int:
    """Update the files of the wanted tenants; return 1 if something could not be updated."""
    from graphpolicy.commands.kept_snapshot import RenewedSnapshot
    from graphpolicy.commands.pull import renew_each, update_each
    from graphpolicy.model import Failure
    from graphpolicy.model.errors import worst
    from graphpolicy.plan.plan_context import PlanContext
    from graphpolicy.policyfile.files import STDIN
    from graphpolicy.render.pull_update import render_update

    if STDIN in path:
        raise click.UsageError("--update can't change standard input; name the file.")
    console = context.console
    policies = policies_for(context, path)
    plan_context = PlanContext(context.today)
    now = context.now()

    async def run(session: Session, _say: object) -> tuple[list[Update | Failure], Snapshots]:
        updated = await update_each(session, policies, plan_context)
        sound = {one.desired.tenant.id for one in updated if not isinstance(one, Failure)}
        whole = [each for each in policies if each.tenant.id in sound]
        return updated, await renew_each(session, whole, now)

    results, snapshots = connected(context, run, policies)
    codes = []
    for result in results:
        if isinstance(result, Failure):
            console.failed(result)
            codes.append(result.exit_code)
            continue
        console.result(render_update(result))
        match snapshots[result.desired.tenant.id]:
            case RenewedSnapshot(file=file):
                console.result(f"{result.desired.tenant.name}: {file}: brought up to date\n")
            case Failure() as failure:
                console.failed(failure)
                codes.append(failure.exit_code)
        for note in result.notes:
            console.say(f"note: {note}")
        console.tell(result.left)
        codes.append(1 if result.left else 0)
    return worst(codes)
