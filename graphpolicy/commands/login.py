"""login: a person's sign-in, which later commands use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphpolicy.commands.tenants import HOME, own_policies, own_tenant
from graphpolicy.graph.connection import scope
from graphpolicy.graph.failures import SignInError
from graphpolicy.graph.sign_in import BY_PERSON
from graphpolicy.model import Desired, Tenant
from graphpolicy.model.errors import Exit, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.permission_check import identity

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A tenant by name and id, who signed in to it, and where that is kept, in words."""

    tenant: str
    person: str
    kept: str


def who_signs_in(wanted: Sequence[str], environment: Mapping[str, str]) -> list[Desired]:
    """The policies of the tenants to sign in to: those of the flag, else all under policies/.

    Raises:
        UsageError: a tenant of the flag is not known, or files have errors.
    """
    policies = own_policies()
    if policies.files and not policies.sound:
        raise UsageError(
            "the policy files have errors, so it is not known what to ask for",
            "fix what `graphpolicy validate` finds",
            Exit.FAILED,
        )
    if not wanted and policies.desired:
        return list(policies.desired)
    tenants = [own_tenant(each, environment) for each in wanted]
    if not tenants:
        named = environment.get("AZURE_TENANT_ID") or environment.get("ARM_TENANT_ID")
        tenants = [own_tenant(None, environment) if named else HOME]
    known = {each.tenant.id: each for each in policies.desired}
    return [known.get(each.id) or Desired("", each, ()) for each in tenants]


async def log_in_to_each(
    session: Session, tenants: Sequence[Tenant]
) -> list[SignedIn | SignInError]:
    """Sign in to each tenant, or say why not; the person is asked until they are signed in to one.

    Raises:
        SignInError: the person said no, or Entra could not be reached; other tenants would fail,
            too.
    """
    found: list[SignedIn | SignInError] = []
    for tenant in tenants:
        ask_again = not any(isinstance(each, SignedIn) for each in found)
        try:
            found.append(await log_in(session, tenant, ask_again=ask_again))
        except SignInError as problem:
            if len(tenants) == 1 or problem.code in BY_PERSON:
                raise
            found.append(problem)
    return found


async def log_in(session: Session, tenant: Tenant, *, ask_again: bool) -> SignedIn:
    """Sign in to a tenant; `ask_again` asks the person even if a sign-in is kept.

    Raises:
        SignInError: it failed.
    """
    sign_in, wanted = session.wire.sign_in, scope(session.connection, tenant.cloud)
    if ask_again:
        await sign_in.log_in(tenant, wanted)
    else:
        await sign_in.token(tenant, wanted)
    held = identity(sign_in.claims(tenant, wanted))
    person = held.person if held else "somebody whose token can't be read"
    id_ = tenant.id or (held.tenant if held else "")
    named = tenant.title if tenant.title != tenant.name else f"{tenant.name} ({id_})"
    return SignedIn(named, person, sign_in.account)
