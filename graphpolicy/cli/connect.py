"""Shared by the verbs that read a tenant: their policies, and the connection to Graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from graphpolicy.cli.options import Context
from graphpolicy.cli.signals import STOPPING
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.cli.progress import Progress
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Desired, Failure, Finding, Tenant
    from graphpolicy.model.planned import VerbResult
    from graphpolicy.rollouts.rings import Ring

T = TypeVar("T")

WrongFiles: TypeAlias = "Callable[[tuple[Finding, ...]], VerbResult]"
"""Makes a verb's own result from the findings of files with errors."""


def policies_for(
    context: Context,
    path: tuple[str, ...],
    *,
    wrong: WrongFiles | None = None,
    planned: bool = False,
) -> list[Desired]:
    """The policies of the files: those of `--tenant`, or all that have a tenant.

    See `policies_of_rings`.
    """
    return policies_of_rings(context, path, (), wrong=wrong, planned=planned)[0]


def policies_of_rings(
    context: Context,
    path: tuple[str, ...],
    rings: Collection[Ring],
    *,
    wrong: WrongFiles | None = None,
    planned: bool = False,
) -> tuple[list[Desired], tuple[Tenant, ...]]:
    """The policies of `--tenant` and of `rings`, ring by ring; and all tenants of the files.

    `planned` says that the verb shows plans: warnings about a file are in its plan then, and are
    not printed here.

    Raises:
        click.exceptions.Exit: there are none, or they have errors. The errors were printed, and
            written in the requested formats.
    """
    from graphpolicy.cli.progress import waiting
    from graphpolicy.commands.tenants import wanted_policies
    from graphpolicy.plan.verdict import Report
    from graphpolicy.policyfile.assembly import JUDGED_AGAIN
    from graphpolicy.policyfile.load import load
    from graphpolicy.rules.table import RULES

    console = context.console
    with waiting(console, "reading the policy files"):
        policies = load(path, context.facts)
    wanted, findings = wanted_policies(policies, context.tenants, path, rings)
    shown = {found for desired in wanted for found in desired.findings} if planned else ()
    console.tell(
        finding
        for finding in findings
        if finding not in shown
        and not (policies.sound and RULES[finding.rule].kind in JUDGED_AGAIN)
    )
    if wanted:
        return wanted, policies.tenants
    if not policies.sound:
        console.problem("the policy files have errors; nothing was read or written")
    if wrong and not console.text_alone:
        console.show(wrong(tuple(findings)))
    elif not console.text_alone:
        verb = click.get_current_context().info_name or "plan"
        console.report(Report(verb, (), findings=findings))
    raise click.exceptions.Exit(Exit.FAILED)


def unless_failed(context: Context, made: T | Failure) -> T:
    """What was made; a failure is printed and ends the verb."""
    from graphpolicy.model import Failure

    if isinstance(made, Failure):
        context.console.problem(made.message, made.help)
        raise click.exceptions.Exit(made.exit_code)
    return made


def a_person_signs_in(context: Context) -> bool:
    """Whether the sign-in is a person's, by `--auth` or because nothing else is set up."""
    from graphpolicy.graph.connection import asked_for, connection

    if context.auth != "auto":
        return context.auth in ("browser", "device-code")
    if not at_terminal():
        return False
    client_id = context.client_id
    return not asked_for(connection(context.environment, client_id=client_id, terminal=True))


def at_terminal() -> bool:
    """Whether a person is at the terminal and can sign in."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def connected(
    context: Context,
    run: Callable[[Session, Progress], Coroutine[Any, Any, T]],
    policies: Iterable[Desired] = (),
    *,
    people: bool = False,
    command: tuple[str, ...] = (),
    asks: bool = True,
) -> T:
    """Run a verb inside one event loop with one connection to Graph.

    A person signs in with what the verb, or another `command`, needs for these policies; `people`
    says that it counts people. Unless it `asks`, `auto` takes only what is kept or set up.
    """
    import asyncio

    from graphpolicy.cli.progress import progress
    from graphpolicy.graph.connection import NOTHING, chosen, connection
    from graphpolicy.graph.session import open_session
    from graphpolicy.plan.verb_permissions import needed

    verb = command or tuple(click.get_current_context().command_path.split()[1:])
    where = connection(
        context.environment,
        context.auth,
        client_id=context.client_id,
        needs=needed(verb, policies, people=people),
        terminal=asks and at_terminal(),
        keeps=True,
    )
    how = chosen(where)
    if context.console.verbose and how[1] != NOTHING:  # else `auto` chooses at the first request
        context.console.say("signing in with {}, because {}".format(*how))

    async def go() -> T:
        with progress(context.console) as say:

            def trace(line: str) -> None:
                context.console.trace(line)
                say.answered()

            async with open_session(where, say, trace=trace, ask=say.ask) as session:
                with STOPPING.cancelling(asyncio.current_task()):
                    made = await run(session, say)
                taken = session.wire.sign_in.chosen
                if context.console.verbose and how[1] == NOTHING:
                    context.console.say("used {} to sign in, because {}".format(*taken))
                return made

    try:
        return asyncio.run(go())
    except asyncio.CancelledError:
        STOPPING.stop_if_asked()
        raise
