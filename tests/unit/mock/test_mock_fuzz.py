"""Whatever a client sends, the mock answers as Graph would: done, or refused with an envelope."""

from typing import Any

from hypothesis import given, settings, strategies as st

from graphpolicy.mock import Mock, Switches
from graphpolicy.mock.policy.wire import METHODS, declared, known
from graphpolicy.mock.tables import data

ROOT = "/policies/authenticationMethodsPolicy"
TYPES = data("types.json")
NAMES = sorted({name for rows in TYPES["types"].values() for name in rows})
MEMBERS = sorted({name for rows in TYPES["enums"].values() for name in rows})
SEGMENTS = [
    "v1.0",
    "policies",
    "authenticationMethodsPolicy",
    "authenticationMethodConfigurations",
    "Voice",
    "groups",
    "directoryObjects",
    "getByIds",
    "$batch",
    "",
    "x'y",
]
GUIDS = ["all_users", "00000000-0000-0000-0000-000000000001"]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 50000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([*MEMBERS, *GUIDS, "", "x"]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, "@odata.type", "other"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def near(draw: st.DrawFn, wire: str, version: str) -> Any:
    """Return a value that fits a wire type, or now and then one that does not."""
    if draw(st.integers(0, 25)) == 0:
        return draw(values)
    if wire.startswith("Collection("):
        return draw(st.lists(near(wire[len("Collection(") : -1], version), max_size=3))
    if wire in TYPES["types"]:
        return draw(body_of(wire, version))
    if wire.removeprefix("Flags(").rstrip(")") in TYPES["enums"]:
        return draw(st.sampled_from(TYPES["enums"][wire.removeprefix("Flags(").rstrip(")")]))
    plain: dict[str, st.SearchStrategy[Any]] = {
        "Boolean": st.booleans(),
        "Int32": st.integers(0, 500),
        "Guid": st.just(GUIDS[1]),
    }
    return draw(plain.get(wire, st.sampled_from(GUIDS)))


@st.composite
def body_of(draw: st.DrawFn, type_name: str, version: str) -> dict[str, Any]:
    """Return an object that is nearly one of a type."""
    wires = declared(type_name, version) or known(type_name)
    names = [name for name in wires if name != "authenticationMethodConfigurations"]
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names)))
    return {name: draw(near(wires[name], version)) for name in chosen}


switches = st.fixed_dictionaries(
    {
        "merge_objects": st.sampled_from(["replace", "deep"]),
        "merge_arrays": st.sampled_from(["replace", "append"]),
        "unknown_property": st.sampled_from(["reject_400", "ignore"]),
        "range_error": st.sampled_from(["reject_400", "clamp"]),
        "root_writable": st.sampled_from(["documented", "all"]),
        "root_unwritable": st.sampled_from(["reject_400", "ignore"]),
        "fido2_wins": st.sampled_from(["profiles", "legacy", "last_written"]),
        "profile_error": st.sampled_from(["reject_400", "ignore"]),
        "profile_id": st.sampled_from(["client", "server"]),
        "number_matching_write": st.sampled_from(["refused", "accepted"]),
        "fill_defaults": st.sampled_from(["on", "off"]),
    }
)


@settings(max_examples=150)
@given(st.data(), switches, st.sampled_from(["v1.0", "beta"]))
def test_any_patch_is_done_or_refused(
    draw: st.DataObject, chosen: dict[str, str], version: str
) -> None:
    mock = Mock(Switches().changed(chosen))
    method = draw.draw(st.sampled_from(["", *METHODS]))
    type_name = METHODS.get(method, "authenticationMethodsPolicy")
    url = f"/{version}{ROOT}" + (f"/authenticationMethodConfigurations/{method}" if method else "")
    for _ in range(2):
        body = draw.draw(body_of(type_name, version))
        if method:
            body.pop("id", None)
            body["@odata.type"] = f"#microsoft.graph.{type_name}"
        before = mock.state()
        answer = mock.ask("PATCH", url, body)
        if answer.status >= 400:
            assert answer.body["error"]["message"]
            assert mock.state() == before
        else:
            assert mock.ask("GET", f"/v1.0{ROOT}").status == 200
            assert mock.ask("GET", f"/beta{ROOT}").status == 200


@settings(max_examples=100)
@given(
    st.sampled_from(["GET", "PATCH", "POST", "DELETE", "PUT"]),
    st.lists(
        st.sampled_from(SEGMENTS),
        max_size=5,
    ),
    values.map(lambda each: each if isinstance(each, dict) else {"requests": each, "ids": each}),
)
def test_any_call_is_answered(method: str, segments: list[str], body: dict[str, Any]) -> None:
    answer = Mock().ask(method, "/v1.0/" + "/".join(segments), body)
    assert answer.status in {200, 201, 204, 400, 404, 405}
    if answer.status >= 400:
        assert answer.body["error"]["code"]
