"""Where a request goes: its token, its path, its permission, then its handler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..directory import groups_api as directory_api
from ..entra.tokens import Token
from ..faults import Fault, refusal, strike
from ..policy import api as policy_api
from ..policy.wire import CONFIGURATIONS, POLICY, VERSIONS
from ..rules import enforces
from ..tenant import Tenant
from ..world import World, recorded
from .batch import answered
from .call import Answer, Call, Message
from .errors import GraphError, Stamp

Handle = Callable[[Call], Answer]

_POLICY_READ: Final = frozenset(
    {
        "Policy.Read.AuthenticationMethod",
        "Policy.ReadWrite.AuthenticationMethod",
        "Policy.Read.All",
    }
)
_POLICY_WRITE: Final = frozenset({"Policy.ReadWrite.AuthenticationMethod"})
_GROUPS: Final = frozenset({"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"})
_OBJECTS: Final = frozenset({"Directory.Read.All"})
_ORGANIZATION: Final = frozenset({"Organization.Read.All", "Directory.Read.All"})

_JSON: Final = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does on a resource, and which permissions let a token do it."""

    handle: Handle
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Resource:
    """A path, `*` for a name, with the methods that it takes."""

    path: tuple[str, ...]
    operations: Mapping[str, Operation]

    @property
    def is_policy(self) -> bool:
        """Say whether this is the policy or a part of it."""
        return POLICY.lower() in self.path or CONFIGURATIONS.lower() in self.path

    def matches(self, segments: tuple[str, ...]) -> bool:
        """Say whether a path leads here or, if it is shorter, in this direction."""
        return all(
            own in ("*", given.lower()) for own, given in zip(self.path, segments, strict=False)
        ) and len(segments) <= len(self.path)


def _policy_resources() -> list[Resource]:
    policy = {
        "GET": Operation(policy_api.get_policy, _POLICY_READ),
        "PATCH": Operation(policy_api.patch_policy, _POLICY_WRITE),
    }
    configurations = {
        "GET": Operation(policy_api.list_configurations, _POLICY_READ),
        "POST": Operation(policy_api.create_configuration, _POLICY_WRITE),
    }
    configuration = {
        "GET": Operation(policy_api.get_configuration, _POLICY_READ),
        "PATCH": Operation(policy_api.patch_configuration, _POLICY_WRITE),
        "DELETE": Operation(policy_api.delete_configuration, _POLICY_WRITE),
    }
    root, below = POLICY.lower(), CONFIGURATIONS.lower()
    whole = ("policies", root), (root,)
    lists = ("policies", root, below), (root, below), (below,)
    return [
        *(Resource(path, policy) for path in whole),
        *(Resource(path, configurations) for path in lists),
        *(Resource((*path, "*"), configuration) for path in lists),
        *(Resource((*path, "verifiablecredentials", "*"), configuration) for path in lists),
    ]


_RESOURCES: Final = (
    *_policy_resources(),
    Resource(("groups",), {"GET": Operation(directory_api.list_groups, _GROUPS)}),
    Resource(("groups", "*"), {"GET": Operation(directory_api.get_group, _GROUPS)}),
    Resource(
        ("directoryobjects", "getbyids"),
        {"POST": Operation(directory_api.get_by_ids, _OBJECTS)},
    ),
    Resource(("organization",), {"GET": Operation(directory_api.get_organization, _ORGANIZATION)}),
)
_UNAVAILABLE: Final = {
    "404": "ResourceNotFound",
    "403": "AccessDenied",
    "405": "Request_BadRequest",
}
_BATCH: Final = ("$batch",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a request: the answer, None for a broken connection, and the fault."""

    answer: Answer | None
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Graph:
    """Graph's side of a world: answers messages."""

    world: World

    def receive(self, message: Message) -> Outcome:
        """Answer a request under the fault that strikes it, if any, and record it."""
        with self.world.lock:
            fault = self.world.faults.take(message)
            kind = None if fault is None else fault.kind
            answer = None if kind == "reset_before" else self._struck(fault, message)
            if kind == "reset_after":
                answer = None
            self.world.requests.append(recorded(message, None if answer is None else answer.status))
            return Outcome(answer, fault)

    def _batched(self, message: Message) -> Answer:
        return self._struck(self.world.faults.take(message, batched=True), message)

    def _struck(self, fault: Fault | None, message: Message) -> Answer:
        if fault is None:
            return self._plain(message)
        if fault.kind == "status":
            return refusal(fault, Stamp.of(message.headers, self.world.clock()))
        tenant = self.world.tenant_of(message.headers.get("authorization"))
        if tenant is None:
            return self._plain(message)
        return strike(fault, tenant, lambda: self._plain(message))

    def _plain(self, message: Message) -> Answer:
        stamp = Stamp.of(message.headers, self.world.clock())
        try:
            answer = self._routed(message)
        except GraphError as error:
            answer = Answer(error.status, stamp.envelope(error.code, error.message))
        headers = stamp.headers
        if answer.body is not None:
            headers["Content-Type"] = _JSON if answer.status < 400 else "application/json"
        return Answer(answer.status, answer.body, {**headers, **answer.headers})

    @enforces("double-slash")
    def _routed(self, message: Message) -> Answer:
        token = self.world.issuer.recognise(message.headers.get("authorization"))
        tenant = self.world.tenants.get(token.tenant_id)
        if tenant is None:
            raise GraphError("token-bad", "The token's tenant does not exist here.")
        version, *rest = [each for each in message.path.split("/") if each] or [""]
        if version.lower() not in VERSIONS:
            raise GraphError("version-unknown", f"Invalid version: {version}")
        segments = tuple(rest)
        if tuple(each.lower() for each in segments) == _BATCH:
            return self._batch(self._call(message, version, (), tenant, token))
        resource = _resource(segments)
        call = self._call(message, version, _names(resource, segments), tenant, token)
        _check_cloud(resource, call)
        operation = resource.operations.get(message.method)
        if operation is None:
            raise policy_api.not_allowed()
        _check_permission(resource, operation, call)
        return operation.handle(call)

    def _batch(self, call: Call) -> Answer:
        if call.message.method != "POST":
            raise policy_api.not_allowed()
        return answered(call, self._batched)

    def _call(
        self, message: Message, version: str, names: tuple[str, ...], tenant: Tenant, token: Token
    ) -> Call:
        return Call(message, version.lower(), names, tenant, token, self.world.switches)


@enforces("segment-case", "root-alias")
def _resource(segments: tuple[str, ...]) -> Resource:
    for resource in _RESOURCES:
        if len(resource.path) == len(segments) and resource.matches(segments):
            return resource
    for depth, segment in enumerate(segments):
        if not any(resource.matches(segments[: depth + 1]) for resource in _RESOURCES):
            raise _unknown(segment)
    raise _unknown(segments[-1] if segments else "")


def _names(resource: Resource, segments: tuple[str, ...]) -> tuple[str, ...]:
    """The names in a path: what stands for `*`, and the key before a further key."""
    start = min(
        (place for place, own in enumerate(resource.path) if own in {"*", "verifiablecredentials"}),
        default=len(segments),
    )
    return segments[start:]


def _unknown(segment: str) -> GraphError:
    return GraphError("segment-unknown", f"Resource not found for the segment '{segment}'.")


def _check_cloud(resource: Resource, call: Call) -> None:
    if call.switches.cloud == "china" and call.version == "v1.0" and resource.is_policy:
        status = call.switches.unavailable
        raise GraphError(
            "cloud-unavailable",
            "This API is not available in this cloud.",
            status=int(status),
            code=_UNAVAILABLE[status],
        )


def _check_permission(resource: Resource, operation: Operation, call: Call) -> None:
    if operation.permissions & call.token.roles:
        return
    if resource.is_policy:
        raise GraphError(
            "scope-policy",
            "You cannot perform the requested operation, required scopes are missing in the token.",
            code=call.switches.missing_scope_code,
        )
    raise GraphError("scope-directory", "Insufficient privileges to complete the operation.")
