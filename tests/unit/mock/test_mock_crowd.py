"""A million people take no time and no memory, and all of them exist."""

import tracemalloc
from urllib.parse import urlsplit

import pytest

from graphpolicy.mock import Mock
from tests.growth import growth

EMPLOYEES = "0d1c2b3a-0000-4000-8000-000000000004"
FACTORY = "0d1c2b3a-0000-4000-8000-000000000005"
REPORT = "/v1.0/reports/authenticationMethods/userRegistrationDetails"


@pytest.fixture(scope="module")
def mock() -> Mock:
    mock = Mock()
    mock.add_crowd(1_000_000, {EMPLOYEES: 1, FACTORY: 10})
    return mock


def test_they_take_no_memory_and_a_page_none_that_stays() -> None:
    tracemalloc.start()
    mock = Mock()
    mock.add_crowd(1_000_000, {EMPLOYEES: 1, FACTORY: 10})
    page = mock.ask("GET", REPORT).body
    assert len(page["value"]) == 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


def test_they_take_no_time_however_many_they_are() -> None:
    def report(people: int) -> None:
        mock = Mock()
        mock.add_crowd(people, {EMPLOYEES: 1, FACTORY: 10})
        assert len(mock.ask("GET", REPORT).body["value"]) == 1000

    assert growth(report, 10_000, 1_000_000) < 5


def test_everybody_is_a_person_by_id_and_by_name(mock: Mock) -> None:
    row = mock.ask("GET", "/v1.0/users?$top=1&$skiptoken=OTk5OTk5").body["value"][0]
    for key in (row["id"], row["userPrincipalName"]):
        assert mock.ask("GET", f"/v1.0/users/{key}").body == {
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
            **row,
        }
    beyond = row["id"].replace(row["id"][:8], "000f4240")
    assert mock.ask("GET", f"/v1.0/users/{beyond}").status == 404
    assert mock.ask("GET", "/v1.0/users/amara.abe.1@contoso.com").status == 404


def test_the_report_goes_on_to_its_end_and_holds_everybody_once(mock: Mock) -> None:
    small = Mock()
    small.add_crowd(2500)
    url: str | None = REPORT
    seen: list[str] = []
    pages = 0
    while url:
        body = small.ask("GET", url).body
        seen += [each["id"] for each in body["value"]]
        pages += 1
        link = body.get("@odata.nextLink")
        url = link and f"{urlsplit(link).path}?{urlsplit(link).query}"
    assert pages == 3
    assert len(seen) == len(set(seen)) == 2500 + 12


def test_membership_follows_from_the_number(mock: Mock) -> None:
    headers = {"ConsistencyLevel": "eventual"}
    for group, count in ((EMPLOYEES, 1_000_000), (FACTORY, 100_000)):
        url = f"/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user/$count"
        assert mock.ask("GET", url, headers=headers).body == str(count)
    tenth = mock.tenant().directory.crowd
    assert tenth is not None
    ids = [tenth.id(10), tenth.id(11)]
    body = {"groupIds": [EMPLOYEES, FACTORY]}
    found = [
        mock.ask("POST", f"/v1.0/users/{each}/checkMemberGroups", body).body["value"]
        for each in ids
    ]
    assert found == [[EMPLOYEES, FACTORY], [EMPLOYEES]]
    page = mock.ask("GET", f"/v1.0/groups/{FACTORY}/members?$top=999&$select=id").body
    assert len(page["value"]) == 999


def test_nested_groups_of_the_crowd_count_everybody_once(mock: Mock) -> None:
    nested = Mock()
    nested.add_crowd(1000, {EMPLOYEES: 2, FACTORY: 3})
    nested.join(EMPLOYEES, FACTORY)
    url = f"/v1.0/groups/{EMPLOYEES}/transitiveMembers/microsoft.graph.user/$count"
    counted = nested.ask("GET", url, headers={"ConsistencyLevel": "eventual"}).body
    assert int(counted) == len({*range(0, 1000, 2), *range(0, 1000, 3)})


def test_one_of_the_crowd_is_changed_alone(mock: Mock) -> None:
    crowd = mock.tenant().directory.crowd
    assert crowd is not None
    index = next(i for i in range(100) if crowd.registered(i) == ("mobilePhone",))
    phones = f"/v1.0/users/{crowd.id(index)}/authentication/phoneMethods"
    (phone,) = mock.ask("GET", phones).body["value"]
    assert mock.ask("DELETE", f"{phones}/{phone['id']}").status == 204
    assert mock.ask("GET", phones).body["value"] == []
    one = mock.ask("GET", f"{REPORT}/{crowd.id(index)}").body
    assert (one["methodsRegistered"], one["isMfaRegistered"]) == ([], False)


def test_the_crowds_registrations_are_of_many_kinds(mock: Mock) -> None:
    rows = mock.ask("GET", f"{REPORT}?$top=1000").body["value"]
    kinds = {tuple(each["methodsRegistered"]) for each in rows}
    assert len(kinds) >= 6
    assert 0.05 < sum(not each["isMfaRegistered"] for each in rows) / len(rows) < 0.2
