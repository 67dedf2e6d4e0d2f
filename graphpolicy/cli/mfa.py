"""mfa: list the methods that people have registered, and require re-registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli import user_selection as people
from graphpolicy.cli.helpdesk import HelpdeskContext, TerminalPrompter
from graphpolicy.cli.options import Context, tenant_options
from graphpolicy.cli.signals import STOPPING
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.render import WRITERS

if TYPE_CHECKING:
    from graphpolicy.commands.helpdesk_session import HelpdeskSession
    from graphpolicy.commands.mfa_reset import BulkOptions
    from graphpolicy.helpdesk.reset import Reset, ResetOptions, Resets


@click.group()
def mfa() -> None:
    """List or reset the sign-in methods that people have registered."""


@mfa.command("list")
@tenant_options("MethodList")
@people.user_selection
def list_(context: Context, **selection: str | None) -> int:
    """Show what people have registered, and which methods the live policy allows them.

    USER is a user principal name or an object ID. Phone numbers and addresses are masked.
    """
    from graphpolicy.commands.mfa_list import registrations
    from graphpolicy.helpdesk.outcomes import MethodList

    return people.show_list(context, "mfa list", selection, registrations, MethodList)


@mfa.command()
@tenant_options("ResetOne", "ResetMany")
@people.user_selection
@people.acting
@people.house_rules
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
@people.timeout_option("Seconds to wait until the directory shows the result.")
def reset(
    context: Context,
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
    **selection: str | None,
) -> int:
    """Require re-registration: delete people's methods, and revoke their sessions.

    USER is a user principal name or an object ID. The password stays. Run it again to finish an
    interrupted reset.
    """
    from graphpolicy.commands.mfa_reset import BulkOptions
    from graphpolicy.helpdesk.reset import ResetOptions

    meant = people.UserSelection(**selection)
    if not meant.many and not context.console.formats <= {*WRITERS["ResetOne"]}:
        raise click.UsageError("CSV is only for --group and --from.")
    place = HelpdeskContext.of(
        context, "mfa reset", reason, verify_timeout, without=without_house_rules
    )
    wish = ResetOptions(not keep_passes, not keep_sessions, dry_run)
    run = _Resetting(place, meant, wish, TerminalPrompter(place, auto_approve=auto_approve))
    with STOPPING.held("run the same command again to finish the reset"):
        return run.many(BulkOptions(at_once, again)) if meant.many else run.one()


@dataclass(frozen=True, slots=True)
class _Resetting:
    """A reset as it was requested: for which people, with which options, and who approves it."""

    place: HelpdeskContext
    meant: people.UserSelection
    wish: ResetOptions
    asking: TerminalPrompter

    def one(self) -> int:
        from graphpolicy.cli.tap import show_trouble
        from graphpolicy.commands.mfa_reset import reset as reset_person
        from graphpolicy.helpdesk.reset import ResetOne

        user = str(self.meant.named[0])

        async def run(desk: HelpdeskSession) -> Reset:
            return await reset_person(desk, user, self.wish, self.asking.reset)

        result = self.place.run(run, self.asking)
        shown = ResetOne(self.place.tenant, result, self.next_command(result))
        code = self.place.context.console.answer(shown, told=True, done=True)
        show_trouble(self.place.context, result)
        return code

    def next_command(self, result: Reset) -> str:
        """The command to continue with, for the same tenant and reason; '' if there is none."""
        user = result.person.name
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
        return self.place.command(*words, acting=result.next != "list")

    def many(self, bulk: BulkOptions) -> int:
        from graphpolicy.commands.mfa_reset import reset_many
        from graphpolicy.helpdesk.reset import ResetMany, nobody

        async def run(desk: HelpdeskSession) -> Resets:
            people = await self.meant.people(desk)
            if not people:
                return nobody(self.meant.empty)
            return await reset_many(desk, people, self.wish, self.asking.reset_many, bulk)

        found = self.place.run(run, self.asking)
        console = self.place.context.console
        result = ResetMany(self.place.tenant, found)
        code = console.answer(result, told=True, done=True)
        if not (console.text_alone or console.files_only):
            console.say(result.verdict)
        if found.error and found.exit_code != Exit.INTERRUPTED:  # the end of the command says that
            console.problem(found.error, found.help)
        return code
