"""What a web page in a browser on the same machine can do to a served mock: nothing."""

import httpx
import pytest

from graphpolicy.mock import serve

CLOCK = '{"advance": 1}'
JSON = {"Content-Type": "application/json"}


def test_only_names_of_this_machine_are_answered() -> None:
    with serve() as graph:
        port = graph.url.rpartition(":")[2]
        for host in (
            "evil.example",
            f"evil.example:{port}",
            "127.0.0.1.evil.example",
            "[::2]",
            "a@localhost",
        ):
            answer = httpx.get(f"{graph.url}/_mock/state", headers={"Host": host})
            assert answer.status_code == 421, host
            assert graph.token not in answer.text
            assert httpx.get(f"{graph.url}/v1.0/me", headers={"Host": host}).status_code == 421
        for host in (f"localhost:{port}", "LOCALHOST", f"[::1]:{port}", f"127.0.0.1:{port}"):
            assert httpx.get(f"{graph.url}/_mock/state", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
        ({**JSON, "Origin": "https://evil.example"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**JSON, "Sec-Fetch-Site": "same-site"}, 403),
        (JSON, 200),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({**JSON, "Sec-Fetch-Site": "none"}, 200),
    ],
)
def test_control_paths_take_json_of_no_other_site(headers: dict[str, str], status: int) -> None:
    with serve() as graph:
        answer = httpx.post(f"{graph.url}/_mock/clock", content=CLOCK, headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", '{"a":' * 3000),
        ("clock", '{"advance": 1e999}'),
        ("tokens", f'{{"expires_in": {10**40}}}'),
        ("tenants", '{"seed": "x"}'),
        ("tenants", '{"seed": []}'),
        ("portal", '{"resource": "Voice", "set": 1}'),
    ],
)
def test_what_a_control_path_can_not_use_is_refused(path: str, body: str) -> None:
    with serve() as graph:
        answer = httpx.post(f"{graph.url}/_mock/{path}", content=body, headers=JSON)
        assert answer.status_code == 400
