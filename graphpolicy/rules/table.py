"""The table of rules: `rules.json` has one row for each rule id that a finding can have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal, TypeAlias

from graphpolicy.model import Level
from graphpolicy.model.records import dataclass

RuleKind: TypeAlias = Literal["yaml", "file", "policy", "plan", "person", "guard"]
"""What a rule judges: YAML syntax (yaml), the policy language (file), values that must fit together
(policy), the tenant compared with the files (plan), a person who needs help (person), or the change
that a plan would make (guard)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `about` says why it matters, `fix` the way out, `source` is Microsoft's page or ''.

    `level` applies unless a finding has its own level or a policy raises it.
    """

    id: str
    kind: RuleKind
    level: Level | Literal["off"]
    title: str
    about: str
    fix: str
    source: str
    concerns: Literal["change", "state", ""] = ""
    """Whether its finding in a plan is about what the plan changes, or about the state as it is."""
    volatile: bool = False
    """Whether its result may change by itself or depends on --base: the digest leaves it out, and
    an apply judges it again."""
    acceptable: bool = False
    """Whether `acknowledge` and `--allow` can accept it; true for every guard."""
    counted: bool = False
    """Whether it counts people: only the policy can accept it, up to a number."""
    each: bool = False
    """Whether text shows each note of it; several notes of another rule are folded into one."""
    watched: bool = False
    """Whether a warning of it opens the drift issue, as an error about the state does."""
    in_vain: bool = False
    """Whether Graph refuses the write anyway, so that no message proposes to accept it."""
    settings: tuple[str, ...] = ()
    """What it judges: settings (`Sms.state`), or properties in any method (`includeTargets`)."""

    @property
    def way_on(self) -> bool:
        """Whether a message proposes to accept it with --allow."""
        return self.by_flag and not self.in_vain

    @property
    def by_flag(self) -> bool:
        """Whether --allow can accept it."""
        return self.acceptable and not self.counted

    def judges(self, setting: str) -> bool:
        """Whether it judges a setting, given by its whole name."""
        return setting in self.settings or setting.rpartition(".")[2] in self.settings


def _rules() -> dict[str, Rule]:
    text = files(__package__).joinpath("rules.json").read_text(encoding="utf-8")
    rows = [
        Rule(
            **{
                "acceptable": row["kind"] == "guard",
                **row,
                "settings": tuple(row.get("settings", ())),
            }
        )
        for row in json.loads(text)
    ]
    return {row.id: row for row in rows}


RULES: Mapping[str, Rule] = _rules()
"""Every rule by its id, in the order of `RuleKind`."""
