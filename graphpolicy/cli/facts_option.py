"""`--facts FILE`: Microsoft's defaults, limits and retirements, and when they were last checked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.console import Console
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts

OLD = 180
"""Days after which some of the facts have probably changed."""


def read_facts(console: Console, file: str | None, today: str) -> Facts:
    """The shipped facts, with those of a file over them; says so if they are old."""
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.policyfile import facts_file

    facts = Facts.shipped()
    if file is not None:
        own = facts_file.read_facts(file, facts)
        console.tell(own.findings)
        if own.facts is None:
            console.problem("the facts file has errors; nothing was done")
            raise click.exceptions.Exit(Exit.FAILED)
        facts = own.facts
    days = age(facts, today)
    if days > OLD:
        console.say(
            "note: Microsoft's defaults, limits and retirements were last checked on "
            f"{facts.as_of}, {days} days ago; install a newer graphpolicy, or override some of "
            "them with --facts FILE"
        )
    return facts


def age(facts: Facts, today: str) -> int:
    """Days since all facts were last checked; a month without a day counts from its first."""
    return (date.fromisoformat(today) - date.fromisoformat(f"{facts.as_of}-01"[:10])).days
