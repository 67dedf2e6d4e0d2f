"""How messages about a policy file name a value, and what they tell the author to write."""

from __future__ import annotations

import re

from graphpolicy.catalogue.kinds import Int
from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import Json
from graphpolicy.model.did_you_mean import plain, question
from graphpolicy.policyfile.pointers import title
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.strict_yaml.text import show

MOST_LISTED = 16
"""How many keys or words a message lists."""

ON = frozenset({"true", "on", "yes", "y", "1", "enable", "enabled"})
OFF = frozenset({"false", "off", "no", "n", "0", "disable", "disabled", "none"})
OTHER_WORDS = {
    "microsoftmanaged": "default",
    "managed": "default",
    "gcchigh": "usgov",
    "usgovernment": "usgov",
    "dod": "usgov-dod",
    "public": "global",
    "commercial": "global",
    "21vianet": "china",
    "passwordless": "deviceBasedPush",
}
"""Other tools' words for a member of an enum, without case, hyphens and spaces."""

_IDS = {"objectid", "groupid", "tenantid", "directoryid", "domain"}
OTHER_KEYS = {
    **dict.fromkeys(("name", "displayname", "groupname"), ("group", "name")),
    **dict.fromkeys(_IDS, ("id",)),
    **dict.fromkeys(("until", "expiry", "expiration", "end", "enddate"), ("expires",)),
    **dict.fromkeys(("since", "start", "startdate", "after"), ("from",)),
    **dict.fromkeys(("user", "upn"), ("person",)),
    "users": ("people",),
    **dict.fromkeys(("ticket", "why", "comment", "justification"), ("reason",)),
    **dict.fromkeys(("by", "who", "approver"), ("owner",)),
    "method": ("resource",),
    "setting": ("path",),
    "value": ("live",),
    "environment": ("cloud",),
    "delete": ("remove",),
    **dict.fromkeys(("base", "bases", "inherits", "imports"), ("extends",)),
    **dict.fromkeys(("breakglass", "breakglassaccounts"), ("emergencyAccess",)),
    "aliases": ("groups",),
    "policy": ("authenticationMethodsPolicy",),
    "methods": ("authenticationMethodConfigurations",),
    "tap": ("TemporaryAccessPass",),
    "cba": ("X509Certificate",),
    "passkey": ("Fido2",),
    "passkeys": ("Fido2",),
    "totp": ("SoftwareOath",),
    "textmessage": ("Sms",),
}
"""Other words for a key, as above. Of several keys, the first that the map has is meant."""

NO_LIMIT = Int().maximum


def shown(value: Json) -> str:
    """A value as a message names it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    return f"'{show(value)}'" if isinstance(value, str) else str(value)[:60]


def in_braces(text: str) -> str:
    """A text as YAML needs it inside braces; NAME if it can't be shown."""
    if re.fullmatch(GUID, text):
        return text
    if re.fullmatch(r"[A-Za-z][\w.@ -]*[\w.@-]", text) and plain(text) not in ON | OFF | {"null"}:
        return text
    return "'" + text.replace("'", "''") + "'" if show(text) == text else "NAME"


def says(pointer: Pointer, value: Json) -> str:
    """The start of a sentence about a value: "Sms.state is 'x'", for an item "has 'x'"."""
    return f"{title(pointer)} {'has' if isinstance(pointer[-1], int) else 'is'} {shown(value)}"


def as_word(value: Json) -> str:
    """A value without quotes, case, hyphens and spaces, to compare with what people write."""
    return plain(value) if isinstance(value, str) else shown(value)


def meant(value: Json, members: list[str]) -> str:
    """What to write where the value must be one of a few words."""
    choice = " or ".join([", ".join(members[:-1]), members[-1]] if members[1:] else members)
    if len(members) > MOST_LISTED:
        choice = "one of them; the schema and `graphpolicy explain SETTING` have all"
    if isinstance(value, dict | list) or value is None:
        return f"write {choice}"
    word = as_word(value)
    # If there are two words, the one that is not "disabled" means on.
    on = members[1] if members[0] == "disabled" and len(members) == 2 else "enabled"
    said = on if word in ON else "disabled" if word in OFF else OTHER_WORDS.get(word)
    if said in members:
        return f"write {said}"
    return (isinstance(value, str) and question(value, members)) or f"write {choice}"


def not_a_target(name: str, value: Json, words: list[str]) -> tuple[str, str]:
    message = f"{name} has {shown(value)}, which is not a target"
    if isinstance(value, list) and len(value) == 1:
        return message, "write one target, without brackets and without '- '"
    if value == [] and "none" in words:
        return message, "write none for nobody, or remove the line to leave it unmanaged"
    if isinstance(value, str):
        if fix := question(value, words):
            return message, fix
        if re.fullmatch(GUID, value):
            return message, f"write {{id: {value}}}"
        if value not in ("", "none"):
            return message, f"write {{group: {in_braces(value)}}} for the group with that name"
    return message, f"write {', or '.join([*words, '{group: DISPLAY NAME}', '{id: OBJECT ID}'])}"


def excludes_everyone(name: str) -> tuple[str, str]:
    message = f"{name} can't contain all_users: excluding everyone would leave nobody"
    return message, "write {group: DISPLAY NAME}, or disable the setting instead"


def range_of(kind: Int) -> str:
    unit = f" {kind.unit}" if kind.unit else ""
    if kind.maximum == NO_LIMIT:
        return f"of{unit}, at least {kind.minimum}" if unit else f"of at least {kind.minimum}"
    return f"from {kind.minimum} to {kind.maximum}{unit}"
