"""logout: forget the sign-ins of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.graph.kept_sign_ins import SignedInAccount, StoreError


@click.command()
@verb_options
def logout(context: Context) -> int:
    """Forget the sign-ins that are kept.

    Without --tenant it forgets all of them, and their tokens. Entra keeps the sessions: an
    administrator ends those by revoking them.
    """
    from graphpolicy.commands.tenants import own_tenant
    from graphpolicy.graph.kept_sign_ins import forget

    console = context.console
    wanted = [own_tenant(each, context.environment).id for each in context.tenants]
    ids: list[str | None] = [*wanted] or [None]
    gone: list[SignedInAccount] = []
    trouble: StoreError | None = None
    for id_ in ids:
        forgotten, why = forget(id_)
        gone += forgotten
        trouble = trouble or why
    for account in gone:
        console.result(f"forgot the sign-in of {account.username} to {account.tenant}\n")
    if not gone:
        console.result("no sign-in is kept\n")
    if trouble and trouble.tokens:
        console.problem(f"the tokens could not be removed: {trouble}", trouble.help)
        return Exit.FAILED
    return Exit.DONE
