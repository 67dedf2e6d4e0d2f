"""The proxy for an address, from the environment or the system's settings.

Python's own functions read them. httpx's fail on usual values of NO_PROXY such as `[::1]` and
networks, and trust certifi's authorities instead of the system's for an https proxy.
"""

from __future__ import annotations

import ssl
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphpolicy.graph.clouds import LOOPBACK
from graphpolicy.model.errors import UsageError

if TYPE_CHECKING:
    import httpx


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
