"""The JSON Schema of the policy language, made from the catalogue.

It serves twice: editors complete and document every key with it, and `schema_check.py` runs it as
the one structural check. It is draft-07 because editors support that best. Configurations are a map
keyed by id, and there is no `oneOf`: a failing `oneOf` can't say which branch was meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from graphpolicy.policyfile.schema import keys
from graphpolicy.policyfile.schema.keys import GUID_PATTERN, TENANT_NAME, Schema, closed
from graphpolicy.policyfile.schema.settings import policy

ID = "https://graphpolicy.dev/schema/1/policy.schema.json"

FUTURE_KEYS = ("unmanaged", "baselines")
"""Top-level keys that a later release will support."""


@cache
def schema() -> Schema:
    """The whole schema as a JSON document. Every caller gets the same object: do not change it."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "description": "What one Microsoft Entra tenant's authentication methods policy should be.",
        **closed(
            {
                "version": {"enum": [1], "description": "The version of the policy language: 1."},
                "extends": keys.extends(),
                "tenant": keys.tenant(),
                "groups": keys.groups(),
                "emergencyAccess": keys.emergency_access(),
                "guards": keys.guards(),
                "hold": keys.hold(),
                "acknowledge": keys.acknowledge(),
                "helpdesk": keys.helpdesk(),
                "authenticationMethodsPolicy": policy(),
            },
            required=["version"],
        ),
    }


def node_at(pointer: Iterable[str | int], root: Schema | None = None) -> Schema:
    """The schema of the value at a pointer into a file; empty if the schema does not know it.

    `root` is the schema of the whole file, by default that of a policy file.
    """
    node = root or schema()
    for step in pointer:
        more = node.get("additionalProperties")
        if isinstance(step, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(step, more if isinstance(more, dict) else {})
    return node


__all__ = ["FUTURE_KEYS", "GUID_PATTERN", "TENANT_NAME", "Schema", "node_at", "schema"]
