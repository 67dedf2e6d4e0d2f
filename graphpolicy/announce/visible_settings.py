"""The settings that people notice when they sign in, from the catalogue: by resource and path.

Each has sentences in `texts/`, under the row's name.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, METHODS
from graphpolicy.catalogue.authenticator import AUTHENTICATOR as APP
from graphpolicy.catalogue.kinds import Property, Seen
from graphpolicy.catalogue.settings import settings
from graphpolicy.model import Path
from graphpolicy.model.records import dataclass

AUTHENTICATOR = APP.id
FEATURES = "featureSettings"


@dataclass(frozen=True, slots=True)
class VisibleSetting:
    """One row: `how` and `special` are those of the catalogue's `row`; a method's is its state."""

    resource: str
    path: Path
    how: Seen
    row: Property
    special: str = ""

    @property
    def name(self) -> str:
        """The name of its sentences: the resource and Graph's dotted path."""
        return ".".join((self.resource, *self.path))


def _seen() -> Iterator[VisibleSetting]:
    for resource in (*METHODS, AUTHENTICATION_METHODS_POLICY):
        if not resource.single:
            yield VisibleSetting(resource.id, (), "switch", resource.at(("state",)))
        found = [setting for setting in settings([resource]) if setting.row.seen]
        for setting in sorted(found, key=lambda each: HOW.index(each.row.seen)):
            row = setting.row
            yield VisibleSetting(resource.id, setting.path, row.seen, row, row.special)


HOW = ("switch", "member", "value")
SEEN: tuple[VisibleSetting, ...] = tuple(_seen())

PROMPT: dict[str, Path] = {
    row.prompt: (FEATURES, row.name) for row in APP.at((FEATURES,)).members if row.prompt
}
"""The parts that the app's prompt may ask for or show, and the features that turn them on."""
