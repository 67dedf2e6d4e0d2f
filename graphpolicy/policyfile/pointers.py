"""What a pointer into a policy file leads to: its name, its rows of the catalogue, findings."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, RESOURCES, Resource
from graphpolicy.catalogue.kinds import Collection, Property, Target, Targets
from graphpolicy.model import CONFIGURATIONS, POLICY, Declared, Finding
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.strict_yaml.text import show

METHODS_AT = (POLICY, CONFIGURATIONS)
ALTERATIONS = ("add", "remove")
"""The keys with which a file alters its base's list of targets."""


def title(pointer: Pointer) -> str:
    """How messages name a pointer: the method, and Graph's dotted path below it."""
    words = _words(pointer)
    for skipped in METHODS_AT:
        if len(words) > 1 and words[0] == skipped:
            words = words[1:]
    return ".".join(map(show, words)) or "the policy file"


def subject(pointer: Pointer) -> tuple[str, str]:
    """The resource that a pointer leads into, and Graph's dotted path inside it."""
    words = _words(pointer)
    if words[:1] != [POLICY]:
        return "", ".".join(words)
    if len(words) > 2 and words[1] == CONFIGURATIONS:
        words = words[2:]
        if words[0] == EXTERNAL.id and len(words) > 1:
            words = words[1:]
    return words[0], ".".join(words[1:])


def finding(
    document: Document, pointer: Pointer, rule: str, message: str, fix: str, *, at_key: bool = False
) -> Finding:
    """An error about the value at a pointer, or about its key."""
    resource, path = subject(pointer)
    place = document.key_place(pointer) if at_key else document.place(pointer)
    return Finding(rule, "error", message, fix, resource, path, place)


def pointer_of(declared: Declared) -> Pointer:
    """The pointer to a resource's map in a file."""
    if declared.resource == POLICY:
        return (POLICY,)
    name = (declared.name,) if declared.name is not None else ()
    return (*METHODS_AT, declared.resource, *name)


def resource_at(pointer: Pointer) -> Resource | None:
    """The resource if a pointer leads to its map, else None."""
    if pointer == (POLICY,):
        return AUTHENTICATION_METHODS_POLICY
    if pointer[:2] == METHODS_AT and len(pointer) == 3 and pointer[2] != EXTERNAL.id:
        return RESOURCES.get(str(pointer[2]))
    return EXTERNAL if pointer[:3] == (*METHODS_AT, EXTERNAL.id) and len(pointer) == 4 else None


def rows_along(pointer: Pointer) -> Iterator[tuple[Pointer, Property]]:
    """The settings along a pointer, outermost first, each with its own pointer."""
    start = next((n for n in range(4, 0, -1) if resource_at(pointer[:n])), 0)
    resource = resource_at(pointer[:start])
    rows = resource.properties if resource else ()
    named = listed = False
    for end in range(start + 1, len(pointer) + 1):
        step = pointer[end - 1]
        if named or isinstance(step, int):  # an entry of a collection, by name or by number
            named = False
            continue
        if listed and step in ALTERATIONS:
            continue
        row = next((row for row in rows if row.name == step), None)
        if row is None:
            return
        yield pointer[:end], row
        kind = row.kind
        rows = row.below
        named = isinstance(kind, Collection) and bool(kind.key)
        listed = isinstance(kind, Targets)


def row_at(pointer: Pointer) -> Property | None:
    """The setting that a pointer leads to, also if it leads to one of its entries."""
    while pointer and (isinstance(pointer[-1], int) or pointer[-1] in ALTERATIONS):
        pointer = pointer[:-1]
    *_, last = (None, *(row for at, row in rows_along(pointer) if at == pointer))
    return last


def whole(pointer: Pointer) -> Pointer:
    """The pointer to what must be dropped if the value at `pointer` is wrong.

    That is the whole entry of a list, the whole target, or the value itself.
    """
    for end in range(len(pointer), 0, -1):
        if isinstance(pointer[end - 1], int):
            return pointer[:end]
    if pointer[:1] == ("emergencyAccess",):
        return pointer[:1]
    if pointer[:1] == ("groups",):
        return pointer[:2]
    return next((at for at, row in rows_along(pointer) if isinstance(row.kind, Target)), pointer)


def _words(pointer: Pointer) -> list[str]:
    return [str(step) for step in pointer if not isinstance(step, int)]
