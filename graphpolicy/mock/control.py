"""The control paths below `/_mock`, with which a test or a demonstration changes the mock.

They need no token, but answer requests from this machine only, and none from pages of other sites:
a browser would send their forms.
"""

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .directory.documents import GROUP
from .directory.passes import sign_in_with
from .entra.applications import GRAPH_TOOLS, Application, Federated
from .entra.consents import Consents
from .entra.github import Job
from .faults import Fault
from .graph.permissions import every_permission
from .seeds import seed_document
from .strengths.custom_strengths import STRENGTHS
from .web import sayable
from .world import World

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost", "testclient"})

_LARGEST_CROWD: Final = 10_000_000
_SHARES: Final = ("stir", "guests", "disabled", "administrators")

Act = Callable[[World, Any, Request], Any]


def control_routes(world: World) -> list[BaseRoute]:
    """The routes below `/_mock`."""
    acts: dict[tuple[str, str], Act] = {
        ("GET", "/state"): lambda world, _body, _request: world.state(),
        ("POST", "/reset"): lambda world, _body, _request: world.reset(),
        ("POST", "/seed"): _seed,
        ("POST", "/switches"): _switches,
        ("POST", "/faults"): _faults,
        ("DELETE", "/faults"): lambda world, _body, _request: world.faults.clear(),
        ("POST", "/portal"): _portal,
        ("POST", "/groups"): _groups,
        ("DELETE", "/groups/{id}"): _remove_object,
        ("POST", "/users"): _users,
        ("DELETE", "/users/{id}"): _remove_object,
        ("POST", "/members"): _members,
        ("POST", "/crowd"): _crowd,
        ("POST", "/demands"): _demands,
        ("DELETE", "/demands/{id}"): lambda world, _body, request: world.undemand(
            request.path_params["id"], _tid(request)
        ),
        ("POST", "/passes"): lambda world, body, request: {
            "result": sign_in_with(world.tenant(_tid(request)), body["user"], body["secret"])
        },
        ("POST", "/tokens"): _tokens,
        ("POST", "/applications"): _applications,
        ("POST", "/sign-ins"): lambda world, body, _request: world.sign_ins.answer(
            body["user_code"], body["user"], body.get("consent", "no")
        ),
        ("POST", "/consents"): lambda world, body, request: world.consent(
            frozenset(body["scopes"]),
            body.get("application", GRAPH_TOOLS),
            body.get("user"),
            _tid(request),
        ),
        ("DELETE", "/consents"): _withdraw,
        ("POST", "/revoke"): lambda world, body, _request: world.issuer.revoke(body["id"]),
        ("POST", "/github-jobs"): _jobs,
        ("POST", "/clock"): _clock,
        ("POST", "/tenants"): _tenants,
        ("GET", "/requests"): lambda world, _body, _request: [asdict(r) for r in world.requests],
        ("DELETE", "/requests"): lambda world, _body, _request: world.requests.clear(),
        ("POST", "/load"): lambda world, body, request: world.load(body, _tid(request)),
    }
    routes: list[BaseRoute] = [
        Route(path, _endpoint(act, world), methods=[method]) for (method, path), act in acts.items()
    ]
    known = [f"{method} /_mock{path}" for method, path in acts]
    return [*routes, Route("/{path:path}", _unknown(known), methods=["GET", "POST", "DELETE"])]


def _unknown(known: list[str]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse({"error": "unknown control path", "paths": known}, 404)

    return endpoint


def _endpoint(act: Act, world: World) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.client is not None and request.client.host not in _LOOPBACK:
            return JSONResponse({"error": "control paths answer this machine only"}, 403)
        text = await request.body()
        if refused := _of_a_page(request, text):
            return refused
        try:
            with world.lock:
                result = act(world, _body(text), request)
        except KeyError as error:
            return JSONResponse({"error": f"{error} is missing or unknown"}, 400)
        except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, 400)
        if result is None:
            return Response(status_code=204)
        # Half of a character, which came through Graph and has no UTF-8, stays an escape.
        return Response(json.dumps(result), media_type="application/json")

    return endpoint


def _of_a_page(request: Request, text: bytes) -> Response | None:
    """The refusal of a request from another site's page, or with a body that is not JSON."""
    own = f"{request.url.scheme}://{request.url.netloc}"
    origin, site = (request.headers.get(name) for name in ("origin", "sec-fetch-site"))
    if origin not in (None, own) or site not in (None, "same-origin", "none"):
        return JSONResponse({"error": "control paths do not answer pages of other sites"}, 403)
    kind = request.headers.get("content-type")
    given = (kind or "").partition(";")[0].strip().lower()
    if (text or kind is not None) and given != "application/json":
        return JSONResponse({"error": "the Content-Type must be application/json"}, 415)
    return None


def _body(text: bytes) -> Any:
    """The JSON of a body; ValueError for what JSON or UTF-8 cannot say again."""
    return sayable(json.loads(text)) if text else {}


def _tid(request: Request) -> str | None:
    return request.query_params.get("tid")


def _seed(world: World, body: Any, request: Request) -> Any:
    seed = body["seed"]
    document = seed_document(seed) if isinstance(seed, str) else dict(seed)
    tenant = world.sow(document, _tid(request))
    return {"id": tenant.id, "displayName": tenant.display_name}


def _switches(world: World, body: Any, _request: Request) -> Any:
    world.switch(body)
    return world.switches.as_dict()


def _faults(world: World, body: Any, _request: Request) -> None:
    rows = body if isinstance(body, list) else [body]
    for fault in [Fault.named(each["kind"], **_rest(each)) for each in rows]:
        world.faults.add(fault)


def _rest(fault: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fault.items() if name != "kind"}


def _portal(world: World, body: Any, request: Request) -> None:
    tenant = world.tenant(_tid(request))
    deletes = body["set"] is None and body["resource"].startswith(f"{STRENGTHS}/")
    if not deletes and not isinstance(body["set"], dict):
        raise TypeError("set is not an object")
    tenant.portal(body["resource"], body["set"], body.get("actor", "admin@contoso.com"))


def _demands(world: World, body: Any, request: Request) -> None:
    for each in body if isinstance(body, list) else [body]:
        world.demand(dict(each), _tid(request))


def _groups(world: World, body: Any, request: Request) -> None:
    for each in body:
        known = {name: each[name] for name in each if name in GROUP}
        directory = world.tenant(_tid(request)).directory
        directory.add_group(known.pop("id"), known.pop("displayName"), **known)


def _users(world: World, body: Any, request: Request) -> Any:
    tenant = world.tenant(_tid(request))
    for each in body:
        name = each["userPrincipalName"]
        known = tenant.directory.person(name) or {"id": str(uuid.uuid4()), "displayName": name}
        if "methods" in each:
            tenant.registered.forget(name)
        tenant.populate(
            {
                "users": [{**known, **each}],
                "methods": {name: each.get("methods", ())},
                "preferences": {name: each["preference"]} if "preference" in each else {},
                "reported": {name: each["reported"]} if "reported" in each else {},
            }
        )
        for group in each.get("groups", ()):
            tenant.directory.join(group, name)
        for role in each.get("roles", ()):
            tenant.directory.join(tenant.directory.activate(role), name)
    return [tenant.directory.key(each["userPrincipalName"]) for each in body]


def _members(world: World, body: Any, request: Request) -> None:
    directory = world.tenant(_tid(request)).directory
    directory.join(body["group"], *body.get("add", ()))
    for each in body.get("remove", ()):
        directory.leave(body["group"], each)


def _crowd(world: World, body: Any, request: Request) -> None:
    groups, shares = body.get("groups", {}), {each: body.get(each, 0) for each in _SHARES}
    for number in (body["count"], *shares.values(), *groups.values()):
        if not isinstance(number, int) or not 0 <= number <= _LARGEST_CROWD:
            raise ValueError(f"{number!r} is not a whole number up to {_LARGEST_CROWD}")
    world.tenant(_tid(request)).gather(body["count"], groups, **shares)


def _remove_object(world: World, _body: Any, request: Request) -> None:
    world.tenant(_tid(request)).directory.remove(request.path_params["id"])


def _tokens(world: World, body: Any, _request: Request) -> Any:
    tenant_id = body.get("tid") or world.tenant().id
    person = world.tenant(tenant_id).signed_in(body["user"]) if "user" in body else None
    every = every_permission("delegated" if person else "application")
    through = {}
    if "application" in body:
        found = world.applications.find(body["application"])
        if found is None:
            raise KeyError(body["application"])
        through = {"application": found.id, "application_name": found.display_name}
        every = found.scopes if person else found.roles
    token = world.issuer.issue(
        tenant_id,
        body.get("scopes" if person else "roles", every),
        expires_in=body.get("expires_in", 86400),
        person=person,
        **through,
    )
    return {"token": token}


def _applications(world: World, body: Any, _request: Request) -> None:
    federated = [Federated(**each) for each in body.pop("federated", ())]
    world.applications.add(Application(**body, federated=tuple(federated)))


def _withdraw(world: World, _body: Any, _request: Request) -> None:
    world.consents = Consents(withdrawn=True)


def _jobs(world: World, body: Any, _request: Request) -> Any:
    return {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": world.jobs.start(Job(**body))}


def _clock(world: World, body: Any, _request: Request) -> Any:
    if "set" in body:
        world.clock.set(datetime.fromisoformat(body["set"]))
    world.clock.advance(body.get("advance", 0))
    return {"now": world.clock().isoformat()}


def _tenants(world: World, body: Any, _request: Request) -> Any:
    tenant = world.add_tenant(body.get("seed", "contoso"), body.get("id"), body.get("displayName"))
    return {"id": tenant.id, "displayName": tenant.display_name}
