"""Tenants as Graph might answer, made from the catalogue, with hostile names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, METHODS, Resource
from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Enum,
    Flags,
    Int,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Strings,
    Target,
    Targets,
    Text,
)
from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import EVERYONE, NOBODY, Directory, Observed
from tests.laws.generated import remembered

HOSTILE = (
    "yes", "no", "NO", "on", "y", "null", "~", "", "1:30", "0755", "1e3", ".5", "0x1F", "12_000",
    "2026-12-01", ".inf", "<<", "=", "- x", "? x", "a: b", "a #b", "#", "'", '"', "\\", "it's",
    "&a", "*a", "!x", "%TAG", "---", "...", "[x]", "{a: b}", "@x", "`x`", "|", ">", "%s", "\n",
    "a\nb", "\n\n a", " a", "a ", "\t", "\r\n", "\0", "\x07", "\x1b[31m", "\x85", "\u2028",
    "\ufeff", "\u202egpj", "\u200b", "Ünïcödé", "日本語", "\U0001f511", "all_users", "none",
    "group", "state", "Sms", "x" * 200, "a b " * 60, "a: b, " * 40, "\ud800",
)  # fmt: skip
"""Texts that some reader of YAML takes for something else, or that a terminal obeys."""

NAMES = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=30),
    st.from_regex(r"[A-Z]{2,4}-[A-Za-z -]+", fullmatch=True),
)
GUIDS = st.uuids(version=4).map(str)
GROUPS = tuple(f"0000000{number}-aaaa-4bbb-8ccc-dddddddddddd" for number in range(6))
PROFILES = tuple(f"0000000{number}-1111-4222-8333-444444444444" for number in range(3))


def _reference(kind: Target | Targets) -> st.SearchStrategy[dict[str, Any]]:
    targets: list[st.SearchStrategy[dict[str, Any]]] = [
        st.fixed_dictionaries(
            {"targetType": st.sampled_from(kind.types), "id": st.sampled_from(GROUPS)}
        )
    ]
    everyone = kind.everyone if isinstance(kind, Targets) else True
    words = ([EVERYONE] if everyone else []) + (
        [NOBODY] if isinstance(kind, Target) and kind.nobody else []
    )
    targets += [st.just({"targetType": "group", "id": word}) for word in words]
    return st.one_of(targets)


@remembered
def value(kind: Kind) -> st.SearchStrategy[Any]:
    """A value that Graph might return for a kind."""
    match kind:
        case Bool():
            return st.booleans()
        case Int(minimum=minimum, maximum=maximum):
            return st.integers(minimum, maximum)
        case Text(pattern=pattern):
            if pattern == GUID:
                return GUIDS
            texts = st.from_regex(pattern, fullmatch=True) if pattern else NAMES
            return texts.filter(bool)
        case Enum(members=members):
            return st.sampled_from(members)
        case Flags(members=members):
            return st.lists(st.sampled_from(members), min_size=1, unique=True).map(",".join)
        case Strings(pattern=pattern):
            items = GUIDS if pattern == GUID else st.from_regex(pattern, fullmatch=True)
            return st.lists(items, max_size=3, unique_by=str.casefold)
        case ProfileRef():
            return st.sampled_from(PROFILES)
        case ProfileRefs():
            return st.lists(st.sampled_from(PROFILES), max_size=3, unique=True)
        case Target():
            return _reference(kind)
        case Targets(members=members):
            entry = st.builds(lambda left, right: left | right, _reference(kind), some(members))
            return st.lists(
                entry, max_size=4, unique_by=lambda entry: (entry["targetType"], entry["id"])
            )
        case Object(members=members):
            return some(members)
        case Collection(members=members, key=key, identity=identity):
            if key:
                return (
                    st.lists(NAMES, max_size=3)
                    .flatmap(
                        lambda names: st.tuples(
                            *(
                                _profile(members, *pair)
                                for pair in zip(PROFILES, names, strict=False)
                            )
                        )
                    )
                    .map(list)
                )
            rows = some(
                members, {row.name for row in members if row.name in identity and row.required}
            )
            return st.lists(
                rows,
                max_size=3,
                unique_by=lambda entry: str([str(entry.get(name)).casefold() for name in identity]),
            )


def _profile(members: Iterable[Property], id_: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    rest = [row for row in members if row.name not in ("id", "name")]
    return some(rest).map(lambda entry: {"id": id_, "name": name, **entry})


def some(rows: Iterable[Property], needed: Iterable[str] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the settings of an object, with the needed ones, some null."""
    needed = set(needed)
    return st.fixed_dictionaries(
        {row.name: value(row.kind) for row in rows if row.name in needed},
        optional={
            row.name: st.one_of(value(row.kind), value(row.kind), st.none())
            for row in rows
            if row.name not in needed
        },
    )


@remembered
def _settings(row: Resource) -> st.SearchStrategy[dict[str, Any]]:
    return some(row.properties)


def _configuration(draw: st.DrawFn, row: Resource, id_: str, **head: Any) -> dict[str, Any]:
    return {
        "@odata.type": f"#microsoft.graph.{row.type}",
        "id": id_,
        **head,
        **draw(_settings(row)),
    }


@st.composite
def tenants(draw: st.DrawFn) -> tuple[Observed, Directory]:
    """The answer of both API versions, the same in both, and the names of some groups."""
    items = [
        _configuration(draw, row, row.id)
        for row in METHODS
        if row is not EXTERNAL and draw(st.booleans())
    ]
    for number, name in enumerate(draw(st.lists(NAMES, max_size=3))):
        id_ = f"0000000{number}-9999-4999-8999-999999999999"
        items.append(_configuration(draw, EXTERNAL, id_, displayName=name))
    root = draw(_settings(AUTHENTICATION_METHODS_POLICY))
    document = {
        **root,
        "id": "authenticationMethodsPolicy",
        "authenticationMethodConfigurations": items,
    }
    named = draw(st.lists(st.sampled_from(GROUPS), unique=True))
    names = {id_: draw(NAMES) for id_ in named}
    return Observed({"v1.0": document, "beta": document}), Directory(names=names)


def external_items(observed: Observed) -> Mapping[str, Mapping[str, Any]]:
    """The live external methods by id."""
    return {
        item["id"]: item
        for item in observed.documents["beta"]["authenticationMethodConfigurations"]
        if item["@odata.type"].endswith(EXTERNAL.type)
    }
