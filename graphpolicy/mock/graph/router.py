"""The route of a request: token, path, permission, then handler."""

from dataclasses import dataclass, replace
from typing import Final

from ..entra.tokens import Token
from ..faults import Fault, refusal, strike
from ..policy.rewriting import pass_time
from ..policy.wire import VERSIONS
from ..rules import enforces
from ..tenant import Tenant
from ..world import World, recorded
from .batch import answered
from .call import Answer, Call, Message, segments_of
from .errors import GraphError, Stamp
from .metadata import METADATA, schema
from .odata import number
from .permissions import check
from .resources import Resource, not_allowed, resource_at

_JSON: Final = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)


_LIMITED: Final = ("reports", "methods")
_REPORTS: Final = 5
_REPORT_SECONDS: Final = 10
_UNAVAILABLE: Final = {
    "404": "ResourceNotFound",
    "403": "AccessDenied",
    "405": "Request_BadRequest",
}
_BATCH: Final = ("$batch",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a request: the answer, None for a broken connection, and the fault."""

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
        if fault.kind == "expire_token":
            self.world.issuer.expire(message.headers.get("authorization"))
            return self._plain(message)
        tenant = self.world.tenant_of(message.headers.get("authorization"))
        if tenant is None:
            return self._plain(message)
        return strike(fault, tenant, lambda: self._plain(message))

    def _plain(self, message: Message) -> Answer:
        stamp = Stamp.of(message.headers, self.world.clock())
        try:
            answer = self._routed(message, stamp)
        except GraphError as error:
            answer = Answer(
                error.status, stamp.envelope(error.code, error.message, error.inner), error.headers
            )
        headers = stamp.headers
        if answer.body is not None:
            headers["Content-Type"] = _JSON if answer.status < 400 else "application/json"
        return Answer(answer.status, answer.body, {**headers, **answer.headers})

    def _routed(self, message: Message, stamp: Stamp) -> Answer:
        version, *rest = segments_of(message.path) or ("",)
        known = version.lower() in VERSIONS
        if known and tuple(rest) == METADATA and message.method == "GET":
            return schema(version.lower())
        token = self.world.issuer.recognise(message.headers.get("authorization"))
        tenant = self.world.tenants.get(token.tenant_id)
        if tenant is None:
            raise GraphError("token-bad", "The token's tenant does not exist here.")
        if not known:
            raise GraphError("version-unknown", f"Invalid version: {version}")
        segments = tuple(rest)
        if tuple(each.lower() for each in segments) == _BATCH:
            return self._batch(self._call(message, version, (), tenant, token))
        resource, led = resource_at(segments, version.lower())
        message = replace(message, path="/".join(("", version, *led)))
        call = self._call(message, version, resource.names(led), tenant, token)
        call = replace(call, counting=led != segments)
        _check_cloud(resource, call)
        operation = resource.operations.get(message.method)
        if operation is None or (call.counting and message.method != "GET"):
            raise not_allowed()
        check(operation.permission, token, call.switches)
        pass_time(tenant)
        if operation.permission.service in _LIMITED:
            _hold_report_limit(call)
        if operation.reads_people:
            call = replace(call, tenant=tenant.with_people_seen())
        with call.tenant.answering(stamp.ids):
            answer = operation.handle(call)
        return number(len(answer.body["value"])) if call.counting and answer.body else answer

    def _batch(self, call: Call) -> Answer:
        if call.message.method != "POST":
            raise not_allowed()
        return answered(call, self._batched)

    def _call(
        self, message: Message, version: str, names: tuple[str, ...], tenant: Tenant, token: Token
    ) -> Call:
        return Call(message, version.lower(), names, tenant, token, self.world.switches)


@enforces("cloud-strengths")
def _check_cloud(resource: Resource, call: Call) -> None:
    missing = (call.version == "v1.0" and resource.is_policy) or (
        call.version == "beta" and resource.is_strength
    )
    if call.switches.cloud == "china" and missing:
        status = call.switches.unavailable
        raise GraphError(
            "cloud-unavailable",
            "This API is not available in this cloud.",
            status=int(status),
            code=_UNAVAILABLE[status],
        )


def _hold_report_limit(call: Call) -> None:
    """Refuse the sixth request for a report in ten seconds, where the switch says so."""
    if call.switches.report_limit == "off":
        return
    now = call.tenant.clock()
    asked = call.tenant.reports_asked.setdefault(call.token.application, [])
    asked[:] = [each for each in asked if (now - each).total_seconds() < _REPORT_SECONDS]
    if len(asked) >= _REPORTS:
        wait = _REPORT_SECONDS - int((now - asked[0]).total_seconds())
        raise GraphError(
            "report-throttled", "Please retry again later.", headers={"Retry-After": str(wait)}
        )
    asked.append(now)
