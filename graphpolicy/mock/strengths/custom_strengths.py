"""The custom strengths of a tenant as they are stored, and what older states reads still see."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..clock import Clock, stamp
from ..delays import Delays
from ..policy.merge import merged
from ..policy.wire import odata_type
from ..tables import JsonObject, copied, data

STRENGTHS: Final = "authenticationStrengthPolicies"
CONFIGURED: Final = "combinationConfigurations"


@dataclass(slots=True)
class Strengths:
    """Custom strengths, `{id, createdDateTime, modifiedDateTime, displayName, description,
    allowedCombinations, combinationConfigurations}`; a row is replaced, never changed.
    """

    clock: Clock
    rows: list[JsonObject] = field(default_factory=list)
    older: Delays[list[JsonObject]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin without delays."""
        self.older = Delays(self.clock)

    def seen(self) -> list[JsonObject]:
        """The rows as a read sees them now: an old state while a write is delayed."""
        return self.older.seen(self.rows)

    def find(self, name: str, rows: Iterable[JsonObject] | None = None) -> JsonObject | None:
        """A row by its id, without case, or by its exact name."""
        for each in self.rows if rows is None else rows:
            if each["id"].lower() == name.lower() or each["displayName"] == name:
                return each
        return None

    def put(self, before: JsonObject | None, after: JsonObject | None) -> None:
        """Replace, add (no `before`) or remove (no `after`) a row."""
        rows = list(self.rows)
        if before is None:
            rows += [after] if after else []
        else:
            place = next(at for at, each in enumerate(rows) if each["id"] == before["id"])
            rows[place : place + 1] = [] if after is None else [after]
        self.rows = rows

    def edited(
        self, name: str, changes: JsonObject | None
    ) -> tuple[str, JsonObject | None, JsonObject | None]:
        """The activity of an edit in the portal, and the row before and after; not validated."""
        before = self.find(name)
        if changes is None:
            if before is None:
                raise KeyError(name)
            return "Policy Delete", before, None
        started = {"displayName": name} if before is None else before
        did = "Create" if before is None else "Update"
        return f"Policy {did}", before, self.whole(merged(started, changes))

    def add(self, documents: Iterable[JsonObject]) -> None:
        """Add the strengths of a seed, or replace those of the same id."""
        for each in documents:
            row = self.whole(each)
            self.put(self.find(row["id"]), row)

    def whole(self, document: Mapping[str, Any]) -> JsonObject:
        """A row with everything that a document leaves out; it is not validated."""
        now = stamp(self.clock())
        row = {
            "id": str(uuid.uuid4()),
            "createdDateTime": now,
            "modifiedDateTime": now,
            "displayName": "",
            "description": None,
            "allowedCombinations": [],
            **copied(dict(document)),
        }
        row[CONFIGURED] = [configuration(each) for each in document.get(CONFIGURED, ())]
        return row


def configuration(document: Mapping[str, Any]) -> JsonObject:
    """A combination configuration with its id and all of its lists."""
    name = str(document["@odata.type"]).rpartition(".")[2]
    lists = data("strengths.json")["configurations"].get(name, {"lists": ()})["lists"]
    own = {
        "@odata.type": odata_type(name),
        "id": str(document.get("id") or uuid.uuid4()),
        "appliesToCombinations": list(document["appliesToCombinations"]),
        **{each: list(document.get(each, ())) for each in lists},
    }
    others = document.keys() - own.keys()
    return {**own, **{each: document[each] for each in document if each in others}}
