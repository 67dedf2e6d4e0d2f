"""What people have registered: text for a person, JSON for scripts, CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graphpolicy.helpdesk.outcomes import MethodList, PersonMethods
from graphpolicy.helpdesk.person import person_json
from graphpolicy.helpdesk.registered_methods import RegisteredMethod, usable
from graphpolicy.model import Json
from graphpolicy.people.access import Allowed
from graphpolicy.render import Style
from graphpolicy.render.blocks import Block, Gap, Heading, Items, Table
from graphpolicy.render.tap import about

HEAD = ("METHOD", "WHICH", "ALLOWED", "BECAUSE")
COLUMNS = (
    "userPrincipalName",
    "id",
    "displayName",
    "method",
    "which",
    "default",
    "allowed",
    "because",
    "use",
    "usable",
    "createdDateTime",
    "error",
)
YES = {True: "yes", False: "no"}
ALLOWED = {True: "yes", False: "no", None: "unknown"}


def blocks(result: MethodList, style: Style) -> Iterator[Block]:
    """Each person with a table of what they have, and how they could sign in."""
    for number, each in enumerate(result.people):
        if number:
            yield Gap()
        yield Heading(each.person.label if each.person else each.user)
        if each.error:
            yield Items(["not read"])
            continue
        rows = [
            (
                f"{method.label}{' (default)' if each.preference.serves(method) else ''}",
                method.detail or _pass_state(method),
                ALLOWED[may.yes],
                may.why,
            )
            for method, may in each.methods
        ]
        yield Table(HEAD, rows, inset=2) if rows else Items(["nothing is registered"])
        yield Items(list(_ways(each)))


def _ways(one: PersonMethods) -> Iterator[str]:
    """How somebody could sign in today, in sentences."""
    alone, second = _by_use(one.methods, "alone"), _by_use(one.methods, "second")
    if alone:
        yield f"signs in without the password: {', '.join(alone)}"
    if second:
        yield f"signs in with the password and: {', '.join(second)}"
    if not alone and not second:
        yield (
            "signs in with the password only; if sign-in requires more, the person is asked to "
            "register"
        )
    if not one.preference.known:
        yield "the default is not known: Graph does not return it here"
    elif one.preference.value and one.preference.ignored:
        yield (
            "system-preferred multifactor authentication is on and takes precedence over the "
            "default"
        )


def _by_use(methods: Iterable[tuple[RegisteredMethod, Allowed]], use: str) -> list[str]:
    found = [method.label for method, may in methods if method.use == use and usable(method, may)]
    return list(dict.fromkeys(found))


def _pass_state(method: RegisteredMethod) -> str:
    return method.access_pass.state if method.access_pass else ""


def document(result: MethodList, style: Style) -> Json:
    """Everybody with what they have; numbers and addresses are masked here, too."""
    users = [
        {
            **(person_json(each.person) if each.person else {"userPrincipalName": each.user}),
            "methods": None if each.error else [_method(each, *one) for one in each.methods],
            "default": (each.preference.value or None),
            "defaultIsKnown": each.preference.known,
            "systemPreferred": each.preference.ignored,
            "signsIn": {use: _by_use(each.methods, use) for use in ("alone", "second")},
            "error": each.error or None,
        }
        for each in result.people
    ]
    return about(result.tenant, users=users)


def table(result: MethodList, style: Style) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """A row for each method; people without one, or who could not be read, have a row, too."""
    return COLUMNS, (row for each in result.people for row in _lines(each))


def _lines(one: PersonMethods) -> Iterator[tuple[str, ...]]:
    who = one.person
    head = (who.name, who.id, who.display_name) if who else (one.user, "", "")
    if one.error or not one.methods:
        yield (*head, "" if one.error else "nothing is registered", *[""] * 7, one.error)
        return
    for method, may in one.methods:
        yield (
            *head,
            method.label,
            method.detail or _pass_state(method),
            YES[one.preference.serves(method)] if one.preference.known else "unknown",
            ALLOWED[may.yes],
            may.why,
            method.use,
            YES[usable(method, may)],
            method.created,
            "",
        )


def _method(one: PersonMethods, method: RegisteredMethod, may: Allowed) -> dict[str, Json]:
    return {
        **method_json(method),
        "default": one.preference.serves(method),
        "allowed": may.yes,
        "because": may.why,
        "use": method.use,
        "usable": usable(method, may),
    }


def method_json(method: RegisteredMethod) -> dict[str, Json]:
    """What is registered, as JSON names it."""
    return {
        "@odata.type": method.type,
        "id": method.id,
        "label": method.label,
        "detail": method.detail or _pass_state(method) or None,
        "createdDateTime": method.created or None,
    }
