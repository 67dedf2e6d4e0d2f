"""What a token says about itself."""

from __future__ import annotations

import pytest

from graphpolicy.graph.failures import SignInError
from graphpolicy.graph.tokens import refuse_other_tenant, token_tenant
from graphpolicy.model import UNNAMED, Tenant
from tests.unit.graph.entra import CONTOSO, FABRIKAM, Jwt


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.!!.c", "a.W10.c", "a.eyJ0aWQiOjF9.c"])
def test_an_opaque_token_has_no_tenant(token: str) -> None:
    assert token_tenant(token) is None


def test_a_token_of_another_tenant_is_refused_with_what_names_the_right_one(jwt: Jwt) -> None:
    for tenant, said, fix in (
        (CONTOSO, f"the file is for contoso ({CONTOSO.id})", "in the file"),
        (Tenant(UNNAMED, CONTOSO.id), f"this command is for tenant {CONTOSO.id}", "--tenant"),
    ):
        with pytest.raises(SignInError) as refused:
            refuse_other_tenant(jwt(tid=FABRIKAM.id), tenant)
        assert said in refused.value.text
        assert refused.value.help.endswith(fix)
