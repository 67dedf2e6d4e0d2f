"""Groups by name and id, pages, getByIds and batches."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from graphpolicy.mock import Answer, Mock, Switches

NAMED = "0d1c2b3a-0000-4000-8000-00000000000{}"


def groups(mock: Mock, condition: str | None = None, **options: str) -> Answer:
    query = {"$select": "id,displayName", **options}
    if condition is not None:
        query["$filter"] = condition
    pairs = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return mock.ask("GET", f"/v1.0/groups?{pairs}")


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [each["displayName"] for each in answer.body["value"]]


def code(answer: Answer) -> str:
    found: str = answer.body["error"]["code"]
    return found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("displayName eq 'SG-MFA-Pilot-P'", ["SG-MFA-Pilot-P"]),
        ("displayName eq 'sg-mfa-pilot-p'", ["SG-MFA-Pilot-P"]),
        ("displayName eq 'finance'", ["Finance", "finance"]),
        ("displayName eq 'O''Brien''s team'", ["O'Brien's team"]),
        ("displayName eq 'Duplicate group'", ["Duplicate group", "Duplicate group"]),
        ("displayName eq 'nobody'", []),
        (
            "displayName eq 'Factory floor' or displayName eq 'All employees'",
            ["All employees", "Factory floor"],
        ),
        (
            "displayName in ('Factory floor', 'O''Brien''s team')",
            ["Factory floor", "O'Brien's team"],
        ),
        ("startswith(displayName,'fact')", ["Factory floor"]),
        ("startsWith(displayName, 'nobody') or id eq '" + NAMED.format(5) + "'", ["Factory floor"]),
        ("displayName eq 'a or b'", []),
    ],
)
def test_filters(condition: str, found: list[str]) -> None:
    assert names(groups(Mock(), condition)) == found


@pytest.mark.parametrize(
    "condition",
    [
        "displayName ne 'x'",
        "endswith(displayName,'x')",
        "displayName eq 'O'Brien'",
        "displayName eq x",
        "mail eq 'x'",
        "displayName eq 'x' or",
        "",
    ],
)
def test_other_filters_are_refused(condition: str) -> None:
    answer = groups(Mock(), condition)
    assert (answer.status, code(answer)) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize("form", ["or", "in"])
def test_fifteen_clauses_pass_and_sixteen_do_not(form: str) -> None:
    def condition(count: int) -> str:
        values = [f"'G{place}'" for place in range(count)]
        if form == "in":
            return f"displayName in ({','.join(values)})"
        return " or ".join(f"displayName eq {value}" for value in values)

    assert names(groups(Mock(), condition(15))) == []
    refused = groups(Mock(), condition(16))
    assert code(refused) == "Request_UnsupportedQuery"
    assert "operators: 16. Max allowed: 15." in refused.body["error"]["message"]


def test_pages_are_followed_to_the_end() -> None:
    mock = Mock()
    everything = names(groups(mock))
    answer, seen, pages = groups(mock, **{"$top": "5"}), [], 1
    seen += names(answer)
    while link := answer.body.get("@odata.nextLink"):
        parts = urlsplit(link)
        assert f"{parts.scheme}://{parts.netloc}" == "https://graph.microsoft.com"
        assert parse_qs(parts.query)["$select"] == ["id,displayName"]
        answer = mock.ask("GET", f"{parts.path}?{parts.query}")
        seen += names(answer)
        pages += 1
    assert seen == everything
    assert pages == 4


def test_a_filtered_list_of_many_comes_in_pages_of_a_hundred() -> None:
    mock = Mock()
    for place in range(250):
        mock.add_group(f"eeeeeeee-0000-4000-8000-{place:012d}", f"Team & {place}")
    answer = groups(mock, "startswith(displayName,'Team & ')")
    assert len(answer.body["value"]) == 100
    parts = urlsplit(answer.body["@odata.nextLink"])
    assert len(mock.ask("GET", f"{parts.path}?{parts.query}").body["value"]) == 100


@pytest.mark.parametrize(
    "options",
    [
        {"$top": "0"},
        {"$top": "1000"},
        {"$top": "ten"},
        {"$skiptoken": "?"},
        {"$search": '"x"'},
        {"$select": "id,colour"},
    ],
)
def test_other_options_are_refused(options: dict[str, str]) -> None:
    assert groups(Mock(), **options).status == 400


def test_count_is_for_who_reads_what_is_eventually_consistent() -> None:
    assert "@odata.count" not in groups(Mock(), **{"$count": "true"}).body
    headers = {"ConsistencyLevel": "eventual"}
    counted = Mock().ask("GET", "/v1.0/groups?$count=true&$top=1", headers=headers).body
    assert counted["@odata.count"] == 17
    refused = Mock().ask("GET", f"/v1.0/groups/{NAMED.format(1)}/members/$count")
    assert refused.body["error"]["message"] == "$count is not currently supported."


def eventual(**options: str) -> Answer:
    query = "&".join(f"{name}={quote(value)}" for name, value in options.items())
    headers = {"ConsistencyLevel": "eventual"}
    return Mock().ask("GET", f"/v1.0/groups?$count=true&{query}", headers=headers)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"$filter": "displayName ne 'Finance'"}, 15),
        ({"$filter": "endswith(displayName,'group')"}, 2),
        ({"$filter": "not startswith(displayName,'F')"}, 14),
        ({"$filter": "not(displayName eq 'finance') and startswith(displayName,'f')"}, 1),
        ({"$search": '"displayName:dup"'}, 2),
        ({"$search": '"displayName:fac flo" OR "displayName:finance"'}, 3),
        ({"$search": '"displayName:zürich" AND "displayName:auß"'}, 1),
        ({"$search": '"displayName:loor"'}, 0),
    ],
)
def test_who_takes_eventual_consistency_may_ask_for_more(
    options: dict[str, str], count: int
) -> None:
    answer = eventual(**options)
    assert answer.status == 200, answer.body
    assert answer.body["@odata.count"] == len(answer.body["value"]) == count
    assert groups(Mock(), **options).status == 400


def test_other_searches_are_refused() -> None:
    for search in ("finance", '"colour:red"', '"displayName:x" "displayName:y"'):
        assert eventual(**{"$search": search}).status == 400
    assert eventual(**{"$filter": "not(displayName eq 'x'"}).status == 400


def test_lists_are_ordered_by_name() -> None:
    shown = groups(Mock(), **{"$orderby": "displayName desc"}).body["value"]
    found = [each["displayName"].casefold() for each in shown]
    assert found == sorted(found, reverse=True)
    both = {"$orderby": "displayName", "$filter": "startswith(displayName,'F')"}
    assert groups(Mock(), **both).body["error"]["message"].startswith("Sorting not supported")
    assert eventual(**both).status == 200
    assert groups(Mock(), **{"$orderby": "description"}).status == 400


def test_one_group() -> None:
    mock = Mock()
    url = f"/v1.0/groups/{NAMED.format(1)}"
    assert mock.ask("GET", url).body["displayName"] == "SG-MFA-Pilot-P"
    short = mock.ask("GET", f"{url}?$select=id").body
    assert set(short) == {"@odata.context", "id"}
    mock.remove_group(NAMED.format(1))
    gone = mock.ask("GET", url)
    assert (gone.status, code(gone)) == (404, "Request_ResourceNotFound")
    mock.add_group(NAMED.format(1), "Renamed")
    assert mock.ask("GET", url).body["displayName"] == "Renamed"


def ask_ids(mock: Mock, body: Any) -> Answer:
    return mock.ask("POST", "/v1.0/directoryObjects/getByIds", body)


def test_objects_by_id() -> None:
    mock = Mock()
    known, unknown = NAMED.format(1), NAMED.format("0")
    body = {"ids": [known, unknown], "types": ["Group"]}
    assert [each["id"] for each in ask_ids(mock, body).body["value"]] == [known]
    assert ask_ids(mock, {"ids": [known]}).body["value"][0]["displayName"] == "SG-MFA-Pilot-P"
    assert ask_ids(mock, {**body, "types": ["user"]}).body["value"] == []
    mock.set_switches(getbyids_missing="404")
    assert ask_ids(mock, body).status == 404
    for wrong in ({}, {"ids": "x"}, {"ids": [1]}, {"ids": [known], "types": "group"}):
        assert ask_ids(mock, wrong).status == 400
    assert ask_ids(Mock(), {"ids": [known] * 1000}).status == 200
    assert ask_ids(Mock(), {"ids": [known] * 1001}).status == 400


def batch(mock: Mock, *requests: Any) -> Answer:
    return mock.ask("POST", "/beta/$batch", {"requests": list(requests)})


GET = {"method": "GET", "url": "/groups?$select=id&$top=1"}


def test_batch_items_are_answered_each_for_itself() -> None:
    mock = Mock(Switches(visibility="immediate"))
    off = {
        "@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration",
        "state": "disabled",
    }
    voice = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Voice"
    answer = batch(
        mock,
        {"id": "1", **GET},
        {
            "id": "2",
            "method": "patch",
            "url": voice,
            "headers": {"content-type": "application/json"},
            "body": off,
        },
        {"id": "3", "method": "GET", "url": f"/{voice}", "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": "/groups/none"},
        {"id": "5", **GET, "dependsOn": ["4"]},
        {"id": "6", **GET, "dependsOn": ["5"]},
    )
    rows = {each["id"]: each for each in answer.body["responses"]}
    statuses = [rows[key]["status"] for key in sorted(rows)]
    assert statuses == [200, 204, 200, 404, 424, 424]
    assert "body" not in rows["2"]
    assert rows["3"]["body"]["state"] == "disabled"
    assert "/beta/" in rows["1"]["body"]["@odata.context"]
    assert len(mock.requests) == 1


@pytest.mark.parametrize(
    "requests",
    [
        [],
        ["x"],
        [{"id": "1", "method": "GET"}],
        [GET],
        [{"id": "", **GET}],
        [{"id": "a", **GET}, {"id": "A", **GET}],
        [{"id": "1", **GET, "dependsOn": ["2"]}, {"id": "2", **GET}],
        [{"id": "1", **GET, "dependsOn": "2"}],
        [{"id": "1", **GET, "body": {}}],
        [{"id": "1", **GET, "body": {}, "headers": []}],
        [{"id": str(place), **GET} for place in range(21)],
    ],
)
def test_a_batch_that_is_not_well_formed_is_refused_whole(requests: list[Any]) -> None:
    answer = batch(Mock(), *requests)
    assert (answer.status, code(answer)) == (400, "BadRequest")


def test_batch_of_twenty_passes() -> None:
    assert batch(Mock(), *({"id": str(place), **GET} for place in range(20))).status == 200
