"""The mock's answers about strengths and Conditional Access, read by Microsoft's SDK models."""

import importlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter

from graphpolicy.mock import Mock
from graphpolicy.mock.policy.wire import declared
from graphpolicy.mock.tables import data

PLAIN = "policies/authenticationStrengthPolicies"
ACCESS = "identity/conditionalAccess"
KEYS, CARDS, BOOTSTRAP = (f"57000000-0000-4000-8000-00000000000{place}" for place in (1, 2, 3))

ANSWERS = {
    **dict.fromkeys((f"{PLAIN}/{KEYS}", f"{PLAIN}/{CARDS}"), "authentication_strength_policy"),
    f"{ACCESS}/authenticationStrength/policies/{KEYS}": "authentication_strength_policy",
    f"{PLAIN}/{KEYS}/usage": "authentication_strength_usage",
    f"{PLAIN}/{KEYS}/combinationConfigurations": (
        "authentication_combination_configuration_collection_response"
    ),
    PLAIN: "authentication_strength_policy_collection_response",
    f"{ACCESS}/policies": "conditional_access_policy_collection_response",
    f"{ACCESS}/policies/ca000000-0000-4000-8000-000000000003": "conditional_access_policy",
    f"{ACCESS}/authenticationStrength/authenticationMethodModes": (
        "authentication_method_mode_detail_collection_response"
    ),
}


def model_of(module: str) -> Any:
    found = importlib.import_module(f"msgraph.generated.models.{module}")
    wanted = module.replace("_", "")
    return next(value for name, value in vars(found).items() if name.lower() == wanted)


def through(model: Any, body: Any) -> tuple[Any, Any]:
    """A body as a typed model, and the body that the model writes."""
    content = json.dumps(body).encode()
    node = JsonParseNodeFactory().get_root_parse_node("application/json", content)
    typed = node.get_object_value(model)
    writer = JsonSerializationWriter()
    writer.write_object_value(None, typed)
    return typed, json.loads(writer.get_serialized_content())


def unplaced(model: Any) -> Iterator[str]:
    """The properties that typed models do not know, at any depth."""
    for name, value in vars(model).items():
        if name == "additional_data":
            yield from (each for each in value if "@odata." not in each)
        for item in value if isinstance(value, list) else [value]:
            if hasattr(item, "additional_data"):
                yield from unplaced(item)


def comparable(value: Any) -> Any:
    """A document without annotations, nulls and what the models lose: combinations of two.

    They read each entry as one member of the enum, and requirementsSatisfied as a list.
    """
    if isinstance(value, dict):
        return {
            name: moment(each) if name.endswith("DateTime") else comparable(each)
            for name, each in value.items()
            if each is not None and "@odata.context" not in name and name != "@odata.type"
            if name != "requirementsSatisfied"
        }
    if isinstance(value, list):
        return [
            comparable(each)
            for each in value
            if each is not None and not (isinstance(each, str) and "," in each)
        ]
    return value


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("path", ANSWERS)
def test_the_models_read_every_answer_whole(path: str) -> None:
    mock = Mock(seed="strengths")
    body = mock.ask("GET", f"/v1.0/{path}").body
    typed, written = through(model_of(ANSWERS[path]), body)
    assert list(unplaced(typed)) == []
    assert comparable(written) == comparable(body)


def test_the_models_read_what_writes_answer() -> None:
    mock = Mock()
    body = {"displayName": "New", "allowedCombinations": ["fido2", "windowsHelloForBusiness"]}
    made = mock.ask("POST", f"/v1.0/{PLAIN}", body).body
    path = f"/v1.0/{PLAIN}/{made['id']}"
    update = {"allowedCombinations": ["fido2"]}
    changed = mock.ask("POST", f"{path}/updateAllowedCombinations", update).body
    configuration = {
        "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
        "appliesToCombinations": ["fido2"],
        "allowedAAGUIDs": ["fa2b99dc-9e39-4257-8f92-4a30d23c4118"],
    }
    added = mock.ask("POST", f"{path}/combinationConfigurations", configuration).body
    for answer, module in (
        (made, "authentication_strength_policy"),
        (changed, "update_allowed_combinations_result"),
        (added, "authentication_combination_configuration"),
    ):
        typed, written = through(model_of(module), answer)
        assert list(unplaced(typed)) == []
        assert comparable(written) == comparable(answer)


@pytest.mark.parametrize(
    ("type_", "module"),
    [
        ("authenticationStrengthPolicy", "authentication_strength_policy"),
        ("authenticationCombinationConfiguration", "authentication_combination_configuration"),
        ("fido2CombinationConfiguration", "fido2_combination_configuration"),
        ("x509CertificateCombinationConfiguration", "x509_certificate_combination_configuration"),
    ],
)
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_types_have_the_properties_of_the_models(type_: str, module: str, version: str) -> None:
    own = model_of(module)().get_field_deserializers()
    assert set(declared(type_, version)) == {each for each in own if not each.startswith("@")}


def test_the_table_has_the_members_of_the_models() -> None:
    members = [str(each.value) for each in model_of("authentication_method_modes")]
    assert data("types.json")["enums"]["authenticationMethodModes"] == members
    table = data("strengths.json")
    rows = [*table["combinations"], *table["unlisted"]]
    assert {part for each in rows for part in each.split(",")} == set(members) - {
        "unknownFutureValue"
    }
