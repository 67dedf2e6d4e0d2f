"""The numbers of people in earlier runs, so that a run can say what has changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger, entries
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Trend:
    """Numbers that each run records in the state folder. `warn` gets the reason if it can't."""

    ledger: Ledger
    warn: Callable[[str], None]

    def last(self, which: Mapping[str, Json], numbers: Mapping[str, Json]) -> Mapping[str, Json]:
        """The last recorded line about the same; records these numbers. Empty if there is no such
        line.
        """
        try:
            before = [
                each
                for each in entries(self.ledger.state_dir, self.ledger.name)
                if all(each.get(name) == value for name, value in which.items())
            ]
            self.ledger.add("counted", **which, **numbers)
        except RunError as failure:
            why = "; ".join(filter(None, (failure.text, failure.help)))
            self.warn(
                f"this count was not recorded, so no later count can be compared with it: {why}"
            )
            return {}
        return before[-1] if before else {}
