"""Declarations for tests of rules, and what the rules find."""

from __future__ import annotations

from typing import Any

from graphpolicy.model import Alias, Declared, Named
from graphpolicy.rules import broken_declarations

APP = "displayAppInformationRequiredState"
CAMPAIGN = ("registrationEnforcement", "authenticationMethodsRegistrationCampaign")


def named(name: str, id_: str | None = None, **members: Any) -> dict[str, Any]:
    return {"targetType": "group", "id": Named(name, id_), **members}


def alias(name: str) -> dict[str, Any]:
    return {"targetType": "group", "id": Alias(name)}


def campaign(**members: Any) -> dict[str, Any]:
    return {CAMPAIGN[0]: {CAMPAIGN[1]: members}}


def with_feature(target: Any, state: str = "enabled", **method: Any) -> dict[str, Any]:
    return {**method, "featureSettings": {APP: {"state": state, "includeTarget": target}}}


def said(resource: str, tree: Any) -> list[tuple[str, str, str]]:
    found = broken_declarations(Declared(resource, tree, {}))
    return [(finding.rule, finding.level, finding.path) for finding in found]
