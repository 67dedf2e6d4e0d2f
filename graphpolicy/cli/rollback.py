"""rollback: undo a recorded run, or go back to a snapshot."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.flags import completing, filled, recorded_run
from graphpolicy.cli.options import Context, tenant_options
from graphpolicy.cli.planning import plan_context_of
from graphpolicy.cli.writing import write_with, writing_options
from graphpolicy.compare.audit_events import moment

if TYPE_CHECKING:
    from graphpolicy.commands.runner import WriteOptions
    from graphpolicy.graph.session import Session
    from graphpolicy.journal.run import Run
    from graphpolicy.model import Json
    from graphpolicy.plan.verdict import Report


@click.command()
@recorded_run
@tenant_options("Report", facts=True)
@writing_options
@click.option(
    "--to",
    "snapshot",
    metavar="SNAPSHOT",
    shell_complete=completing("files"),
    callback=filled,
    help="Restore a snapshot instead of undoing a run.",
)
@click.option("--override", is_flag=True, help="Also undo what was changed since the run.")
def rollback(
    context: Context,
    run: str | None,
    *,
    snapshot: str | None,
    override: bool,
    allow: tuple[str, ...],
    **flags: Any,
) -> int:
    """Undo a recorded run, by default the last one."""
    from graphpolicy.commands.rollback import around, own_policy, restore, rollback as undo
    from graphpolicy.journal.folder import applied_file, check_records, find

    if run and snapshot:
        raise click.UsageError("give a run or --to SNAPSHOT, not both.")
    check_records(context.state_dir)
    plan_context = plan_context_of(context, allow, count="taking")
    if snapshot:
        from graphpolicy.commands.plan_from_snapshot import read_snapshot

        before = read_snapshot(snapshot)
        if not before.tenant.is_called(context.tenant):
            raise click.UsageError(f"{snapshot} is of {before.tenant.name}, not {context.tenant}.")
        tenant, file, own = before.tenant, snapshot, own_policy(before.tenant)

        def write(session: Session, writing: WriteOptions) -> Coroutine[Any, Any, Report]:
            return restore(session, before, around(tenant, file, own), writing, plan_context)

        consent: Json = {"to": snapshot}
    else:
        recorded = find(context.state_dir, run, context.tenant)
        tenant, file = recorded.tenant, recorded.folder
        own = own_policy(tenant, applied_file(recorded))

        def write(session: Session, writing: WriteOptions) -> Coroutine[Any, Any, Report]:
            return undo(
                session,
                recorded,
                around(tenant, file, own),
                writing,
                override=override,
                plan_context=plan_context,
                own=own,
            )

        consent = {"rolls_back": recorded.name, "override": override}
        context.console.say(_undoes(recorded, named=bool(run)))
    if own is None:
        context.console.say(
            f"note: there is no policy file of {tenant.name} here, so its emergency accounts, "
            "raised guards and freeze are not known"
        )
    return write_with(
        context,
        write,
        verb="rollback",
        consent={**consent, "allow": list(allow)},
        given=False,
        policies=(own,) if own else (),
        see=("plan", *((own.file,) if own else ()), *context.console.common),
        **flags,
    )


def _undoes(run: Run, *, named: bool) -> str:
    """Which run a rollback undoes; if that was a rollback, also what is done again."""
    begun = run.begun
    text = f"undoing run {run.name} ({begun['verb']}, {moment(begun['at'])})"
    undone = begun.get("consent", {}).get("rolls_back")
    if begun["verb"] != "rollback" or not undone:
        return text
    text += f", which undid run {undone}: this repeats what run {undone} did"
    return text if named else f"{text}; `graphpolicy history` lists earlier runs to undo by name"
