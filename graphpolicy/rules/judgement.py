"""What every rule is shown of a resource: which one it is; and how it says what it found there."""

from __future__ import annotations

from graphpolicy.model import Finding, Json, Level
from graphpolicy.model.records import dataclass
from graphpolicy.rules.table import RULES


@dataclass(frozen=True, slots=True)
class Judgement:
    """One resource: its row in the catalogue, what findings call it, and what people do."""

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
        """A finding about one setting, or one entry of it, at the rule's own level if no other.

        `people` is how many it is about, where the rule counts them.
        """
        chosen = level or RULES[rule].level
        assert chosen != "off"  # noqa: S101 - a rule that is off is given its level or not asked
        return Finding(rule, chosen, message, fix, self.id, path, people=people, entry=entry)
