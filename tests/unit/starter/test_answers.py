"""What an answer may be: it ends up in YAML, in Markdown and in a shell."""

from __future__ import annotations

import pytest

from graphpolicy.starter.answers import ACCEPTED, is_account, repository_of
from tests.every import every

HOSTILE = [
    "",
    " ",
    "a\nb",
    "a'b",
    'a"b',
    "$(id)",
    "`id`",
    "a;b",
    "a b",
    "\u202ea",
    "\x1b[31m",
    "-x y",
]


@pytest.mark.parametrize("flag", ["tenant-name", "tenant-id", "repository", "host", "owner"])
@every("answer", HOSTILE, ids=map(ascii, HOSTILE))
def test_what_stands_bare_in_a_shell_has_no_character_that_means_something(
    flag: str, answer: str
) -> None:
    fits, what = ACCEPTED[flag]
    assert not fits(answer)
    assert what


@pytest.mark.parametrize(
    ("flag", "answer"),
    [
        ("tenant-name", "contoso-test"),
        ("tenant-id", "11111111-2222-4333-8444-55555555555A"),
        ("repository", "contoso/entra.policy_1"),
        ("host", "github.contoso.com"),
        ("owner", "@contoso/identity-team"),
        ("owner", "@ana"),
        ("pilot-group", "SG: Pilot 'P' \"é\" #1 [x] `y` $z"),
        ("emergency-access", "bg-01@contoso.com"),
    ],
)
def test_what_people_call_things_is_accepted(flag: str, answer: str) -> None:
    assert ACCEPTED[flag][0](answer)


@pytest.mark.parametrize("name", ["", " a", "a\nb", "a\u202eb", "x" * 257, "\x00"])
def test_a_group_is_not_called_what_nobody_can_see(name: str) -> None:
    assert not ACCEPTED["pilot-group"][0](name)


@pytest.mark.parametrize(
    ("remote", "wanted"),
    [
        ("git@github.com:contoso/policy.git", ("github.com", "contoso/policy")),
        ("https://github.com/contoso/policy", ("github.com", "contoso/policy")),
        (
            "https://x:y@ghe.contoso.com/contoso/po.licy.git/",
            ("ghe.contoso.com", "contoso/po.licy"),
        ),
        ("ssh://git@github.com:22/contoso/policy.git\n", ("github.com", "contoso/policy")),
        ("/srv/git/policy", None),
        ("../policy", None),
        ("C:\\git\\policy", None),
        ("https://dev.azure.com/contoso/project/_git/policy", None),
        ("https://github.com/contoso/$(id)", None),
    ],
)
def test_a_remote_says_which_repository(remote: str, wanted: tuple[str, str] | None) -> None:
    assert repository_of(remote) == wanted


def test_an_account_is_told_by_its_sign_in_name() -> None:
    assert is_account("bg-01@contoso.com")
    assert not is_account("Break-glass accounts")
    assert not is_account("@contoso")


@pytest.mark.parametrize(("name", "fits"), [("con", False), ("Nul.1", False), ("console", True)])
def test_a_tenant_has_a_name_that_a_file_can_have_on_windows(name: str, fits: bool) -> None:
    assert ACCEPTED["tenant-name"][0](name) is fits
