"""rollout: how far the waves of each rollout are, and opening the next one in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.flags import cache_for as cache_option, completing, filled
from graphpolicy.cli.options import Context, default_paths, tenant_options
from graphpolicy.cli.planning import base_option, keeping, plan_context_of
from graphpolicy.cli.reports import Plans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphpolicy.plan.rollout_changes import RolloutReport, TenantRollouts

SHOW = "show"


class _Rollout(click.Group):
    """`rollout [NAME]` shows; `rollout open NAME` opens."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in ("open", SHOW):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name if cmd_name == "open" else SHOW)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in super().list_commands(ctx) if name != SHOW]


@click.group(cls=_Rollout, subcommand_metavar="[NAME] | open NAME [WAVE]")
def rollout() -> None:
    """Show how far the waves of rollouts are, or open the next one."""


@rollout.command(SHOW, hidden=True)
@click.argument("name", required=False, callback=filled)
@tenant_options("RolloutReport", facts=True)
@base_option
@click.option(
    "--csv",
    "missing",
    metavar="FILE",
    shell_complete=completing("files"),
    callback=filled,
    help="Write the people who have not registered what their wave needs to FILE.",
)
@cache_option
def show(
    context: Context,
    *,
    name: str | None,
    base: str | None,
    missing: str | None,
    cache_for: int | None,
) -> int:
    """Show each wave: open, due, or what it waits for. Never writes to a tenant.

    `graphpolicy rollout NAME` shows one rollout. `graphpolicy rollout open NAME [WAVE]` opens the
    next wave in the tenant's file, and plans.
    """
    from graphpolicy.cli.options import check_places
    from graphpolicy.commands.rollout import show_each
    from graphpolicy.commands.trend import Trend
    from graphpolicy.journal.ledger import ROLLOUTS, Ledger
    from graphpolicy.model.did_you_mean import question
    from graphpolicy.plan.rollout_changes import RolloutReport

    check_places([missing] if missing else [])
    path = default_paths()
    policies = policies_for(
        context, path, wrong=lambda found: RolloutReport((), found), planned=True
    )
    known = sorted({each.name for desired in policies for each in desired.rollouts})
    if name and name not in known:
        near = question(name, known) or f"the files have {', '.join(known) or 'none'}"
        raise click.BadParameter(f"{name!r} is not a rollout: {near}", param_hint="NAME")
    plan_context = plan_context_of(context, (), base, path, policies, count="never")
    report = connected(
        context,
        lambda session, say: show_each(
            keeping(session, cache_for, say),
            policies,
            plan_context,
            Trend(Ledger(context.state_dir, context.now, {}, ROLLOUTS), context.console.warn),
            only=name or "",
            named=missing is not None,
        ),
        policies,
    )
    if missing:
        _write(context, report, missing)
    return context.console.answer(report)


def _write(context: Context, report: RolloutReport, file: str) -> None:
    """Write who is missing, readable by its owner alone."""
    from graphpolicy.disk.output_files import write_file
    from graphpolicy.model import Failure
    from graphpolicy.plan.rollout_changes import MissingPeople
    from graphpolicy.render import Style, render

    found = tuple(item for item in report.items if not isinstance(item, Failure))
    write_file(file, render(MissingPeople(found), "csv", Style()), private=True)
    count = sum(
        len(wave.missing) for item in found for each in item.rollouts for wave in each.waves
    )
    context.console.say(f"{file}: {count:,} {'person' if count == 1 else 'people'}")
    for rollout_, wave in _not_listed(found):
        context.console.warn(
            f"{file} lists nobody from the wave {wave!r} of the rollout {rollout_!r}, because it "
            "is not known who has registered what the wave needs"
        )


def _not_listed(found: Iterable[TenantRollouts]) -> Iterator[tuple[str, str]]:
    """The rollouts and waves whose missing people are not known."""
    from graphpolicy.model import WavePeople

    for each in (each for item in found for each in item.rollouts):
        for state in each.waves:
            known = isinstance(state.people, WavePeople) and state.people.registered is not None
            if state.wave.registered and not known:
                yield each.rollout.name, state.wave.name


@rollout.command("open")
@click.argument("name", callback=filled)
@click.argument("wave", required=False, callback=filled)
@tenant_options("Report", facts=True)
@base_option
@cache_option
def open_(
    context: Context, *, name: str, wave: str | None, base: str | None, cache_for: int | None
) -> int:
    """Open the next wave in the tenant's file, and plan. Nothing is written to a tenant."""
    from graphpolicy.commands.rollout_open import open_wave

    path = default_paths()
    policies = policies_for(context, path, planned=True)
    if len(policies) > 1:
        names = ", ".join(desired.tenant.name for desired in policies)
        raise click.UsageError(f"the files have several tenants: give --tenant, one of {names}.")
    [desired] = policies
    opened = open_wave(desired, name, wave)
    context.console.say(f"{desired.file}: rollouts.{name}.open is now {opened}")
    return Plans(context, "plan", (desired.file,), base=base, cache_for=cache_for).show()
