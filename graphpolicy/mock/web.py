"""Reads queries, forms and addresses of requests, whatever their bytes."""

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request


def asked(form: bytes) -> list[tuple[str, str]]:
    """The names and values of a query or a form; invalid UTF-8 becomes U+FFFD."""
    return parse_qsl(form.decode(errors="replace"), keep_blank_values=True)


def address(request: Request) -> str:
    """The root URL of the mock as the client addressed it."""
    host, port = request.scope.get("server") or ("127.0.0.1", None)
    named = request.headers.get("host") or (f"{host}:{port}" if port else host)
    return f"{request.scope['scheme']}://{named}"


def sayable(value: Any) -> Any:
    """The same value of JSON; ValueError where JSON or UTF-8 cannot say it again."""
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value
