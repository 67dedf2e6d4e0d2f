"""The national clouds' addresses of Graph and sign-in (Microsoft: "National cloud deployments")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graphpolicy.model import Cloud


class Home(NamedTuple):
    """A cloud's addresses of Graph and sign-in, and the audience of its federated assertions."""

    root: str
    authority: str
    audience: str


CLOUDS: Mapping[Cloud, Home] = {
    "global": Home(
        "https://graph.microsoft.com",
        "https://login.microsoftonline.com",
        "api://AzureADTokenExchange",
    ),
    "usgov": Home(
        "https://graph.microsoft.us",
        "https://login.microsoftonline.us",
        "api://AzureADTokenExchangeUSGov",
    ),
    "usgov-dod": Home(
        "https://dod-graph.microsoft.us",
        "https://login.microsoftonline.us",
        "api://AzureADTokenExchangeUSGov",
    ),
    "china": Home(
        "https://microsoftgraph.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "api://AzureADTokenExchangeChina",
    ),
}

MICROSOFT = (
    "microsoftonline.com",
    "microsoftonline.us",
    "microsoftonline.de",
    "microsoftonline.cn",
    "microsoft.com",
    "microsoft.us",
    "chinacloudapi.cn",
    "windows.net",
    "usgovcloudapi.net",
    "ciamlogin.com",
    "b2clogin.com",
)
"""The domains of Microsoft's sign-in and services, in every cloud."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The three hosts to which the SDK sends a token over plain http (kiota's token provider)."""
