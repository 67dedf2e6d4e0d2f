"""Every body that the planner can make, judged by Microsoft's SDK: a witness that shares nothing
with the catalogue. v1.0 by the installed models, beta by the committed table of its models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, strategies as st
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter
from msgraph.generated.models.authentication_combination_configuration import (
    AuthenticationCombinationConfiguration,
)
from msgraph.generated.models.authentication_method_configuration import (
    AuthenticationMethodConfiguration,
)
from msgraph.generated.models.authentication_methods_policy import AuthenticationMethodsPolicy
from msgraph.generated.models.authentication_strength_policy import AuthenticationStrengthPolicy
from msgraph.generated.policies.authentication_strength_policies.item.update_allowed_combinations import (  # noqa: E501
    update_allowed_combinations_post_request_body as action,
)

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.model import POLICY, Request, Version
from tests.contract.test_sdk_catalogue import NOT_IN_THE_SDK, witness
from tests.laws.generated import few, live, truths
from tests.laws.situations import Held, plan, situations, whole_situations

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def requests(situation: tuple[Held, Held]) -> tuple[Request, ...]:
    held, trees = situation
    return plan(held, trees).plan.requests


def through_the_models(request: Request) -> tuple[Any, dict[str, Any]]:
    """The body as a typed model, and the body that the model writes."""
    content = json.dumps(request.body).encode()
    node = JsonParseNodeFactory().get_root_parse_node("application/json", content)
    model = node.get_object_value(model_of(request))
    writer = JsonSerializationWriter()
    writer.write_object_value(None, model)
    written: dict[str, Any] = json.loads(writer.get_serialized_content())
    return model, written


def model_of(request: Request) -> Any:
    """The model of a body, or the base of the one that its @odata.type names."""
    if STRENGTHS not in request.url:
        return AuthenticationMethodConfiguration if typed(request) else AuthenticationMethodsPolicy
    if typed(request):
        return AuthenticationCombinationConfiguration
    if request.url.endswith("/updateAllowedCombinations"):
        return action.UpdateAllowedCombinationsPostRequestBody
    return AuthenticationStrengthPolicy


def typed(request: Request) -> bool:
    return "@odata.type" in request.body


def unknown(model: Any) -> Iterator[str]:
    """Properties that typed models do not know, at any depth."""
    for name, value in vars(model).items():
        if name == "additional_data":
            yield from value
        for item in value if isinstance(value, list) else [value]:
            if hasattr(item, "additional_data"):
                yield from unknown(item)


LOST = {"passkeyTypes"}
"""Flags, which Graph's pages join with commas in a string; the models read a list alone and drop
the string, and in a list of such strings, those with a comma. `slips` judges them."""


def lowered(value: Any) -> Any:
    """Ids in one case, since typed models read them as numbers, and without what models lose."""
    if isinstance(value, Mapping):
        return {name: lowered(member) for name, member in value.items() if name not in LOST}
    if isinstance(value, list):
        return [lowered(item) for item in value if item is not None and "," not in item]
    if isinstance(value, str) and GUID.fullmatch(value):
        return value.lower()
    return value


def judged_by_models(request: Request) -> None:
    model, written = through_the_models(request)
    assert list(unknown(model)) == []
    expected = dict(request.body)
    for type_ in (written.pop("@odata.type", None), expected.pop("@odata.type", None)):
        assert type_ in (None, request.body.get("@odata.type"))
    assert lowered(written) == lowered(expected)


def slips(value: Any, type_: str, version: Version) -> Iterator[str]:
    """Where a value is not what a version's models declare, at any depth."""
    sdk = witness(version)
    item = type_.partition("(")[2].rstrip(")")
    if type_.startswith("Collection("):
        assert isinstance(value, list)
        for entry in value:
            yield from slips(entry, item, version)
    elif type_.startswith("Flags("):
        for each in value if isinstance(value, list) else [value]:
            yield from set(each.split(",")) - sdk.members(item)
    elif type_ in sdk.enums:
        yield from {value} - sdk.members(type_)
    elif type_ in sdk.types:
        declared = sdk.properties(type_)
        for name, member in value.items():
            if name == "@odata.type" or (version, type_, name) in NOT_IN_THE_SDK:
                continue
            if name not in declared:
                yield f"{type_}.{name}"
            else:
                yield from slips(member, declared[name], version)
    elif not isinstance(value, {"Boolean": bool, "Int32": int}.get(type_, str)):
        yield f"{value!r} is no {type_}"


def judge(request: Request) -> None:
    if request.method == "DELETE":
        assert request.body == {}
        return
    root = RESOURCES[STRENGTHS].type if STRENGTHS in request.url else POLICY
    type_ = str(request.body.get("@odata.type", root)).removeprefix("#microsoft.graph.")
    assert list(slips(request.body, type_, request.api)) == []
    if request.api == "v1.0":
        judged_by_models(request)


@few
@given(situations(noise=False))
def test_every_body_is_what_the_sdk_of_its_version_declares(situation: tuple[Held, Held]) -> None:
    for request in requests(situation):
        judge(request)


@few
@given(whole_situations())
def test_so_is_every_whole_body(situation: tuple[Held, Held]) -> None:
    for request in requests(situation):
        judge(request)


@few
@given(st.data())
def test_so_is_every_body_of_a_new_or_changed_strength(data: st.DataObject) -> None:
    """Every kind of body occurs: creation, texts, combinations, options added or changed."""
    row = RESOURCES[STRENGTHS]
    tree = {p.name: data.draw(live(p.kind)) for p in row.properties}
    combinations = data.draw(live(row.at(("allowedCombinations",)).kind).filter(bool))
    sent = requests(({}, {row.id: {**tree, "allowedCombinations": combinations}}))
    assert sent[0].creates
    truth = data.draw(truths(row))
    for request in (*sent, *requests(({row.id: truth}, {row.id: tree}))):
        judge(request)


def test_the_witness_would_notice() -> None:
    """A mistake in a name, a member or a type is found by both judges."""
    fido2 = "#microsoft.graph.fido2AuthenticationMethodConfiguration"
    for wrong in ({"stat": "enabled"}, {"keyRestrictions": {"isEnforcd": True}}, {"state": "on"}):
        body = {"@odata.type": fido2, **wrong}
        model, written = through_the_models(Request("Fido2", "v1.0", "/", body, ()))
        assert list(unknown(model)) or written != body
        for version in ("v1.0", "beta"):
            assert list(slips(body, fido2.removeprefix("#microsoft.graph."), version))
