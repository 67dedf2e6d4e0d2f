"""Which people a verb is about (one, a group, a file), and the flags of verbs that act on them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphpolicy.cli.flags import F, bundle, completing, filled
from graphpolicy.cli.helpdesk import HelpdeskContext
from graphpolicy.cli.options import Context
from graphpolicy.model.errors import GraphPolicyError

if TYPE_CHECKING:
    from graphpolicy.commands.helpdesk_session import HelpdeskSession
    from graphpolicy.helpdesk.outcomes import PersonMethods, PersonPasses
    from graphpolicy.helpdesk.person import Person
    from graphpolicy.model import Tenant
    from graphpolicy.model.planned import VerbResult

Row = TypeVar("Row", "PersonPasses", "PersonMethods")

person = click.argument("user", metavar="USER", callback=filled)
house_rules = click.option(
    "--without-house-rules",
    is_flag=True,
    help="Continue if the tenant has no policy file; people with a role are still refused.",
)


def timeout_option(help_: str) -> Callable[[F], F]:
    """`--verify-timeout`, in seconds."""
    seconds = click.FloatRange(0, 600)
    return click.option(
        "--verify-timeout", type=seconds, default=30.0, show_default=True, help=help_
    )


acting = bundle(
    click.option(
        "--reason", default="", metavar="TEXT", help="Why, with the ticket; it is recorded."
    ),
    click.option("--auto-approve", is_flag=True, help="Do not ask for approval (for scripts)."),
)
user_selection = bundle(
    click.argument("user", required=False, metavar="[USER]", callback=filled),
    click.option("--group", metavar="NAME|ID", callback=filled, help="Everyone in a group."),
    click.option(
        "--from",
        "file",
        metavar="FILE",
        shell_complete=completing("files"),
        callback=filled,
        help="Everyone in a file: one per line, or CSV with a column userPrincipalName, user "
        "or id.",
    ),
)
"""USER, --group and --from; the verb makes a `UserSelection` of `user`, `group` and `file`."""


class UserSelection:
    """The people that a verb is about. Those of a group are known once `people` has read it."""

    def __init__(self, user: str | None, group: str | None, file: str | None) -> None:
        if sum(map(bool, (user, group, file))) != 1:
            raise click.UsageError("give exactly one of USER, --group NAME and --from FILE.")
        self.group = group
        self.empty = ""
        self.many = bool(group or file)
        self.named: Sequence[str | Person] = [user] if user else users_in(file) if file else []

    async def people(self, desk: HelpdeskSession) -> Sequence[str | Person]:
        """All of the people, in the order of the file or of their names.

        If a group has none, `empty` says so. A file that names nobody was refused before.
        """
        from graphpolicy.graph.users import members

        if not self.group:
            return self.named
        label, found = await members(desk.graph, self.group)
        self.empty = "" if found else f"{label} has no people in it"
        return found


def show_list(
    context: Context,
    action: str,
    selection: Mapping[str, str | None],
    read: Callable[[HelpdeskSession, Sequence[str | Person]], Coroutine[Any, Any, list[Row]]],
    result: Callable[[Tenant, tuple[Row, ...]], VerbResult],
) -> int:
    """Read and show something about each person; returns the worst exit code."""

    meant = UserSelection(**selection)

    async def run(desk: HelpdeskSession) -> list[Row]:
        return await read(desk, await meant.people(desk))

    place, console = HelpdeskContext.of(context, action), context.console
    found = place.run(run)
    shown = result(place.tenant, tuple(found))
    code = console.answer(shown, told=True)
    for each in found:
        if each.error:
            console.problem(each.error, each.help)
    if meant.empty:
        console.warn(f"{meant.empty}: there is nobody to list")
    return code


def users_in(file: str) -> list[str | Person]:
    """The people in a file, each once: one per line, or a column of a CSV."""
    import csv

    from graphpolicy.disk.folders import read_inside
    from graphpolicy.disk.opening import way_out

    try:
        text = read_inside(file).decode("utf-8-sig")
    except OSError as error:
        text = f"{file}: {error.strerror or type(error).__name__}"
        raise GraphPolicyError(text, way_out(error)) from error
    except UnicodeDecodeError as error:
        raise GraphPolicyError(f"{file}: it is not UTF-8 text", "save it as UTF-8") from error
    lines = text.splitlines()
    parting = max(",;\t", key=(lines or [""])[0].count)  # Excel's separator depends on the country
    rows = [row for row in csv.reader(lines, delimiter=parting) if any(map(str.strip, row))]
    known = ("userprincipalname", "user", "upn", "id")
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    column = next((head.index(name) for name in known if name in head), None)
    if column is None and any(len(row) > 1 for row in rows):
        raise click.UsageError(f"{file}: no column is called userPrincipalName, user or id.")
    names = [
        row[column or 0].strip() for row in rows[column is not None :] if len(row) > (column or 0)
    ]
    found = {name.casefold(): name for name in reversed(names) if name}
    if not found:
        raise click.UsageError(f"{file} names nobody.")
    return list(reversed(found.values()))
