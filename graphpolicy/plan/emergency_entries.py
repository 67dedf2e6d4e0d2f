"""The accounts of `emergencyAccess` in two versions of a policy: lost, new or changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from graphpolicy.model import Account, Json, Protection

EMERGENCY = "emergencyAccess"


def emergency_entries(
    before: Json, after: Json, names: Mapping[str, str], accounts: Sequence[Account]
) -> Iterator[Protection]:
    """A lost account is weaker. `{none: REASON}` names nobody."""
    known = zip_longest(_entries(after), accounts[: len(_entries(after))])
    left = dict(enumerate(known))
    gone: list[Mapping[str, Json]] = []
    for was in _entries(before):
        index = min(
            (each for each, (entry, _) in left.items() if _alike(was, entry)),
            key=lambda each: _identity(left[each][0]) != _identity(was),
            default=None,
        )
        kept = None if index is None else _kept(was, *left[index], names)
        if index is None or kept is False:
            gone.append(was)
            continue
        is_, _ = left.pop(index)
        if _identity(was) != _identity(is_):
            weaker = kept is None or "id" not in is_
            yield Protection(EMERGENCY, _name(was), was, is_, weaker=weaker)
    yield from (Protection(EMERGENCY, _name(was), was, None, weaker=True) for was in gone)
    for is_, _ in left.values():
        yield Protection(EMERGENCY, _name(is_), None, is_, weaker=False)
    if isinstance(before, Mapping) and after is None:
        yield Protection(EMERGENCY, "none", before.get("none"), None, weaker=False)
    if isinstance(after, Mapping) and before != after:
        reason = before.get("none") if isinstance(before, Mapping) else None
        yield Protection(EMERGENCY, "none", reason, after.get("none"), weaker=reason is None)


def _entries(data: Json) -> list[Mapping[str, Json]]:
    return data if isinstance(data, list) else []


def _name(entry: Mapping[str, Json]) -> str:
    kind = "user" if "user" in entry else "group"
    return f"{kind} {entry[kind]}"


def _identity(entry: Mapping[str, Json]) -> tuple[str, str]:
    """The name and the folded id. The name of a user ignores case."""
    name = _name(entry)
    return name.casefold() if "user" in entry else name, str(entry.get("id", "")).casefold()


def _alike(was: Mapping[str, Json], is_: Mapping[str, Json]) -> bool:
    """Whether two entries may mean the same account: by name or by id."""
    (name, id_), (other, another) = _identity(was), _identity(is_)
    same_kind = ("user" in was) == ("user" in is_)
    return name == other or (same_kind and bool(id_) and id_ == another)


def _kept(
    was: Mapping[str, Json],
    is_: Mapping[str, Json],
    account: Account | None,
    names: Mapping[str, str],
) -> bool | None:
    """Whether an entry still means the same account; None if that is not known."""
    old, new = _identity(was)[1], _identity(is_)[1]
    if old == new:
        return True
    if old and new:
        return False
    id_ = old or new
    if "group" in is_ and names.get(id_) == is_["group"]:
        return True
    if account is None or (not account.readable and not account.called):
        return None
    return account.id == id_ and not account.called
