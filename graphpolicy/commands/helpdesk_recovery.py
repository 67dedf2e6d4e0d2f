"""Deletions that a killed process left open: they were sent, and have no end in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graphpolicy.commands.helpdesk_session import HelpdeskSession
from graphpolicy.commands.mfa_reset import BY_READING, SETTLING
from graphpolicy.graph.errors import GraphError
from graphpolicy.graph.methods import read_methods
from graphpolicy.graph.read import together
from graphpolicy.helpdesk.methods import Method
from graphpolicy.helpdesk.person import Person, person_json
from graphpolicy.helpdesk.reset import Open, unsettled
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger, entries
from graphpolicy.plan.verdict import number

AT_ONCE = 16
"""People read at the same time: a reset of many leaves no more open than it works on at once."""


async def settle(desk: HelpdeskSession) -> None:
    """Read how each open deletion ended and write it to the journal.

    A failure is a warning: it must not stop the command that was asked for.
    """
    try:
        left = unsettled(entries(desk.state_dir), desk.tenant.id)
        if not left:
            return
        ledger = desk.ledger(await desk.actor())
        people = list(dict.fromkeys(each.person for each in left))
        for start in range(0, len(people), AT_ONCE):
            await together(
                _settled(desk, ledger, person, [each for each in left if each.person == person])
                for person in people[start : start + AT_ONCE]
            )
    except RunError as failure:
        desk.say(f"warning: {failure.text}")


async def _settled(
    desk: HelpdeskSession, ledger: Ledger, person: Person, left: Sequence[Open]
) -> None:
    try:
        shown = await _shown(desk, person, left)
    except GraphError as failure:
        desk.say(
            f"warning: it is not known yet how {number(len(left), 'deletion')} for "
            f"{person.label}, sent at {left[0].at}, ended: {failure.text}"
        )
        return
    for each in left:
        gone = not each.listed(shown)
        desk.say(
            f"{person.label}: the deletion that was interrupted at {each.at} "
            f"{'took effect' if gone else 'did not take effect'}; it is in the journal now"
        )
        ledger.add(
            "deleted" if gone else "not_deleted",
            user=person_json(person),
            method=dict(each.method),
            found=BY_READING,
            sent={"at": each.at, "by": each.by or None},
        )


async def _shown(desk: HelpdeskSession, person: Person, left: Sequence[Open]) -> Sequence[Method]:
    """The methods that are listed, read again for a while if an open deletion does not show."""
    shown: Sequence[Method] = ()
    async for _ in replace(desk.pace, verify_timeout=SETTLING).looks(lambda _: None):
        try:
            shown = await read_methods(desk.graph, person)
        except GraphError as failure:
            if failure.status != 404:
                raise
            return ()  # the user was deleted, and their methods too
        if not any(each.listed(shown) for each in left):
            break
    return shown
