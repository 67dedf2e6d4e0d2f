"""A policy with another shape than documented is reported place by place; gaps are not."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.compare.conformance import misshapen
from tests.unit.build import held

SMS, FIDO2, X509 = (held(**{name: {}})[name] for name in ("Sms", "Fido2", "X509Certificate"))
LIST = "authenticationMethodConfigurations"
PROFILE = {"id": "00000000-1111-4222-8333-444444444444", "name": "Keys"}

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing at all": ({}, []),
    "nulls and an unknown method": (
        {"registrationEnforcement": None, LIST: [{**SMS, "state": None}, {"id": "New", "a": []}]},
        [],
    ),
    "a number for a text, which is a value like any other": ({LIST: [{**SMS, "state": 5}]}, []),
    "the policy's own": (
        {"registrationEnforcement": [], LIST: []},
        ["registrationEnforcement is a list, expected an object"],
    ),
    "a list that is none": (
        {LIST: [{**SMS, "includeTargets": "all_users"}]},
        ["Sms.includeTargets is a string, expected a list"],
    ),
    "targets that are none": (
        {LIST: [{**SMS, "excludeTargets": ["a", 5]}]},
        [
            "Sms.excludeTargets[0] is a string, expected an object",
            "Sms.excludeTargets[1] is a number, expected an object",
        ],
    ),
    "a target's id": (
        {LIST: [{**SMS, "includeTargets": [{"id": {}, "targetType": "group"}]}]},
        ["Sms.includeTargets[0].id is an object, expected a single value"],
    ),
    "profiles without an id or a name": (
        {LIST: [{**FIDO2, "passkeyProfiles": [PROFILE, {"id": PROFILE["id"]}, {"name": "a"}]}]},
        ["Fido2.passkeyProfiles[1].name is missing", "Fido2.passkeyProfiles[2].id is missing"],
    ),
    "flags": (
        {LIST: [{**FIDO2, "passkeyProfiles": [{**PROFILE, "passkeyTypes": ["synced"]}]}]},
        ["Fido2.passkeyProfiles[0].passkeyTypes is a list, expected a string"],
    ),
    "what is deep inside": (
        {LIST: [{**FIDO2, "keyRestrictions": {"aaGuids": [True]}}]},
        ["Fido2.keyRestrictions.aaGuids[0] is true or false, expected a string"],
    ),
    "entries without what pairs them": (
        {LIST: [{**X509, "certificateUserBindings": [{"userProperty": "x"}]}]},
        [],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_place_of_another_shape_is_told(case: tuple[dict[str, Any], list[str]]) -> None:
    document, told = case
    assert list(misshapen({LIST: [], **document})) == told
