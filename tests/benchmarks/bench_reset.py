"""A reset of a thousand people under throttling, against a bare script that does the same.

The bare script asks with httpx for the same group, reads what each has registered on both versions
and what they prefer, deletes it, looks again and ends their sessions, as many at a time, and waits
where it is told to; it keeps no journal, asks for no roles and judges nothing. Both meet the same
mock, which throttles one request in fifty. Prints what is left (nothing), requests, their rate, how
many were throttled, and how much longer it takes than bare.

Run: python tests/benchmarks/bench_reset.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from graphpolicy.mock import Mock, serve

PEOPLE = 1000
AT_ONCE = 8
EVERYBODY = "0d1c2b3a-0000-4000-8000-000000000004"
COMMAND = str(Path(sys.executable).with_name("graphpolicy"))

BARE = """
import asyncio, os, sys
import httpx

ROOT = os.environ["GRAPHPOLICY_GRAPH_URL"]
PREFERENCES = "/beta/users/{}/authentication/signInPreferences"

async def ask(client, method, path):
    while True:
        answer = await client.request(method, path if path.startswith("http") else ROOT + path)
        if answer.status_code != 429:
            return answer.json() if answer.content else None
        await asyncio.sleep(float(answer.headers["Retry-After"]))

def segment(method):
    name = method["@odata.type"].rpartition(".")[2].removesuffix("AuthenticationMethod")
    return f"{name}Methods"

async def reset(client, id_):
    stable, _, _ = await asyncio.gather(
        ask(client, "GET", f"/v1.0/users/{id_}/authentication/methods"),
        ask(client, "GET", f"/beta/users/{id_}/authentication/methods"),
        ask(client, "GET", PREFERENCES.format(id_)),
    )
    for method in stable["value"]:
        if not segment(method).startswith("password"):
            where = f"/v1.0/users/{id_}/authentication/{segment(method)}/{method['id']}"
            await ask(client, "DELETE", where)
    await ask(client, "GET", f"/v1.0/users/{id_}/authentication/methods")
    await ask(client, "POST", f"/v1.0/users/{id_}/revokeSignInSessions")

async def main(group, at_once):
    bearer = {"Authorization": "Bearer " + os.environ["GRAPHPOLICY_ACCESS_TOKEN"]}
    async with httpx.AsyncClient(headers=bearer, timeout=60) as client:
        page = f"/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user?$top=999"
        people = []
        while page:
            answer = await ask(client, "GET", page)
            people += [each["id"] for each in answer["value"]]
            page = answer.get("@odata.nextLink")
        waiting = iter(people)
        async def work():
            for id_ in waiting:
                await reset(client, id_)
        await asyncio.gather(*(work() for _ in range(at_once)))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


POLICY = "version: 1\ntenant: {id: 11111111-2222-4333-8444-555555555555}\n"


def measured(command: list[str]) -> float:
    """Run a command against a fresh tenant of a thousand people; seconds, after a line about it."""
    mock = Mock()
    mock.add_crowd(PEOPLE, {EVERYBODY: 1})
    mock.add_fault("status", status=429, retry_after="1", probability=0.02, seed=1, times=None)
    with serve(mock) as server, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        }
        policies = Path(folder, "policies")
        policies.mkdir()
        Path(policies, "contoso.yaml").write_text(POLICY, encoding="utf-8")
        begun = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
        seconds = time.perf_counter() - begun
    registered, crowd = mock.tenant().registered, mock.tenant().directory.crowd
    assert crowd is not None
    left = sum(bool(registered.kinds_of(crowd.id(number))) for number in range(PEOPLE))
    throttled = sum(each.status == 429 for each in mock.requests)
    print(
        f"{Path(command[0]).name:<12} {seconds:5.1f} s, {len(mock.requests):,} requests, "
        f"{len(mock.requests) / seconds:.0f} a second, {throttled} throttled, {left} people left"
    )
    return seconds


def main() -> None:
    ours = measured(
        [COMMAND, "mfa", "reset", "--group", EVERYBODY, "--auto-approve", "-q",
         "--at-once", str(AT_ONCE)]
    )  # fmt: skip
    bare = measured([sys.executable, "-c", BARE, EVERYBODY, str(AT_ONCE)])
    print(f"{ours / bare:.2f} times bare")


if __name__ == "__main__":
    main()
