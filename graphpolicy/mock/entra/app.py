"""The ASGI application of the authority: Entra's endpoints, and GitHub's for its jobs."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..tables import JsonObject
from ..web import address, asked
from . import discovery as about, sign_in
from .errors import SignInError
from .github import PATH, job_token
from .keys import published

if TYPE_CHECKING:
    from ..world import World

Answering = Callable[[Request], Awaitable[JsonObject]]


def authority_application(world: "World") -> Starlette:
    """Return the application that signs people and applications in to a world."""

    async def token(request: Request) -> JsonObject:
        form = await _form(request)
        endpoint = f"{address(request)}{request.scope['path']}"
        return sign_in.token(world, request.path_params["tenant"], form, endpoint)

    async def device(request: Request) -> JsonObject:
        form = await _form(request)
        return sign_in.device(world, request.path_params["tenant"], form, address(request))

    async def discovery(request: Request) -> JsonObject:
        return about.discovery(world, request.path_params["tenant"], address(request))

    async def instances(request: Request) -> JsonObject:
        return about.instance_discovery(address(request), request.path_params["tenant"])

    async def keys(_request: Request) -> JsonObject:
        return {"keys": [published("entra")]}

    async def github(request: Request) -> Response:
        with world.lock:
            job = world.jobs.find(request.headers.get("authorization", ""))
            if job is None:
                return _json({"message": "Unauthorized"}, 401)
            audience = dict(asked(request.scope["query_string"])).get("audience")
            return _json(job_token(job, audience, world.clock))

    async def authorize(request: Request) -> Response:
        options = dict(asked(request.scope["query_string"]))
        try:
            with world.lock:
                return HTMLResponse(
                    sign_in.authorize(world, request.path_params["tenant"], options)
                )
        except SignInError as error:
            return PlainTextResponse(f"AADSTS{error.number}: {error.message}", 400)
        except KeyError:
            return PlainTextResponse("AADSTS50034: The user account does not exist.", 400)

    def answering(answer: Answering) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            await request.body()
            try:
                with world.lock:
                    return _json(await answer(request))
            except SignInError as error:
                return _json(error.body(world.clock()), error.status)

        return endpoint

    return Starlette(
        routes=[
            Route(PATH, github),
            Route("/{tenant}/discovery/instance", answering(instances)),
            Route("/{tenant}/discovery/v2.0/keys", answering(keys)),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", answering(discovery)),
            Route("/{tenant}/oauth2/v2.0/authorize", authorize),
            Route("/{tenant}/oauth2/v2.0/token", answering(token), methods=["POST"]),
            Route("/{tenant}/oauth2/v2.0/devicecode", answering(device), methods=["POST"]),
        ]
    )


def _json(body: JsonObject, status: int = 200) -> Response:
    """An answer in ASCII: an assertion may hold half of a character, which has no UTF-8."""
    return Response(json.dumps(body), status, media_type="application/json")


async def _form(request: Request) -> dict[str, str]:
    return dict(asked(await request.body()))
