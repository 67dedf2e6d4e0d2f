"""`--facts FILE`: Microsoft's defaults, limits and retirements, and when they were last checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphpolicy.cli.options import Context

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts

F = TypeVar("F", bound=Callable[..., Any])

OLD = 180
"""Days after which some of the facts have probably changed."""


def facts_option(function: F) -> Callable[..., Any]:
    """`--facts`; the verb gets the facts themselves as `facts`."""

    @click.option(
        "--facts",
        "facts_file",
        metavar="FILE",
        help="Override built-in facts: Microsoft's defaults, limits and retirements.",
    )
    @wraps(function)
    def wrapper(context: Context, *arguments: Any, facts_file: str | None, **given: Any) -> Any:
        return function(context, *arguments, facts=_facts(context, facts_file), **given)

    return wrapper


def _facts(context: Context, file: str | None) -> Facts:
    from graphpolicy.catalogue.facts import Facts

    facts = Facts.shipped()
    if file is not None:
        facts = _own(context, file, facts)
    days = age(facts, context.today)
    if days > OLD:
        context.console.say(
            "note: Microsoft's defaults, limits and retirements were last checked on "
            f"{facts.as_of}, {days} days ago; install a newer graphpolicy, or override some of "
            "them with --facts FILE"
        )
    return facts


def age(facts: Facts, today: str) -> int:
    """Days since all facts were last checked; a month without a day counts from its first."""
    return (date.fromisoformat(today) - date.fromisoformat(f"{facts.as_of}-01"[:10])).days


def _own(context: Context, file: str, shipped: Facts) -> Facts:
    from graphpolicy.policyfile.facts_file import read_facts

    own = read_facts(file, shipped)
    context.console.tell(own.findings)
    if own.facts is None:
        context.console.problem("the file of facts has errors; nothing was done")
        raise click.exceptions.Exit(1)
    return own.facts
