"""tap list: the passes that people have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from graphpolicy.commands.helpdesk_session import HelpdeskSession
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.methods import read_passes
from graphpolicy.helpdesk.outcomes import PersonPasses
from graphpolicy.helpdesk.person import Person


async def holdings(desk: HelpdeskSession, users: Sequence[str | Person]) -> list[PersonPasses]:
    """The passes of these people, in order; a person that can't be read has an error instead."""
    return await desk.each(users, partial(_holding, desk))


async def _holding(desk: HelpdeskSession, user: str | Person) -> PersonPasses:
    nothing = PersonPasses(user if isinstance(user, str) else user.name, None)
    try:
        person = await desk.person(user) if isinstance(user, str) else user
        nothing = replace(nothing, person=person)
        return replace(nothing, passes=await read_passes(desk.graph, person))
    except GraphError as failure:
        return replace(nothing, error=failure.text, help=failure.help, exit_code=failure.exit_code)
