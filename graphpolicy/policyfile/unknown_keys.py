"""Unknown keys in a file: what the author probably meant, and where the key belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphpolicy.catalogue import METHODS
from graphpolicy.catalogue.kinds import Collection, Object, Property, Targets
from graphpolicy.model.did_you_mean import closest, nearest, plain
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.json_schema import FUTURE_KEYS, node_at
from graphpolicy.policyfile.pointers import METHODS_AT, resource_at, row_at, rows_along, title
from graphpolicy.policyfile.schema_keys import Schema
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.strict_yaml.text import show
from graphpolicy.policyfile.wording import MOST_LISTED, OTHER_KEYS

if TYPE_CHECKING:
    from jsonschema import ValidationError


@dataclass(frozen=True, slots=True)
class MapKeys:
    """One map of a file: the keys that it has, and those that it may have, with their schemas."""

    pointer: Pointer
    known: Mapping[str, Any]
    there: Mapping[str, Any]

    @classmethod
    def of(cls, error: ValidationError) -> MapKeys:
        """The map that an error of jsonschema is about."""
        subschema: Any = error.schema
        there: Any = error.instance
        return cls(tuple(error.absolute_path), subschema.get("properties", {}), there)

    def unknown(self, document: Document, root: Schema) -> Iterator[tuple[str, str, str, str]]:
        """Key, rule, message and help of each unknown key; `root` is the whole schema."""
        above = ""
        for key in self.there:
            if key in self.known:
                above = key
            else:
                yield key, *self._explain(key, document, root, above)

    def _explain(
        self, key: str, document: Document, root: Schema, above: str
    ) -> tuple[str, str, str]:
        """Rule, message and help; `above` is the known key before this one in the same map."""
        pointer = self.pointer
        if not pointer and key in FUTURE_KEYS:
            message = f"this release does not support '{key}' yet"
            return "not-yet-supported", message, "remove it: it would have no effect"
        rule, message = _unknown(key, pointer, root)
        resource = resource_at(pointer)
        if "@" in key or (resource and key in resource.known):
            fix = (
                "remove it: graphpolicy sends it if Graph needs it; `graphpolicy pull --from FILE` "
                "turns an answer of Graph into a policy file"
            )
            if key in ("id", "displayName"):
                fix = "remove it: the key above is already the name"
            return rule, f"{title((*pointer, show(key)))} can't be set in a file", fix
        near = self.meant(key)
        if near and near in self.there:
            line = document.key_place((*pointer, near)).line
            message = f"'{show(key)}' means '{near}', which line {line} already sets"
            return "duplicate-setting", message, "keep one of the two"
        if near:
            return rule, message, f"did you mean '{near}'?"
        if above and key in self.known[above].get("properties", {}):
            return rule, message, f"indent it below '{above}'"
        if elsewhere := self._elsewhere(key, root) or self._further_in(key):
            return rule, message, elsewhere
        if near := closest(key, self.known) or self._by_label(key, self.known):
            line = document.key_place((*pointer, near)).line
            return rule, message, f"did you mean '{near}'? line {line} already sets it"
        if pointer == ("emergencyAccess",):
            return rule, message, "write a list: '- group: NAME' or '- user: NAME'"
        listed = ", ".join(list(self.known)[:MOST_LISTED])
        rest = len(self.known) - MOST_LISTED
        what = "the methods are" if pointer == METHODS_AT else "its keys are"
        return rule, message, f"{what} {listed}{f' and {rest} more' if rest > 0 else ''}"

    def meant(self, key: str) -> str | None:
        """The known key that an unknown one probably means, or None.

        It is one that is not set, or the same key in another spelling.
        """
        twin = next((name for name in self.known if plain(name) == plain(key)), None)
        absent = [name for name in self.known if name not in self.there]
        return (
            twin
            or nearest(key, absent)
            or self._by_label(key, absent)
            or closest(key, absent)
            or self._replaced(key, absent)
            or next((name for name in OTHER_KEYS.get(plain(key), ()) if name in absent), None)
        )

    def _by_label(self, key: str, names: Iterable[str]) -> str | None:
        """The setting or method with this label in the portal, or this type in Graph."""
        labels = {row.label: row.name for row in _rows(self.pointer)}
        if self.pointer == METHODS_AT:
            for method in METHODS:
                type_ = method.type.removesuffix("Configuration")
                short = type_.removesuffix("AuthenticationMethod")
                labels |= dict.fromkeys((method.label, method.type, type_, short), method.id)
        said = closest(key, labels)
        return labels[said] if said and labels[said] in names else None

    def _replaced(self, key: str, names: Iterable[str]) -> str | None:
        """The setting here with the portal's label of the one that has this name further out."""
        labels = {row.label: row.name for row in _rows(self.pointer) if row.name in names}
        for end in range(len(self.pointer) - 1, 0, -1):
            for row in _rows(self.pointer[:end]):
                if row.name == key and row.label in labels:
                    return labels[row.label]
        return None

    def _further_in(self, key: str) -> str | None:
        """What to write if the key is the portal's label of a setting below another one here."""
        inside = _inside(_rows(self.pointer), ())
        labels = {row.label: path for row, path in inside if len(path) > 1 and row.label}
        said = closest(key, labels)
        if not said:
            return None
        *above, name = labels[said]
        return f"write it as '{name}' below '{'.'.join(above)}'"

    def _elsewhere(self, key: str, root: Schema) -> str | None:
        """Where to move a key that is a level too far in or out."""
        inside = list(_below(key, self.known, ()))
        if len(inside) == 1:
            names, listed = inside[0]
            return f"move it {'into the entries of' if listed else 'below'} '{'.'.join(names)}'"
        for end in range(len(self.pointer) - 1, -1, -1):
            if key in node_at(self.pointer[:end], root).get("properties", {}):
                step = self.pointer[end]
                where = f", beside '{step}'" if isinstance(step, str) else " of the list"
                return f"move it out{where}"
        return None


def _unknown(key: str, pointer: Pointer, root: Schema) -> tuple[str, str]:
    """The rule and the message."""
    word = f"'{show(key)}'"
    if not pointer:
        return "unknown-setting", f"{root.get('title', 'a policy file')} has no key {word}"
    if pointer == METHODS_AT:
        return "unknown-method", f"there is no authentication method {word}"
    row = row_at(pointer)
    if row and isinstance(pointer[-1], int):
        what = "a target" if isinstance(row.kind, Targets) else "an entry"
        return "unknown-setting", f"{what} in {title(pointer)} has no {word}"
    return "unknown-setting", f"{title(pointer)} has no setting {word}"


def _rows(pointer: Pointer) -> Sequence[Property]:
    """The settings of the map at a pointer."""
    resource = resource_at(pointer)
    if resource:
        return resource.properties
    *_, last = (None, *(row for _, row in rows_along(pointer)))
    return last.kind.members if last and isinstance(last.kind, Object | Collection) else ()


def _inside(
    rows: Sequence[Property], above: tuple[str, ...]
) -> Iterator[tuple[Property, tuple[str, ...]]]:
    for row in rows:
        yield row, (*above, row.name)
        yield from _inside(row.members, (*above, row.name))


def _below(
    key: str, known: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The settings that have such a key, and whether their entries have it."""
    for name, node in known.items():
        properties = node.get("properties", {})
        if key in properties:
            yield (*above, name), False
        elif key in node.get("items", {}).get("properties", {}):
            yield (*above, name), True
        else:
            yield from _below(key, properties, (*above, name))
