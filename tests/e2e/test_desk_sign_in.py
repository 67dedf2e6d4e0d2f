"""A helpdesk person signs in, and a role that was activated a minute ago needs a new sign-in.

The Azure CLI's tokens go to Microsoft alone, so what they do is tested below `tests/unit/graph`.
"""

from __future__ import annotations

import pytest

from graphpolicy.mock import DEFAULT_APPLICATION, Mock, Server
from tests.e2e.test_mfa_reset import MIA, journal as lines, kinds, reset
from tests.shell import Shell, enters_codes, without_rules

pytestmark = pytest.mark.e2e

HELPDESK = "helpdesk@contoso.com"
NOOR = "noor.haddad@contoso.com"
TENANT = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def desk(bare: Shell, server: Server) -> Shell:
    """A shell without a token, in a tenant where passes are on."""
    bare.environment |= {
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "AZURE_AUTHORITY_HOST": server.authority,
        "AZURE_CLIENT_ID": DEFAULT_APPLICATION,
        "SSL_CERT_FILE": str(server.certificate),
    }
    return without_rules(bare)


@pytest.mark.parametrize(
    "verb",
    [
        "mfa reset",
        # All verbs sign in by the same call, and the journal has the name from the token:
        # `test_an_administrator_can_not_help_themselves` in `test_tap.py`.
        pytest.param("tap issue", marks=pytest.mark.deep),
        pytest.param("mfa list", marks=pytest.mark.deep),
    ],
)
def test_a_device_code_acts_under_a_persons_own_name(desk: Shell, mock: Mock, verb: str) -> None:
    mock.portal("TemporaryAccessPass", {"state": "enabled"}, actor="somebody")
    mock.assign_role("Global Reader", HELPDESK)
    enters_codes(mock, HELPDESK)
    acts = () if verb == "mfa list" else ("--auto-approve",)
    done = desk(*verb.split(), MIA, *acts, "--auth", "device-code", "--tenant", TENANT)
    assert done.code == 0, done.text
    if acts:
        assert {line["actor"]["name"] for line in lines(desk)} == {HELPDESK}
    assert (kinds(mock, MIA) == []) == (verb == "mfa reset")


def test_a_role_of_a_minute_ago_needs_a_new_sign_in(shell: Shell, mock: Mock) -> None:
    without_rules(shell)
    before = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_user_token(NOOR)}
    mock.assign_role("Authentication Administrator", NOOR)
    refused = reset(shell, MIA, env=before)
    assert (refused.code, len(kinds(mock, MIA))) == (4, 4)
    assert "activated just now, sign in again" in refused.err
    after = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_user_token(NOOR)}
    assert reset(shell, MIA, env=after).code == 0
