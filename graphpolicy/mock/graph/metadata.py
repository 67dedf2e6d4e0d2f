"""`$metadata`: the types of policy and strengths in Graph's schema language, and no others."""

from collections.abc import Iterator
from functools import cache
from typing import Final
from xml.sax.saxutils import quoteattr

from ..policy.wire import CONFIGURATIONS, POLICY, declared, flags_type, is_type, item_type
from ..rules import enforces
from ..tables import data
from .call import Answer

METADATA: Final = ("$metadata",)

_ENTITIES: Final = (
    *(POLICY, "MethodConfiguration", "MethodTarget"),
    *("StrengthPolicy", "CombinationConfiguration"),
)
_FLAGS: Final = ("passkeyTypes", "authenticationMethodModes")
_OPEN: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
    '<edmx:DataServices><Schema Namespace="microsoft.graph" '
    'xmlns="http://docs.oasis-open.org/odata/ns/edm">'
)
_CLOSE: Final = "</Schema></edmx:DataServices></edmx:Edmx>"


@cache
@enforces("metadata")
def schema(version: str) -> Answer:
    """Answer what a version declares of policy and strengths: enums, types, and where they are."""
    types, enums = data("types.json")["types"], data("types.json")["enums"]
    parts = [
        _element(
            "EnumType",
            "".join(f"<Member Name={quoteattr(each)}/>" for each in members),
            Name=name,
            **({"IsFlags": "true"} if name in _FLAGS else {}),
        )
        for name, members in enums.items()
    ]
    parts += [_type(name, version) for name in types if declared(name, version)]
    sets = _element("EntitySet", Name=CONFIGURATIONS, EntityType=_wire(CONFIGURATIONS[:-1]))
    only = _element("Singleton", Name=POLICY, Type=_wire(POLICY))
    container = _element("EntityContainer", sets + only, Name="GraphService")
    text = f"{_OPEN}{''.join(parts)}{container}{_CLOSE}"
    return Answer(200, text, {"Content-Type": "application/xml"})


def _type(name: str, version: str) -> str:
    key = '<Key><PropertyRef Name="id"/></Key>' if _is_entity(name) else ""
    kind = "EntityType" if key else "ComplexType"
    return _element(kind, key + "".join(_properties(name, version)), Name=name)


def _properties(name: str, version: str) -> Iterator[str]:
    for own, wire in declared(name, version).items():
        item = item_type(wire) or wire
        kind = "NavigationProperty" if _is_entity(item) else "Property"
        yield _element(kind, Name=own, Type=wire.replace(item, _wire(flags_type(item) or item)))


def _is_entity(name: str) -> bool:
    return name.endswith(_ENTITIES) and not name.endswith("FeatureConfiguration")


def _wire(name: str) -> str:
    known = is_type(name) or name in data("types.json")["enums"]
    return f"microsoft.graph.{name}" if known else f"Edm.{name}"


def _element(tag: str, inner: str = "", **attributes: str) -> str:
    shown = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{shown}>{inner}</{tag}>"
