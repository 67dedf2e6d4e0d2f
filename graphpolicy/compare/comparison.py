"""A resource compared: its differences, findings and settings, and how it is before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from graphpolicy.catalogue import Resource
from graphpolicy.catalogue.kinds import Kind, Property
from graphpolicy.catalogue.values import canonical, overlay, same
from graphpolicy.compare.documents import Documents, shown_by
from graphpolicy.model import Cloud, Finding, Json, Level, Path, Resolved, Version
from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting whose live value does not mean what is declared.

    `before` and `after` are in Graph's shape. `home` is the API version that shows the setting,
    `alone` whether it is sent in a request of its own.
    """

    path: Path
    row: Property
    before: Json
    after: Json
    home: Version
    alone: bool = False

    @property
    def top(self) -> str:
        return self.path[0]


@dataclass(slots=True)
class Comparison:
    """One resource compared. `wanted` is the declared tree without what the tenant lacks.

    `settings` has every managed setting for the digest: (dotted path, desired, observed), both
    values canonical.
    """

    resource: Resource
    declared: Resolved
    documents: Documents
    differences: list[Difference] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    wanted: dict[str, Json] = field(default_factory=dict)
    settings: list[tuple[str, Json, Json]] = field(default_factory=list)

    def note(self, rule: str, level: Level, message: str, path: Path, *, fix: str = "") -> None:
        """Add a finding about one setting of this resource."""
        place = self.declared.place(path)
        self.findings.append(Finding(rule, level, message, fix, self.id, ".".join(path), place))

    def bind(self, path: Path, kind: Kind, desired: Json, observed: Json) -> None:
        """Add one setting to those that the digest covers."""
        row = (".".join(path), canonical(kind, desired), canonical(kind, observed))
        self.settings.append(row)

    def before(self, cloud: Cloud) -> dict[str, Json]:
        """The live properties of the resource, declared or not."""
        live = {row.name: self._live(row, cloud) for row in self.resource.properties}
        return {name: document[name] for name, document in live.items() if name in document}

    def after(self, cloud: Cloud) -> dict[str, Json]:
        """The properties of the resource after an apply, declared or not."""
        result = self.before(cloud)
        for row in self.resource.properties:
            if row.name in self.wanted:
                live = result.get(row.name)
                then = overlay(row.kind, live, self.wanted[row.name])
                if not same(row.kind, live, then):  # [] for null is not a change
                    result[row.name] = then
        return result

    def _live(self, row: Property, cloud: Cloud) -> Mapping[str, Json]:
        """The document to read a property from: of the version that shows it, else any."""
        elsewhere = next(iter(self.documents.values()), {})
        version = shown_by(self.resource, row, cloud, self.documents)
        return self.documents.get(version, elsewhere)

    @property
    def id(self) -> str:
        """The id as Graph returned it, or the file's name if the tenant lacks the resource.

        One that is known by its name has no id before an apply creates it.
        """
        for document in self.documents.values():
            if not self.resource.by_name:
                return str(document.get("id", self.declared.title))
        return self.declared.title
