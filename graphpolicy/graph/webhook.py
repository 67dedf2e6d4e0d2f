"""Post a message to a webhook: Teams, Slack or any other. Not Graph, but the same HTTP client.

The address is a secret: anybody who knows it can write to the channel. No message contains it, and
no redirect is followed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphpolicy.graph.addresses import LOOPBACK, proxy_for
from graphpolicy.graph.client import tls
from graphpolicy.graph.connection import Connection
from graphpolicy.graph.variables import CA_FILE
from graphpolicy.model import SecretText
from graphpolicy.model.errors import UsageError

if TYPE_CHECKING:
    import httpx

VARIABLE = "GRAPHPOLICY_NOTIFY_URL"
WAITS = (1.0, 2.0, 4.0)
"""Seconds before each further attempt: a message is sent four times at most."""

LONGEST_WAIT = 30.0
"""The most seconds that a receiver's Retry-After can ask for."""

SECONDS = 15.0
MOST_BYTES = 2_000
WORD = re.compile(rb"[a-z][a-z_]{2,60}")
"""What Slack says of a message that it refuses: `invalid_blocks`. Nothing else is repeated."""


def webhook_address(environment: Mapping[str, str]) -> SecretText:
    """The address in `GRAPHPOLICY_NOTIFY_URL`.

    Raises:
        UsageError: it is not set, or not the address of a webhook.
    """
    text = environment.get(VARIABLE, "").strip()
    fix = f"set {VARIABLE} to the address that Teams or Slack shows for the webhook, from a secret"
    if not text:
        raise UsageError(f"{VARIABLE} is not set", fix)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or not (text.isascii() and text.isprintable() and " " not in text):
        raise UsageError(f"{VARIABLE} is not a web address", fix)
    if "@" in parts.netloc:
        raise UsageError(f"{VARIABLE} has a user name or a password in it", fix)
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise UsageError(f"{VARIABLE} does not begin with https://", fix)
    return SecretText(text)


def post(
    address: SecretText,
    body: bytes,
    environment: Mapping[str, str],
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Post JSON; '' if the receiver took it, else why it did not, without the address.

    What a busy receiver (429), a failing one (5xx) or a broken connection did not take is sent
    again, a bounded number of times. A message may arrive twice if an answer was lost.

    Raises:
        UsageError: the certificates or the proxy can't be used.
    """
    import httpx

    url = address.reveal()
    trust = tls(Connection(verify_file=Connection(environment=environment).variable(CA_FILE)))
    why, wait = "", 0.0
    with httpx.Client(
        verify=trust,
        trust_env=False,
        proxy=proxy_for(url, trust),
        follow_redirects=False,
        timeout=SECONDS,
    ) as client:
        for pause in (*WAITS, None):
            try:
                why, wait = _sent(client, url, body)
            except httpx.HTTPError as broken:
                why, wait = f"it can't be reached ({type(broken).__name__})", 0.0
            if not why or wait < 0 or pause is None:
                break
            sleep(min(max(pause, wait), LONGEST_WAIT))
    return why


def _sent(client: httpx.Client, url: str, body: bytes) -> tuple[str, float]:
    """Why one attempt failed, '' if it did not, and the seconds to wait; negative for no more."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept-Encoding": "identity"}
    with client.stream("POST", url, content=body, headers=headers) as answer:
        status = answer.status_code
        if status < 300:
            return "", 0.0
        if status < 400:
            return f"it answered {status} and another address, which is not followed", -1.0
        first = next(answer.iter_raw(MOST_BYTES), b"").strip()
    said = f": {first.decode()}" if WORD.fullmatch(first) else ""
    if status != 429 and status < 500:
        return f"it answered {status}{said}", -1.0
    asked = answer.headers.get("retry-after", "")
    return f"it answered {status}{said}", float(asked) if asked.isdecimal() else 0.0
