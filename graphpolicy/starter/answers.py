"""The questions of `init`, and what it accepts: answers end up in YAML, Markdown and shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import Tenant
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.placeholders import ASSISTED, EMERGENCY, PILOT, TENANT_ID
from graphpolicy.policyfile.schema_keys import TENANT_NAME
from graphpolicy.render.escape import printable

REPOSITORY = "OWNER/REPOSITORY"
OWNER = "@OWNER/TEAM"
GITHUB = "github.com"
NAME = "tenant"

LONGEST_NAME = 256
"""The most characters in a group's display name (Microsoft: "group resource type")."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known about the new repository; the rest are placeholders.

    `emergency` are display names of groups, and sign-in names of accounts, which have an @.
    `owners` are the people and teams that approve changes, as in CODEOWNERS.
    """

    tenant: Tenant = Tenant(NAME, TENANT_ID)
    repository: str = REPOSITORY
    host: str = GITHUB
    pilot: str = PILOT
    assisted: str = ASSISTED
    emergency: tuple[str, ...] = (EMERGENCY,)
    owners: tuple[str, ...] = (OWNER,)


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def is_name(text: str) -> bool:
    """Whether a text can be a group's or an account's name, without invisible characters."""
    return 0 < len(text.strip()) == len(text) <= LONGEST_NAME and printable(text) == text


PART = r"[A-Za-z0-9_.-]+"
HOST = r"[A-Za-z0-9.-]+"
ACCEPTED: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "tenant-name": (
        lambda text: bool(re.fullmatch(TENANT_NAME, text)) and not is_device(text),
        "a short name of letters, digits, dots, hyphens and underscores, and not con or the like",
    ),
    "tenant-id": (_matches(GUID), "the tenant's directory id, a GUID"),
    "repository": (_matches(f"{PART}/{PART}"), "OWNER/NAME, as in contoso/entra-policy"),
    "host": (_matches(HOST), "a host's name, as in github.com"),
    "pilot-group": (is_name, "the display name of a group, on one line"),
    "assisted-group": (is_name, "the display name of a group, on one line"),
    "emergency-access": (is_name, "the name of a group, or an account's sign-in name with its @"),
    "owner": (
        _matches(rf"@{PART}(/{PART})?"),
        "a person or a team on GitHub, as in @contoso/identity",
    ),
}
"""By the name of its flag: a test of an answer, and what an answer must be, in words."""


def is_device(name: str) -> bool:
    """Whether Windows keeps a name for a device, so that no file can have it (Naming Files)."""
    stem = name.partition(".")[0].upper()
    return re.fullmatch(r"CON|PRN|AUX|NUL|(COM|LPT)[0-9]", stem) is not None


def is_server(host: str) -> bool:
    """Whether a host is a GitHub Enterprise Server; those at ghe.com are GitHub's own."""
    return host != GITHUB and not host.endswith(".ghe.com")


def is_account(name: str) -> bool:
    """Whether a name in emergency access is an account's sign-in name."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", name) is not None


def repository_of(remote: str) -> tuple[str, str] | None:
    """Host and OWNER/NAME of a git remote; None if it has none.

    Takes `https://HOST/OWNER/NAME.git`, `ssh://git@HOST/OWNER/NAME` and `git@HOST:OWNER/NAME`.
    """
    pattern = (
        rf"(?:[a-z+]+://)?(?:[^@/\s]+@)?({HOST})(?::\d+(?=/))?[:/]({PART}/{PART}?)(?:\.git)?/?"
    )
    found = re.fullmatch(pattern, remote.strip())
    return (found[1], found[2]) if found else None
