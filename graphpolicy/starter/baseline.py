"""The first policy of a tenant: a baseline that takes nothing away from anybody."""

from __future__ import annotations

from graphpolicy.model import Tenant
from graphpolicy.policyfile.dump import line
from graphpolicy.starter.answers import Answers, is_account

POLICY = """\
# yaml-language-server: $schema=policy.schema.json
# Who may sign in to the tenant {name}, and how. Settings that are not in this file are not managed:
# graphpolicy never changes them. `graphpolicy explain --all` lists every setting.
version: 1

tenant:
{tenant}

{emergency}
# The people who try a change first. Widen it when nobody has called the helpdesk for a week.
groups:
  pilot: {pilot}
  assisted: {assisted}

authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    MicrosoftAuthenticator:
      state: enabled
      featureSettings:
        # Enforced by Microsoft for everyone; declared so that a reviewer sees it.
        numberMatchingRequiredState: enabled
        # The notification shows the application and the location of the sign-in, so that people do
        # not approve an attacker's sign-in.
        displayAppInformationRequiredState:
          state: enabled
          includeTarget: {{alias: pilot}}
        displayLocationInformationRequiredState:
          state: enabled
          includeTarget: {{alias: pilot}}

    # Lets the helpdesk help people who have lost their phone (graphpolicy tap issue).
    TemporaryAccessPass:
      state: enabled
      includeTargets: [{{alias: assisted}}]
      isUsableOnce: true
      defaultLifetimeInMinutes: 60
      minimumLifetimeInMinutes: 60
      maximumLifetimeInMinutes: 480
      defaultLength: 12
"""

EMERGENCY = "# Accounts that must get in when everything else fails. No plan may lock them out.\n"


def baseline(answers: Answers) -> str:
    """The policy file of a tenant whose live policy was not pulled."""
    return POLICY.format(
        name=answers.tenant.name,
        tenant=_tenant(answers.tenant),
        emergency=emergency(answers),
        pilot=line({"group": answers.pilot}),
        assisted=line({"group": answers.assisted}),
    )


def with_emergency(pulled: str, answers: Answers) -> str:
    """A pulled policy file with the emergency accounts."""
    at = "\nauthenticationMethodsPolicy:\n"
    head, found, rest = pulled.partition(at)
    return f"{head}\n\n{emergency(answers).rstrip()}\n{found}{rest}"


def emergency(answers: Answers) -> str:
    """The block `emergencyAccess`, accounts by sign-in name and groups by display name."""
    entries = (
        line({"user" if is_account(name) else "group": name})[1:-1] for name in answers.emergency
    )
    return EMERGENCY + "emergencyAccess:\n" + "".join(f"  - {entry}\n" for entry in entries)


def _tenant(tenant: Tenant) -> str:
    cloud = () if tenant.cloud == "global" else (f"  cloud: {tenant.cloud}",)
    return "\n".join((f"  name: {line(tenant.name)}", f"  id: {tenant.id}", *cloud))
