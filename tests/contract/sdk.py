"""Names and types of Microsoft's generated SDK models, read off the models themselves.

Each model names its wire properties in `get_field_deserializers`; calling a deserializer with a
node that only takes notes says which type it reads. Works for msgraph and msgraph_beta alike.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from enum import Enum
from types import ModuleType
from typing import Any

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, LISTED

Types = dict[str, dict[str, str]]
Enums = dict[str, list[str]]

ROOTS = frozenset(
    re.sub("([A-Z])", r"_\1", row.type).lower() for row in (AUTHENTICATION_METHODS_POLICY, *LISTED)
)
SUFFIXES = (
    "_combination_configuration",
    "_authentication_method_configuration",
    "_authentication_method_target",
    "_credentials_authentication_method_configuration",
)
PRIMITIVES = {
    "get_str_value": "String",
    "get_bool_value": "Boolean",
    "get_int_value": "Int32",
    "get_uuid_value": "Guid",
    "get_datetime_value": "DateTimeOffset",
}
STORED = {"str": "String", "UUID": "Guid", "int": "Int32"}


class Notes:
    """A parse node that notes how it is read."""

    def __init__(self) -> None:
        self.read: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        def noted(*arguments: Any) -> None:
            self.read.append((name, arguments))

        return noted


def tables(package: str) -> tuple[Types, Enums]:
    """Types to wire properties to types, and enums to members, of everything that is managed."""
    models = importlib.import_module(f"{package}.generated.models")
    names = [module.name for module in pkgutil.iter_modules(models.__path__)]
    wanted = [name for name in names if name in ROOTS or name.endswith(SUFFIXES)]
    types: Types = {}
    enums: Enums = {}
    pending = [_model(models, name) for name in wanted]
    while pending:
        model = pending.pop()
        if _wire(model) in types:
            continue
        types[_wire(model)] = {}
        instance = model()
        for name, read in sorted(instance.get_field_deserializers().items()):
            notes = Notes()
            read(notes)
            ((method, arguments),) = notes.read
            types[_wire(model)][name] = _type(method, arguments, pending, enums)
    return dict(sorted(types.items())), dict(sorted(enums.items()))


def _type(method: str, arguments: tuple[Any, ...], pending: list[Any], enums: Enums) -> str:
    if method in PRIMITIVES:
        return PRIMITIVES[method]
    (of,) = arguments
    if method == "get_collection_of_primitive_values":
        return f"Collection({STORED[of.__name__]})"
    if issubclass(of, Enum):
        enums[_wire(of)] = [str(member.value) for member in of]
        flags = method == "get_collection_of_enum_values"
        return f"Flags({_wire(of)})" if flags else _wire(of)
    pending.append(of)
    return f"Collection({_wire(of)})" if "collection" in method else _wire(of)


def _model(models: ModuleType, name: str) -> Any:
    module = importlib.import_module(f"{models.__name__}.{name}")
    wanted = name.replace("_", "")
    return next(value for key, value in vars(module).items() if key.lower() == wanted)


def _wire(model: Any) -> str:
    name: str = model.__name__
    return name[0].lower() + name[1:]
