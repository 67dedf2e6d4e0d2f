"""Values in words: ids with names, `default` with its dated meaning. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue import kinds
from graphpolicy.catalogue.facts import Fact, FactTimeline, ManagedValue, Status
from graphpolicy.catalogue.kinds import Kind, Property
from graphpolicy.catalogue.values import canonical, identity, same, split_flags, target_type
from graphpolicy.model import EVERYONE, NOBODY, Json

STATUS: Mapping[Status, str] = {
    "announced": "announced for",
    "rolling": "rolling out since",
    "complete": "since",
    "withdrawn": "withdrawn since",
}
UNDATED: Mapping[Status, str] = {
    "announced": "announced",
    "rolling": "rolling out",
    "complete": "",
    "withdrawn": "withdrawn",
}
"""The status of a fact in words: `STATUS` before a date, `UNDATED` without one."""

NOT_SET = "not set"
GRAPH_DEFAULT = "(Graph's default)"


def label(
    kind: Kind, value: Json, names: Mapping[str, str], managed: FactTimeline[ManagedValue]
) -> str:
    """One value in words. `names` are by folded id; `managed` says what `default` means."""
    if isinstance(kind, kinds.Entries):
        return ", ".join(entry_label(kind, entry, names) for entry in value or ()) or "none"
    if isinstance(kind, kinds.Target):
        return target_label(value, names) if value else ("nobody" if kind.nobody else NOT_SET)
    if value == "default" and managed.rows:
        return f"default (Microsoft managed: {'; '.join(map(managed_label, managed.rows))})"
    return _plain(kind, value, names)


def managed_label(fact: ManagedValue) -> str:
    """What `default` means, since when, and the date of the source."""
    return f"{fact.means}, {dated(fact)}"


def dated(fact: Fact) -> str:
    """The status of a fact, and the date of its source."""
    far = f"{STATUS[fact.status]} {fact.since}" if fact.since else UNDATED[fact.status]
    return f"{far}, as of {fact.as_of}" if far else f"as of {fact.as_of}"


def target_label(target: Mapping[str, Json], names: Mapping[str, str]) -> str:
    """A target in words: `everyone`, `nobody`, or its name with its id."""
    id_ = str(target.get("id", ""))
    if id_ == EVERYONE:
        return "everyone (all_users)"
    if id_ == NOBODY:
        return "nobody"
    name = names.get(id_.casefold())
    type_ = target_type(target)
    lead = "" if type_ == "group" else f"{type_} "
    # Without a known name the id stands for it: write it once.
    return f"{lead}{name} ({id_})" if name and name != id_ else f"{lead}{id_}"


def entry_label(kind: kinds.Entries, entry: Mapping[str, Json], names: Mapping[str, str]) -> str:
    """One entry of a collection: what identifies it, then its members."""
    rows = [row for row in kind.members if row.name in entry and entry[row.name] is not None]
    if isinstance(kind, kinds.Targets):
        lead = target_label(entry, names)
    elif kind.key:
        lead = f"{entry.get(kind.key)}"
        rows = [row for row in rows if row.name not in (kind.key, *kind.identity)]
    else:
        lead = ", ".join(str(entry[name]) for name in kind.identity if entry.get(name) is not None)
        rows = [row for row in rows if row.name not in kind.identity]
    said = [
        f"{row.name} {_plain(row.kind, entry[row.name], names)}"
        for row in rows
        if canonical(row.kind, entry[row.name]) not in (row.absent, canonical(row.kind, None))
    ]
    return f"{lead}: {', '.join(said)}" if said else lead


def listed(kind: Kind) -> bool:
    """Whether a value is a set, whose changes are shown entry by entry."""
    return isinstance(kind, kinds.Entries | kinds.Strings | kinds.ProfileRefs | kinds.Flags)


def entries(
    kind: Kind, before: Json, after: Json, names: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """What happens to each entry of a set: (`+`, `-`, `~`, or ` ` for no change; label)."""
    if not isinstance(kind, kinds.Entries):
        return _items(kind, before, after, names)
    left = _by_identity(kind, before)
    rows: list[tuple[str, str]] = []
    for key, several in _by_identity(kind, after).items():
        there = left.pop(key, [])
        for entry in several:
            like = next((each for each in there if same(kind, [each], [entry])), None)
            # A tenant may have two entries with one identity. Each is paired with one at most.
            old = like or next(iter(there), None)
            if old is None:
                rest = _left_to_graph(kind, entry)
                text = entry_label(kind, entry, names)
                rows.append(("+", f"{text}; {rest} {GRAPH_DEFAULT}" if rest else text))
                continue
            there.remove(old)
            if like is None:
                rows.append(("~", _moved(kind, old, entry, names)))
            else:
                rows.append((" ", entry_label(kind, entry, names)))
        left[key] = there
    gone = [entry for there in left.values() for entry in there]
    return (*rows, *(("-", entry_label(kind, entry, names)) for entry in gone))


def _by_identity(
    kind: kinds.Entries, value: Json
) -> dict[tuple[Json, ...], list[Mapping[str, Json]]]:
    found: dict[tuple[Json, ...], list[Mapping[str, Json]]] = {}
    for entry in value or ():
        found.setdefault(identity(kind, entry), []).append(entry)
    return found


def _items(
    kind: Kind, before: Json, after: Json, names: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """The same for a set of plain values: flags, strings or passkey profiles."""
    old, new = _words(kind, before), _words(kind, after)
    said = {word: _profile(text, names) for word, text in (old | new).items()}
    return (
        *((" " if word in old else "+", said[word]) for word in new),
        *(("-", said[word]) for word in old if word not in new),
    )


def _words(kind: Kind, value: Json) -> dict[str, str]:
    """The members of a set by their folded text."""
    if isinstance(kind, kinds.Flags):
        return {word.casefold(): word for word in split_flags(value)}
    words = value or ()
    return {str(canonical(kind, [word])[0]).casefold(): str(word) for word in words}


def _left_to_graph(kind: kinds.Entries, entry: Mapping[str, Json]) -> str:
    """The members of a new entry that the file does not set."""
    if isinstance(kind, kinds.Targets):
        rows: Iterable[Property] = [row for row in kind.members if row.absent is None]
    else:
        rows = [row for row in kind.members if row.name not in kind.identity]
    return ", ".join(row.name for row in rows if row.name not in entry)


def _moved(
    kind: kinds.Entries, old: Mapping[str, Json], new: Mapping[str, Json], names: Mapping[str, str]
) -> str:
    bare = {name: new[name] for name in ("id", "targetType") if name in new}
    if isinstance(kind, kinds.Collection):
        bare = {name: new[name] for name in (*kind.identity, kind.key) if name and name in new}
    lead = entry_label(kind, bare, names)
    return f"{lead}: {', '.join(_steps(kind.members, old, new, names))}"


def _steps(
    rows: Iterable[Property],
    old: Mapping[str, Json],
    new: Mapping[str, Json],
    names: Mapping[str, str],
    path: str = "",
) -> Iterator[str]:
    """What changes in an entry: members added to and removed from sets, else both values."""
    for row in rows:
        before, after = old.get(row.name), new.get(row.name)
        if same(row.kind, before, after):
            continue
        name = f"{path}{row.name}"
        if isinstance(row.kind, kinds.Object) and before and after:
            yield from _steps(row.kind.members, before, after, names, f"{name}.")
        elif listed(row.kind):
            inner = entries(row.kind, before, after, names)
            stay = sum(symbol == " " for symbol, _ in inner)
            moved = [f"{symbol} {text}" for symbol, text in inner if symbol != " "]
            rest = f" ({stay} {'stays' if stay == 1 else 'stay'})" if stay else ""
            yield f"{name} {', '.join(moved)}{rest}"
        else:
            yield f"{name} {_plain(row.kind, before, names)} -> {_plain(row.kind, after, names)}"


def _plain(kind: Kind, value: Json, names: Mapping[str, str]) -> str:
    if value is None or (value == "" and isinstance(kind, kinds.Text)):
        return NOT_SET
    match kind:
        case kinds.Flags():
            return ", ".join(split_flags(value)) or "none"
        case kinds.ProfileRef():
            return _profile(value, names)
        case kinds.ProfileRefs():
            return f"[{', '.join(_profile(item, names) for item in value)}]"
        case kinds.Int(unit=unit) if unit:
            return f"{value} {unit.removesuffix('s') if value == 1 else unit}"
        case kinds.Object(members=members):
            known = [row for row in members if row.name in value]
            return "; ".join(f"{r.name} {_plain(r.kind, value[r.name], names)}" for r in known)
        case kinds.Targets() | kinds.Collection():
            return ", ".join(entry_label(kind, entry, names) for entry in value) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value)


def _profile(id_: Json, names: Mapping[str, str]) -> str:
    name = names.get(str(id_).casefold())
    return f"{name} ({id_})" if name else str(id_)
