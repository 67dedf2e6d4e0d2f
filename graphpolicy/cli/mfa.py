"""mfa: what people have registered, and requiring them to register anew."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.desk import counter
from graphpolicy.cli.options import Context, connection_options, format_options, verb_options
from graphpolicy.cli.whom import Everybody, everybody

if TYPE_CHECKING:
    from graphpolicy.commands.desk import Desk
    from graphpolicy.helpdesk.outcomes import Registration


@click.group()
def mfa() -> None:
    """What people have registered to sign in with: list, reset."""


@mfa.command("list")
@verb_options
@connection_options
@format_options("text", "json")
@everybody
def list_(context: Context, format_: str, output: tuple[str, ...], **whom: str | None) -> int:
    """Show what people have registered, and what today's policy lets them use.

    USER is a user principal name or an object id. Numbers and addresses are masked.
    """
    from graphpolicy.commands.registrations import registrations, registrations_code
    from graphpolicy.render.registrations import registered, registered_json

    meant = Everybody(**whom)

    async def run(desk: Desk) -> list[Registration]:
        return await registrations(desk, await meant.people(desk))

    place = counter(context, "mfa list")
    found = place.run(run)
    console = context.console

    def show(format_: str, style: Any) -> str:
        text = registered_json(found, place.tenant) if format_ == "json" else ""
        return text or registered(found, style)

    console.deliver(show, format_, output, console.style(sys.stdout))
    for each in found:
        if each.error:
            console.problem(each.error, each.help)
    return registrations_code(found)
