"""mfa list: the sign-in methods that people have registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from graphpolicy.commands.helpdesk_session import HelpdeskSession
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.methods import read_registered
from graphpolicy.graph.users import belonging
from graphpolicy.helpdesk.outcomes import PersonMethods
from graphpolicy.helpdesk.person import Memberships, Person
from graphpolicy.helpdesk.registered_methods import (
    Configurations,
    allowed,
    asks_belonging,
    configurations,
)


async def registrations(
    desk: HelpdeskSession, users: Sequence[str | Person]
) -> list[PersonMethods]:
    """The registered methods of these people, in order.

    A person that can't be read has an error instead.
    """
    policy = configurations(await desk.policies())
    return await desk.each(users, partial(_registration, desk, policy))


async def _registration(
    desk: HelpdeskSession, policy: Configurations, user: str | Person
) -> PersonMethods:
    nothing = PersonMethods(user if isinstance(user, str) else user.name, None)
    try:
        person = await desk.person(user) if isinstance(user, str) else user
        nothing = replace(nothing, person=person)
        methods, preference = await read_registered(desk.graph, person)
        belongs = (
            await _belonging(desk, person) if asks_belonging(methods, policy) else Memberships()
        )
    except GraphError as failure:
        return replace(nothing, error=failure.text, help=failure.help, exit_code=failure.exit_code)
    judged = tuple((each, allowed(each, policy, person, belongs)) for each in methods)
    return replace(nothing, methods=judged, preference=preference)


async def _belonging(desk: HelpdeskSession, person: Person) -> Memberships | None:
    """A person's groups and roles; None if the sign-in may not read them."""
    try:
        return await belonging(desk.graph, person)
    except GraphError as failure:
        if failure.status != 403:
            raise
        return None
