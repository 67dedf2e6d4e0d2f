"""JSON batching: several requests in one, each answered for itself."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from ..tables import JsonObject
from .call import Answer, Call, Message
from .errors import GraphError, Stamp

MAXIMUM: Final = 20


def answered(call: Call, answer: Callable[[Message], Answer]) -> Answer:
    """Answer every request of a batch, in order; what depends on a failed one fails too."""
    requests = _checked(call.json())
    responses: list[JsonObject] = []
    failed: set[str] = set()
    for request in requests:
        identifier = request["id"]
        if failed.intersection(each.lower() for each in request.get("dependsOn", ())):
            result = _dependent(call)
        else:
            result = answer(_message(request, call))
        if result.status >= 400:
            failed.add(identifier.lower())
        response: JsonObject = {
            "id": identifier,
            "status": result.status,
            "headers": dict(result.headers),
        }
        if result.body is not None:
            response["headers"] = {"Content-Type": "application/json", **result.headers}
            response["body"] = result.body
        responses.append(response)
    return Answer(200, {"responses": responses})


def _checked(body: JsonObject) -> list[JsonObject]:
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        raise GraphError("batch-malformed", "The batch holds no requests.")
    if len(requests) > MAXIMUM:
        raise GraphError("batch-max", f"The batch holds more than {MAXIMUM} requests.")
    seen: set[str] = set()
    for request in requests:
        if not isinstance(request, dict):
            raise GraphError("batch-malformed", "A request of the batch is not an object.")
        identifier = request.get("id")
        if not isinstance(identifier, str) or not identifier or identifier.lower() in seen:
            raise GraphError("batch-ids", "Request ids must be unique within a batch.")
        if not isinstance(request.get("method"), str) or not isinstance(request.get("url"), str):
            raise GraphError("batch-malformed", "A request needs a method and a relative url.")
        if not set(_names(request.get("dependsOn", []))) <= seen:
            raise GraphError("batch-malformed", "dependsOn names no earlier request.")
        if "body" in request and "content-type" not in _headers(request):
            raise GraphError(
                "batch-content-type", "A request with a body needs a Content-Type header."
            )
        seen.add(identifier.lower())
    return requests


def _names(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise GraphError("batch-malformed", "dependsOn is an array of ids.")
    return [str(each).lower() for each in value]


def _headers(request: JsonObject) -> Mapping[str, str]:
    headers = request.get("headers", {})
    if not isinstance(headers, dict):
        raise GraphError("batch-malformed", "headers is an object.")
    return {name.lower(): str(value) for name, value in headers.items()}


def _message(request: JsonObject, call: Call) -> Message:
    url = urlsplit(request["url"])
    inherited = {"authorization": call.message.headers.get("authorization", "")}
    return replace(
        call.message,
        method=request["method"].upper(),
        path=f"/{call.version}/{unquote(url.path).lstrip('/')}",
        query=tuple(parse_qsl(url.query, keep_blank_values=True)),
        headers={**_headers(request), **inherited},
        body=json.dumps(request["body"]).encode() if "body" in request else b"",
    )


def _dependent(call: Call) -> Answer:
    error = GraphError("batch-dependency", "A request that this one depends on failed.")
    stamp = Stamp.of(call.message.headers, call.tenant.clock())
    return Answer(error.status, stamp.envelope(error.code, error.message), stamp.headers)
