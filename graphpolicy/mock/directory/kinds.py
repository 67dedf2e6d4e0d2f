"""The kinds of sign-in methods that a person may register; the rows are `methods.json`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from ..rules import enforces
from ..tables import JsonObject, data

PASS: Final = "temporaryAccessPass"  # noqa: S105 - a kind of method
PHONES: Final = frozenset({"mobilePhone", "alternateMobilePhone", "officePhone"})
KEYS: Final = ("fido2", "fido2Bio", "fido2Authenticator", "fido2WindowsHello", "fido2Synced")
"""The passkeys: one type of Graph, told apart by the model."""
STRONG: Final = frozenset(
    {*KEYS, "windowsHelloForBusiness", "platformCredential", "microsoftAuthenticator"}
)
_NO_SECOND_FACTOR: Final = frozenset({"password", "email", "qrCodePin", PASS})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its Graph type, the URL segment, and what reports and preferences call it.

    `id` is set where every person's method of the kind has the same; `deletable` are the versions
    that have a DELETE; `created` is what a POST must hold, where there is one; `configurations` are
    the policy's methods that allow it.
    """

    name: str
    type: str
    segment: str
    deletable: tuple[str, ...]
    id: str | None
    reported: tuple[str, ...]
    prefers: tuple[str, ...]
    configurations: tuple[str, ...]
    fields: Mapping[str, object]
    created: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the audit log calls it: `temporary access pass method`."""
        parts = re.findall(r"[A-Z]?[a-z0-9]+", self.type.rpartition(".")[2])
        return " ".join(parts).lower().replace(" authentication method", " method")

    @property
    def second_factor(self) -> bool:
        """Say whether it counts for multifactor sign-in."""
        return self.name not in _NO_SECOND_FACTOR


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by name."""
    return MappingProxyType(
        {
            name: Kind(
                name,
                f"#microsoft.graph.{row['type']}",
                row["segment"],
                tuple(row["deletable"]),
                row.get("id"),
                tuple(row["reported"]),
                tuple(row["prefers"]),
                tuple(row["configurations"]),
                MappingProxyType(row["fields"]),
                tuple(row.get("created", ())),
            )
            for name, row in data("methods.json").items()
        }
    )


@enforces("key-models")
def kind_of(method: JsonObject) -> Kind:
    """The kind of a registered method, by its type and, of phones, its id, of keys the model."""
    found = [row for row in kinds().values() if row.type == method["@odata.type"]]
    if found[0].name in KEYS:
        model = method.get("aaGuid")
        return next((row for row in found if row.fields.get("aaGuid") == model), found[0])
    return next((row for row in found if row.id == method["id"]), found[0])


def in_segment(segment: str) -> tuple[Kind, ...]:
    """The kinds at a URL segment, without case."""
    return tuple(row for row in kinds().values() if row.segment.lower() == segment.lower())
