"""What an update says about a file beside the settings that it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue.fido2 import FIDO2
from graphpolicy.compare.comparison import Difference
from graphpolicy.compare.documents import is_of
from graphpolicy.compare.labels import entries, listed
from graphpolicy.model import Desired, Directory, Json, Observed
from graphpolicy.policyfile.dump import line
from graphpolicy.policyfile.language import Language
from graphpolicy.policyfile.pointers import METHODS_AT
from graphpolicy.policyfile.wording import shown
from graphpolicy.policyfile.yaml_edit import comments
from graphpolicy.rules.passkeys import LEGACY_PASSKEY, PROFILES

Moves = tuple[tuple[str, str], ...]


def passkey_notes(before: Desired, after: Desired, observed: Observed) -> Iterator[str]:
    """What to write if the tenant has started or stopped using passkey profiles.

    Graph obeys the profiles if there are any, and the older settings only if there are none.
    """
    was, now = _fido2(before), _fido2(after)
    live: dict[str, Json] = {}
    for _, item in observed.methods:
        if is_of(FIDO2, item):
            live = {**item, **live}
    if live.get(PROFILES):
        old = [name for name in LEGACY_PASSKEY if now.get(name)]
        if old and not now.get(PROFILES):
            yield (
                f"the tenant has passkey profiles, which replace {' and '.join(old)}: remove "
                f"{'it' if len(old) == 1 else 'them'} from Fido2, and write"
                f"{_as_written((PROFILES,), live, observed)}"
            )
    elif was.get(PROFILES):
        old = [name for name in LEGACY_PASSKEY if name not in now]
        if written := _as_written(old, live, observed):
            yield (
                f"the tenant no longer has passkey profiles, so {' and '.join(old)} apply again, "
                f"and no file declares them: to manage them, write below Fido2{written}"
            )


def _fido2(desired: Desired) -> Mapping[str, Json]:
    return next((one.tree for one in desired.resources if one.resource == FIDO2.id), {})


def _as_written(names: Iterable[str], live: Mapping[str, Json], observed: Observed) -> str:
    wanted = frozenset(names)
    rows = [row for row in FIDO2.properties if row.name in wanted]
    said = Language(observed, Directory()).members(rows, live, METHODS_AT)
    lines = [line({name: value})[1:-1] for name, value in said.items()]
    return f": {'; '.join(lines)}" if lines else ""


def lost_comments(file: str, old: bytes, new: bytes) -> Iterator[str]:
    """The comments that were removed together with their lines."""
    kept = Counter(text for _, text in comments(new))
    for number, text in comments(old):
        if kept[text]:
            kept[text] -= 1
        else:
            yield f"{file}:{number}: the comment {shown(text)} was removed with its line"


def list_moves(difference: Difference, names: Mapping[str, str]) -> Moves:
    """The entries of a list that the file gains (`+`), loses (`-`) or changes (`~`), by label."""
    kind = difference.row.kind
    if not listed(kind):
        return ()
    every = entries(kind, difference.after, difference.before, names)
    return tuple(entry for entry in every if entry[0] != " ")
