"""login: sign in as a person, and keep it for later commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected
from graphpolicy.cli.flags import Choice
from graphpolicy.cli.options import Context, tenant_options
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.cli.progress import Progress
    from graphpolicy.graph.failures import SignInError
    from graphpolicy.graph.session import Session

PERSONAL = ("auto", "browser", "device-code")
COMMANDS = {
    **{verb: (verb,) for verb in ("plan", "apply", "drift", "impact")},
    "tap": ("tap", "issue"),
    "mfa": ("mfa", "reset"),
}


@click.command()
@click.option(
    "--for",
    "verb",
    type=Choice(tuple(COMMANDS)),
    default="plan",
    show_default=True,
    help="Ask for the permissions that this verb needs.",
)
@tenant_options()
def login(context: Context, verb: str) -> int:
    """Sign in as a person, for this and later commands.

    It opens the browser, or with --auth device-code shows a code to enter on another device. The
    tokens are kept in the operating system's protected store, never in a plain file. Commands that
    need more permissions ask again by themselves.
    """
    from graphpolicy.commands.login import SignedIn, log_in_to_each, who_signs_in
    from graphpolicy.graph.variables import in_pipeline
    from graphpolicy.model.errors import UsageError

    if context.auth not in PERSONAL:
        raise click.UsageError(f"--auth {context.auth} does not sign in a person; leave it out.")
    if context.environment.get("GRAPHPOLICY_ACCESS_TOKEN"):
        raise UsageError(
            "GRAPHPOLICY_ACCESS_TOKEN is set, so every command uses that token",
            "unset it to sign in as a person",
        )
    if in_pipeline(context.environment):
        raise UsageError(
            "a person's sign-in is not kept in a pipeline",
            "let the job sign in as an app: see --auth github and --auth azure-pipelines",
        )
    wanted = who_signs_in(context.tenants, context.environment)
    context = replace(context, auth="browser" if context.auth == "auto" else context.auth)

    tenants = [each.tenant for each in wanted]

    async def run(session: Session, _say: Progress) -> list[SignedIn | SignInError]:
        return await log_in_to_each(session, tenants)

    code: int = Exit.DONE
    found = connected(context, run, wanted, command=COMMANDS[verb])
    for tenant, each in zip(tenants, found, strict=True):
        if isinstance(each, SignedIn):
            context.console.result(f"signed in to {each.tenant} as {each.person}, {each.kept}\n")
        else:
            context.console.problem(f"{tenant.title}: {each.text}", each.help)
            code = each.exit_code
    return code
