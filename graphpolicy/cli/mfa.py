"""mfa: list the methods that people have registered, and require re-registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.helpdesk import HelpdeskContext, Prompter, helpdesk_context
from graphpolicy.cli.options import Context, connection_options, format_options, verb_options
from graphpolicy.cli.signals import STOPPING
from graphpolicy.cli.user_selection import UserSelection, acting, house_rules, user_selection
from graphpolicy.model.command import joined
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.render import WRITERS, output_format

if TYPE_CHECKING:
    from graphpolicy.commands.helpdesk_session import HelpdeskSession
    from graphpolicy.commands.mfa_reset_many import Bulk
    from graphpolicy.helpdesk.outcomes import Registration
    from graphpolicy.helpdesk.reset import Reset, Resets, Wish


@click.group()
def mfa() -> None:
    """List or reset the sign-in methods that people have registered."""


@mfa.command("list")
@verb_options
@connection_options
@format_options("MethodList")
@user_selection
def list_(context: Context, format_: str, output: tuple[str, ...], **whom: str | None) -> int:
    """Show what people have registered, and which methods the live policy allows them.

    USER is a user principal name or an object ID. Phone numbers and addresses are masked.
    """
    from graphpolicy.commands.mfa_list import registrations, registrations_code
    from graphpolicy.helpdesk.outcomes import MethodList

    meant = UserSelection(**whom)

    async def run(desk: HelpdeskSession) -> list[Registration]:
        return await registrations(desk, await meant.people(desk))

    place = helpdesk_context(context, "mfa list")
    found = place.run(run)
    console = context.console

    console.show(MethodList(place.tenant, tuple(found)), format_, output)
    for each in found:
        if each.error:
            console.problem(each.error, each.help)
    if meant.empty:
        console.warn(f"{meant.empty}: there is nobody to list")
    return registrations_code(found)


@mfa.command()
@verb_options
@connection_options
@format_options("ResetOne", "ResetMany")
@user_selection
@acting
@house_rules
@click.option(
    "--keep-passes/--remove-passes",
    default=False,
    help="Keep a Temporary Access Pass, or delete it too; default: delete.",
)
@click.option("--keep-sessions", is_flag=True, help="Do not revoke sign-in sessions.")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted; change nothing.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 16),
    default=4,
    show_default=True,
    metavar="N",
    help="How many people to reset at the same time.",
)
@click.option("--again", is_flag=True, help="Include people that an interrupted run already reset.")
@click.option(
    "--verify-timeout",
    type=click.FloatRange(0, 600),
    default=30.0,
    show_default=True,
    help="Seconds to wait until the directory shows the result.",
)
def reset(
    context: Context,
    format_: str,
    output: tuple[str, ...],
    *,
    reason: str,
    auto_approve: bool,
    keep_passes: bool,
    keep_sessions: bool,
    dry_run: bool,
    at_once: int,
    again: bool,
    verify_timeout: float,
    without_house_rules: bool,
    **whom: str | None,
) -> int:
    """Require re-registration: delete people's methods, and revoke their sessions.

    USER is a user principal name or an object ID. The password stays. Run it again to finish an
    interrupted reset.
    """
    from graphpolicy.commands.mfa_reset_many import Bulk
    from graphpolicy.helpdesk.reset import Wish

    meant = UserSelection(**whom)
    if not meant.many and not {format_, *map(output_format, output)} <= {*WRITERS["ResetOne"]}:
        raise click.UsageError("CSV is only for --group and --from.")
    place = helpdesk_context(
        context, "mfa reset", reason, verify_timeout, without=without_house_rules
    )
    wish = Wish(not keep_passes, not keep_sessions, dry_run)
    asking = Prompter(context, place.tenant, format_, auto_approve=auto_approve)
    run = _Resetting(context, place, meant, wish, asking)
    with STOPPING.held("run the same command again to finish the reset"):
        if not meant.many:
            return run.one(format_, output)
        return run.many(Bulk(at_once, again), format_, output)


@dataclass(frozen=True, slots=True)
class _Resetting:
    """A reset as it was requested: of whom, with which options, and who approves it."""

    context: Context
    place: HelpdeskContext
    meant: UserSelection
    wish: Wish
    asking: Prompter

    def one(self, format_: str, output: tuple[str, ...]) -> int:
        from graphpolicy.cli.tap import show_trouble
        from graphpolicy.commands.mfa_reset import reset as reset_person
        from graphpolicy.helpdesk.reset import ResetOne

        user = str(self.meant.named[0])

        async def run(desk: HelpdeskSession) -> Reset:
            return await reset_person(desk, user, self.wish, self.asking)

        result = self.place.run(run, self.asking)
        console, tenant = self.context.console, self.place.tenant
        next_ = self.next_command(result)

        failed = console.show(ResetOne(tenant, result, next_), format_, output, done=True)
        show_trouble(self.context, result)
        return result.exit_code or failed

    def next_command(self, result: Reset) -> str:
        """The command to continue with, for the same tenant and reason; '' if there is none."""
        user, reason = result.person.name, self.place.reason
        words = {
            "": [],
            "reset": ["mfa", "reset", user],
            "pass": ["tap", "issue", user],
            "list": ["mfa", "list", user],
        }[result.next]
        if not words:
            return ""
        if result.next == "reset":
            words += [] if self.wish.passes else ["--keep-passes"]
            words += [] if self.wish.sessions else ["--keep-sessions"]
        if result.next != "list":
            words += ["--reason", reason] if reason else []
            words += self.place.flags
        words += ["--tenant", self.context.tenant] if self.context.tenant else []
        words += self.context.console.common
        return joined(["graphpolicy", *words])

    def many(self, bulk: Bulk, format_: str, output: tuple[str, ...]) -> int:
        from graphpolicy.commands.mfa_reset_many import reset_many
        from graphpolicy.helpdesk.reset import ResetMany, nobody
        from graphpolicy.render.mfa_reset import counts

        async def run(desk: HelpdeskSession) -> Resets:
            people = await self.meant.people(desk)
            if not people:
                return nobody(self.meant.empty)
            return await reset_many(desk, people, self.wish, self.asking, bulk)

        found = self.place.run(run, self.asking)
        console, tenant = self.context.console, self.place.tenant

        failed = console.show(ResetMany(tenant, found), format_, output, done=True)
        if format_ != "text" or output:
            console.say(counts(found))
        if found.error and found.exit_code != Exit.INTERRUPTED:  # the end of the command says that
            console.problem(found.error, found.help)
        return found.exit_code or failed
