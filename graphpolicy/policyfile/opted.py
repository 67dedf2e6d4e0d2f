"""What a tenant's way into passkey profiles, or out of them, means to its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.catalogue.fido2 import FIDO2
from graphpolicy.model import Desired, Directory, Json, Observed
from graphpolicy.policyfile.dump import line
from graphpolicy.policyfile.language import Language
from graphpolicy.policyfile.pointers import METHODS_AT
from graphpolicy.rules.passkeys import LEGACY_PASSKEY, PROFILES


def opted(before: Desired, after: Desired, observed: Observed) -> Iterator[str]:
    """What counts in the tenant in place of what a file declares, and what to write for it.

    The settings of old count where there is no profile, the profiles where there is one.
    """
    was, now = _declared(before), _declared(after)
    live: dict[str, Json] = {}
    for document in observed.documents.values():
        for item in document.get(METHODS_AT[1]) or ():
            if str(item.get("id")).casefold() == FIDO2.id.casefold():
                live = {**item, **live}
    if live.get(PROFILES):
        old = [name for name in LEGACY_PASSKEY if now.get(name)]
        if old and not now.get(PROFILES):
            yield (
                f"the tenant has passkey profiles, which replace {' and '.join(old)}: take that "
                f"out below Fido2, and write{_said((PROFILES,), live, observed)}"
            )
    elif was.get(PROFILES):
        old = [name for name in LEGACY_PASSKEY if name not in now]
        if said := _said(old, live, observed):
            yield (
                f"the tenant has no passkey profiles any more: {' and '.join(old)}, which no file "
                f"declares, count again; to manage them write below Fido2{said}"
            )


def _declared(desired: Desired) -> Mapping[str, Json]:
    return next((one.tree for one in desired.resources if one.resource == FIDO2.id), {})


def _said(names: tuple[str, ...] | list[str], live: Mapping[str, Json], observed: Observed) -> str:
    rows = [row for row in FIDO2.properties if row.name in names]
    said = Language(observed, Directory()).members(rows, live, METHODS_AT)
    return (
        ": " + "; ".join(line({name: value})[1:-1] for name, value in said.items()) if said else ""
    )
