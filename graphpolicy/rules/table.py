"""What every rule is about: one row for each id that a finding can have, in `rules.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal, TypeAlias

from graphpolicy.model import Level
from graphpolicy.model.records import dataclass

Kind: TypeAlias = Literal["yaml", "file", "policy", "plan", "person", "guard"]
"""Who judges: the reader of YAML, the language, values that belong together, the comparison with
the tenant, who asks for help for whom, or the change that a plan would make."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `about` says why it matters, `fix` the way out, `source` is Microsoft's page or ''.

    `level` is the level that it has unless its finding says otherwise or a policy raises it.
    """

    id: str
    kind: Kind
    level: Level | Literal["off"]
    title: str
    about: str
    fix: str
    source: str
    concerns: Literal["change", "state", ""] = ""
    """What a finding of a plan is about: what the plan changes, or how things are without it."""
    volatile: bool = False
    """Whether its outcome moves by itself or hangs on --base: the digest leaves it out, and an
    apply judges it again."""
    acceptable: bool = False
    """Whether `acknowledge` and `--allow` take it; those of every guard do."""
    in_vain: bool = False
    """Whether Graph refuses the write of who accepts it, so that no message proposes to."""
    settings: tuple[str, ...] = ()
    """What it judges: names of settings (`Sms.state`), or of a property wherever it stands."""

    @property
    def way_on(self) -> bool:
        """Whether a message proposes to accept it."""
        return self.acceptable and not self.in_vain

    def judges(self, setting: str) -> bool:
        """Whether it is about a setting, by its whole name."""
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
"""Every rule by its id, grouped by who judges."""
