"""The resource that a rule or a guard judges, and how it makes a finding about it."""

from __future__ import annotations

from graphpolicy.model import Finding, Json, Level
from graphpolicy.model.records import dataclass
from graphpolicy.rules.table import RULES


@dataclass(frozen=True, slots=True)
class Judgement:
    """One resource: `kind` is its id in the catalogue, `id` its id in Graph, `title` its name."""

    kind: str
    id: str
    title: str

    def finding(
        self,
        rule: str,
        message: str,
        fix: str,
        path: str,
        level: Level | None = None,
        *,
        entry: Json = None,
        people: int | None = None,
    ) -> Finding:
        """A finding about one setting, or one entry of it. `level` is by default the rule's own.

        `path` is dotted. `people` is how many it affects, if the rule counts them.
        """
        chosen = level or RULES[rule].level
        assert chosen != "off"  # noqa: S101 - a rule that is off is given its level or not asked
        return Finding(rule, chosen, message, fix, self.id, path, people=people, entry=entry)
