"""What a rule is shown: one resource, as a file declares it and as it is or would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from graphpolicy.catalogue.facts import Facts
from graphpolicy.model import Cloud, Declared, Json
from graphpolicy.model.records import dataclass
from graphpolicy.rules.judgement import Judgement


@dataclass(frozen=True, slots=True)
class Subject(Judgement):
    """One resource to be judged, in Graph's shape.

    `tree` is what the file declares, `values` what is or would be in force: offline the same tree,
    in a plan with what is live beside it. Ids may be names (`Named`, `ProfileName`) in both.
    `facts` say what Microsoft makes of it in the tenant's `cloud`; a file that is for no tenant may
    be for any.
    """

    tree: Mapping[str, Json]
    values: Mapping[str, Json]
    facts: Facts = field(default_factory=Facts.shipped)
    cloud: Cloud = "global"
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of groups by folded id, as far as they are known."""

    @classmethod
    def declared(
        cls, declared: Declared, facts: Facts | None = None, cloud: Cloud = "global"
    ) -> Subject:
        """What a file says of a resource, by itself; `facts` are by default the shipped ones."""
        kind, title, tree = declared.resource, declared.title, declared.tree
        return cls(kind, title, title, tree, tree, facts or Facts.shipped(), cloud)
