"""How much longer `graphpolicy plan` takes than a script that makes the same requests bare.

The bare script imports what any such tool needs (click, yaml, jsonschema, the SDK's adapter) and
sends through it what the plan was seen to send, in as few rounds; all run as processes against one
mock, with bytecode as an installation has it. A second bare script also spares itself rich and
pygments, which httpx loads where they are installed. Prints the ratio of the fastest and of the
median of interleaved runs; the aim is 0.95 or less.

Run: python tests/benchmarks/bench_plan.py
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from graphpolicy.mock import Mock, serve

ROUNDS = 30
COMMAND = str(Path(sys.executable).with_name("graphpolicy"))
POLICY = str(Path(__file__).parent.parent.parent / "policies" / "contoso.yaml")

SPARED = """
import sys
sys.modules["httpx._main"] = None
"""

BARE = """
import asyncio, json, os, ssl
import click, jsonschema, yaml
import httpx
from azure.core.credentials import AccessToken
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_http.middleware.options import ResponseHandlerOption
from msgraph import GraphRequestAdapter
from msgraph_core import GraphClientFactory

ROOT = os.environ["GRAPHPOLICY_GRAPH_URL"]

class Static:
    def get_token(self, *scopes, **options):
        return AccessToken(os.environ["GRAPHPOLICY_ACCESS_TOKEN"], 2**31)

async def get(adapter, url):
    request = RequestInformation()
    request.http_method = Method.GET
    request.url = url
    request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
    return json.loads((await adapter.send_primitive_async(request, "bytes", None)).content)

async def main():
    plain = httpx.AsyncClient(verify=ssl.create_default_context(), http2=False, trust_env=False)
    client = GraphClientFactory.create_with_default_middleware(client=plain)
    provider = AzureIdentityAuthenticationProvider(
        Static(), scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["127.0.0.1"]
    )
    adapter = GraphRequestAdapter(provider, client=client)
    for urls in json.loads(os.environ["ROUNDS"]):
        await asyncio.gather(*(get(adapter, url) for url in urls))

asyncio.run(main())
"""


ROUND = ("/authenticationMethodsPolicy", "", "transitiveMembers/", "/authentication/methods")
"""What the paths of each round have in common; the second has the rest."""


def rounds(mock: Mock, root: str) -> list[list[str]]:
    """The addresses that were read, in the order in which one needs another's answer."""
    found: list[list[str]] = [[] for _ in ROUND]
    for request in mock.requests:
        assert request.method == "GET"
        marks = [place for place, mark in enumerate(ROUND) if mark and mark in request.path]
        query = quote(request.query, safe="$=&,()")
        found[marks[0] if marks else 1].append(f"{root}{request.path}?{query}")
    return [urls for urls in found if urls]


def main() -> None:
    mock = Mock()
    with serve(mock) as server:
        environment = {
            **os.environ,
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        runs = {
            "bare SDK": [sys.executable, "-c", BARE],
            "bare SDK, no rich": [sys.executable, "-c", SPARED + BARE],
            "graphpolicy plan": [COMMAND, "plan", POLICY],
        }
        plan = runs["graphpolicy plan"]
        subprocess.run(plan, env=environment, stdout=subprocess.DEVNULL, check=True)
        environment["ROUNDS"] = json.dumps(rounds(mock, server.url))
        taken: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, command in runs.items():
                begun = time.perf_counter()
                subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
                taken[name].append(time.perf_counter() - begun)
    bare = taken["bare SDK"]
    for name, seconds in taken.items():
        fastest, median = min(seconds), statistics.median(seconds)
        print(
            f"{name:<18} fastest {fastest * 1000:5.0f} ms, {fastest / min(bare):.2f} times bare;"
            f" median {median * 1000:5.0f} ms, {median / statistics.median(bare):.2f} times bare"
        )


if __name__ == "__main__":
    main()
