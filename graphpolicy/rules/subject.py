"""What a rule judges: one resource, as a file declares it and as it is or would be."""

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

    `tree` is what the file declares. `values` are what is or would be in force: offline the same
    tree, in a plan together with live values. Both may have names (`Named`, `ProfileName`) for ids.
    `facts` are Microsoft's limits and defaults for the tenant's `cloud`.
    """

    tree: Mapping[str, Json]
    values: Mapping[str, Json]
    facts: Facts = field(default_factory=Facts.shipped)
    cloud: Cloud = "global"
    names: Mapping[str, str] = field(default_factory=dict)
    """The known names of groups by folded id."""

    @classmethod
    def declared(
        cls, declared: Declared, facts: Facts | None = None, cloud: Cloud = "global"
    ) -> Subject:
        """A resource as a file declares it, by itself. `facts` are by default the shipped ones."""
        kind, title, tree = declared.resource, declared.title, declared.tree
        return cls(kind, title, title, tree, tree, facts or Facts.shipped(), cloud)
