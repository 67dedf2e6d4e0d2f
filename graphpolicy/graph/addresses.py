"""The addresses of Graph and sign-in in each cloud, and the proxy on the way there."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from graphpolicy.model import Cloud
from graphpolicy.model.errors import UsageError

if TYPE_CHECKING:
    import httpx


class CloudAddresses(NamedTuple):
    """A cloud's addresses of Graph and sign-in, and the audience of its federated assertions."""

    root: str
    authority: str
    audience: str


CLOUDS: Mapping[Cloud, CloudAddresses] = {
    "global": CloudAddresses(
        "https://graph.microsoft.com",
        "https://login.microsoftonline.com",
        "api://AzureADTokenExchange",
    ),
    "usgov": CloudAddresses(
        "https://graph.microsoft.us",
        "https://login.microsoftonline.us",
        "api://AzureADTokenExchangeUSGov",
    ),
    "usgov-dod": CloudAddresses(
        "https://dod-graph.microsoft.us",
        "https://login.microsoftonline.us",
        "api://AzureADTokenExchangeUSGov",
    ),
    "china": CloudAddresses(
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


def proxy_for(url: str, context: ssl.SSLContext) -> httpx.Proxy | None:
    """The proxy for an https address; None for this machine, and if the settings name none for it.

    Raises:
        UsageError: the setting is not a usable proxy. It may contain a password, so the message
            does not repeat it.
    """
    from urllib.request import getproxies, proxy_bypass

    import httpx

    host = urlsplit(url).hostname or ""
    named = getproxies()
    text = (named.get("https") or named.get("all") or "").strip()
    if not text or host in LOOPBACK or proxy_bypass(host):
        return None
    address = text if "://" in text else f"http://{text}"
    try:
        scheme, port = urlsplit(address).scheme, urlsplit(address).port
        proxy = httpx.Proxy(address, ssl_context=context if scheme == "https" else None)
        usable = bool(proxy.url.host) and port != 0
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise UsageError(
            "HTTPS_PROXY or ALL_PROXY is not the address of a proxy", "write it as http://HOST:PORT"
        )
    if scheme.startswith("socks") and find_spec("socksio") is None:
        raise UsageError(
            "HTTPS_PROXY or ALL_PROXY is a SOCKS proxy, which needs two more packages",
            "run `pip install socksio pysocks`",
        )
    return proxy
