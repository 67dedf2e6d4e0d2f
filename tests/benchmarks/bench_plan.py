"""How much longer `graphpolicy plan` takes than a script that makes the same requests bare.

The bare script imports what any such tool needs (click, yaml, jsonschema, the SDK's adapter) and
sends the same requests through it; all run as processes against one mock, with bytecode as an
installation has it. A second bare script also spares itself rich and pygments, which httpx loads
where they are installed. Prints the ratio of the fastest and of the median of interleaved runs; the
aim is 1.15 or less.

Run: python tests/benchmarks/bench_plan.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

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
    policy = "/policies/authenticationMethodsPolicy"
    await asyncio.gather(*(get(adapter, f"{ROOT}/{v}{policy}") for v in ("v1.0", "beta")))
    names = "displayName eq 'SG-MFA-Pilot-P' or displayName eq 'Helpdesk-assisted users'"
    await get(adapter, f"{ROOT}/v1.0/groups?$filter={names}&$select=id,displayName")

asyncio.run(main())
"""


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
        asked = {}
        for name, command in runs.items():
            mock.clear_requests()
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
            asked[name] = sorted((request.method, request.path) for request in mock.requests)
        if len(set(map(str, asked.values()))) > 1:
            sys.exit(f"not the same requests, so there is nothing to compare: {asked}")
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
