"""Which pages a word stands for."""

from __future__ import annotations

import pytest

from graphpolicy.catalogue.settings import Setting
from graphpolicy.commands.explain import find, meant
from graphpolicy.pages import Topic

FEATURES = "MicrosoftAuthenticator.featureSettings"
CAMPAIGN = (
    "authenticationMethodsPolicy.registrationEnforcement.authenticationMethodsRegistrationCampaign"
)
NUMBERS = f"{FEATURES}.numberMatchingRequiredState"


def name(topic: Topic) -> str:
    return topic.name if isinstance(topic, Setting) else topic.id


WORDS: dict[str, list[str]] = {
    # by Graph's name, whole or in part, in any case
    "TemporaryAccessPass.defaultLength": ["TemporaryAccessPass.defaultLength"],
    "defaultlength": ["TemporaryAccessPass.defaultLength"],
    "default-length": ["TemporaryAccessPass.defaultLength"],
    "numberMatchingRequiredState": [NUMBERS],
    "featureSettings.numberMatchingRequiredState.state": [f"{NUMBERS}.state"],
    "Sms.state": ["Sms.state"],
    "authenticationMethodsPolicy.authenticationMethodConfigurations.Sms.state": ["Sms.state"],
    "authenticationMethodConfigurations.Sms": ["Sms"],
    "Fido2.passkeyProfiles[].passkeyTypes": ["Fido2.passkeyProfiles.passkeyTypes"],
    # a method, and the policy
    "sms": ["Sms"],
    "Temporary Access Pass": ["TemporaryAccessPass"],
    "authenticationMethodsPolicy": ["authenticationMethodsPolicy"],
    # by the portal's label
    "Require one-time use": ["TemporaryAccessPass.isUsableOnce"],
    "Registration campaign": [CAMPAIGN],
    "number matching": [NUMBERS, "number-matching-enforced"],
    # a rule
    "dangling-target": ["dangling-target"],
    "Dangling Target": ["dangling-target"],
    "A group that is called otherwise today": ["group-renamed"],
    # nothing
    "zebra": [],
    "e": [],
    ".": [],
}


@pytest.mark.parametrize("word", WORDS)
def test_find(word: str) -> None:
    assert [name(topic) for topic in find(word)] == WORDS[word]


def test_a_name_that_several_settings_have_finds_them_all() -> None:
    found = [name(topic) for topic in find("isRegistrationRequired")]
    assert len(found) == 12
    assert all(item.endswith(".includeTargets.isRegistrationRequired") for item in found)


SLIPS = {
    "defaultLenght": "defaultLength",
    "TemporaryAccessPass.isUsableOnec": "isUsableOnce",
    "dangling-taget": "dangling-target",
    "Temporary Acess Pas": "Temporary Access Pass",
    "zebra": None,
}


@pytest.mark.parametrize("word", SLIPS)
def test_what_was_meant(word: str) -> None:
    assert meant(word) == SLIPS[word]
