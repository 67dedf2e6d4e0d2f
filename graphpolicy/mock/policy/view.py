"""Stored documents as a GET of one version shows them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..rules import enforces
from ..tables import JsonObject
from .offer import Offer
from .wire import (
    CONFIGURATIONS,
    METHODS,
    POLICY,
    SENTINEL,
    bare_type,
    flags_type,
    is_type,
    item_type,
    known,
    members,
    odata_type,
)

_TIP = "Ask with $select for the properties that are needed, for example: GET {}?$select={}"


def type_of(configuration: Mapping[str, Any]) -> str | None:
    """The type's name of a stored configuration, None when the mock does not know it."""
    name = bare_type(configuration.get("@odata.type"))
    return (
        name if name in {*METHODS.values(), "externalAuthenticationMethodConfiguration"} else None
    )


@dataclass(frozen=True, slots=True)
class View:
    """How one request sees documents: version, switches, host and Prefer header."""

    offer: Offer
    root: str
    prefers_unknown: bool = False

    @enforces("policy-read")
    def policy(self, stored: JsonObject) -> JsonObject:
        """The policy with its configurations."""
        shown = self.policy_alone(stored)
        context = f"{self._metadata}policies/{POLICY}/{CONFIGURATIONS}"
        return {
            **shown,
            f"{CONFIGURATIONS}@odata.context": context,
            CONFIGURATIONS: self.configurations(stored),
        }

    def policy_alone(self, stored: JsonObject) -> JsonObject:
        """The policy without its configurations."""
        switches = self.offer.switches
        shown: JsonObject = {
            "@odata.context": f"{self._metadata}{POLICY}",
            "@microsoft.graph.tips": _TIP.format(f"policies/{POLICY}", "description,displayName"),
        }
        if switches.etag == "present":
            shown["@odata.etag"] = etag(stored)
        own = {name: value for name, value in stored.items() if name != CONFIGURATIONS}
        if switches.migration_state == "absent":
            own.pop("policyMigrationState", None)
        if switches.policy_version == "1.4" and "policyVersion" in own:
            own["policyVersion"] = "1.4"
        return {**shown, **self._object(own, POLICY)}

    def configurations(self, stored: JsonObject) -> list[JsonObject]:
        """The configurations that this version has."""
        return [self._configuration(each) for each in stored[CONFIGURATIONS] if self.has(each)]

    def has(self, configuration: JsonObject) -> bool:
        """Say whether this version has a configuration; what the mock does not know is shown."""
        name = type_of(configuration)
        return name is None or self.offer.method(name) != "absent"

    @enforces("configuration-read")
    def entity(self, configuration: JsonObject) -> JsonObject:
        """One configuration as its own GET answers it."""
        shown = self._configuration(configuration)
        if self.offer.switches.single_get == "wrapped":
            return {"value": shown}
        return {"@odata.context": f"{self._metadata}{CONFIGURATIONS}/$entity", **shown}

    def collection(self, stored: JsonObject) -> JsonObject:
        """The list of configurations as its own GET answers it."""
        return {
            "@odata.context": f"{self._metadata}policies/{POLICY}/{CONFIGURATIONS}",
            "value": self.configurations(stored),
        }

    @property
    def _metadata(self) -> str:
        return f"{self.root}/{self.offer.version}/$metadata#"

    def _configuration(self, stored: JsonObject) -> JsonObject:
        name = type_of(stored)
        if name is None:
            return dict(stored)
        shown = self._object(stored, name)
        shown["id"] = self.shown_id(stored)
        path = f"policies/{POLICY}/{CONFIGURATIONS}('{shown['id']}')/microsoft.graph.{name}"
        result: JsonObject = {}
        for key, value in shown.items():
            if key == "includeTargets":
                result["includeTargets@odata.context"] = f"{self._metadata}{path}/includeTargets"
            result[key] = value
        return result

    def shown_id(self, configuration: JsonObject) -> str:
        """The id under which responses show a configuration."""
        stored: str = configuration["id"]
        return self.offer.switches.qr_id if stored == "QRCodePin" else stored

    def _object(self, stored: JsonObject, type_name: str) -> JsonObject:
        wires = known(type_name)
        return {
            name: self._value(value, self.offer.wire(type_name, name) or "unmodelled")
            for name, value in stored.items()
            if name not in wires or self.offer.shows(type_name, name, writing=False)
        }

    def _value(self, value: Any, wire: str) -> Any:
        item = item_type(wire)
        if item is not None and isinstance(value, list):
            return self.ordered([self._value(each, item) for each in value])
        if is_type(wire) and isinstance(value, dict):
            return self._object(value, wire)
        if flags_type(wire) is not None and isinstance(value, str):
            return ",".join(self.ordered([each.strip() for each in value.split(",")]))
        return self._enum(value, wire)

    @enforces("enum-evolvable")
    def _enum(self, value: Any, wire: str) -> Any:
        names = members(wire) or ()
        if self.prefers_unknown or SENTINEL not in names or value not in names:
            return value
        return SENTINEL if names.index(value) > names.index(SENTINEL) else value

    def ordered(self, values: list[Any]) -> list[Any]:
        """The entries of an array in the order that the switch reorder gives them."""
        match self.offer.switches.reorder:
            case "reverse":
                return values[::-1]
            case "sort":
                return sorted(values, key=lambda each: json.dumps(each, sort_keys=True))
            case _:
                return values


def typed(configuration: JsonObject, identifier: str, type_name: str) -> JsonObject:
    """A configuration with type and id in front, as Graph orders them."""
    rest = {key: value for key, value in configuration.items() if key not in {"@odata.type", "id"}}
    return {"@odata.type": odata_type(type_name), "id": identifier, **rest}


def etag(stored: JsonObject) -> str:
    """A weak ETag of the stored policy."""
    digest = hashlib.sha256(json.dumps(stored, sort_keys=True).encode()).hexdigest()
    return f'W/"{digest[:16]}"'
