"""Which pages a word finds."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from graphpolicy.catalogue.settings import Setting
from graphpolicy.commands.explain import find, meant
from graphpolicy.explain import CALLED, Topic, topics

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
    "A group that has another name in the directory": ["group-renamed"],
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


PARTS = {step for topic in topics() for step in re.findall("[A-Za-z][a-z]{5,}", name(topic))}

SLIPS = {
    "defaultLenght": "defaultLength",
    "TemporaryAccessPass.isUsableOnec": "isUsableOnce",
    "dangling-taget": "dangling-target",
    "Temporary Acess Pas": "Temporary Access Pass",
    # a part of a name or a label, which is all that many people remember
    "lifetme": "Lifetime",
    "numbr matching": "Number matching",
    "numbermatchng": "Number matching",
    "aplication name": "application name",
    "MicrosoftAuthenticator.numbermatchng": "Number matching",
    "zebra": None,
    "xy": None,
}


@pytest.mark.parametrize("word", SLIPS)
def test_what_was_meant(word: str) -> None:
    assert meant(word) == SLIPS[word]


@settings(max_examples=25)
@given(st.sampled_from(sorted(PARTS)), st.randoms(use_true_random=False))
def test_a_word_with_a_letter_missing_leads_to_a_word_that_finds_something(
    part: str, random: Random
) -> None:
    at = random.randrange(len(part))
    near = meant(part[:at] + part[at + 1 :])
    assert near is not None
    assert find(near)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("TAP", ["TemporaryAccessPass"]),
        ("Authenticator", ["MicrosoftAuthenticator"]),
        ("MS Authenticator", ["MicrosoftAuthenticator"]),
        ("passkeys", ["Fido2"]),
        ("FIDO", ["Fido2"]),
        ("ToTP", ["SoftwareOath"]),
        ("OATH", ["SoftwareOath", "HardwareOath"]),
        ("CBA", ["X509Certificate"]),
        ("SSPR", ["policyMigrationState"]),
        ("location", ["featureSettings.displayLocationInformationRequiredState"]),
        ("map", ["featureSettings.displayLocationInformationRequiredState"]),
        ("application name", ["featureSettings.displayAppInformationRequiredState"]),
    ],
)
def test_what_people_say_is_found(said: str, names: list[str]) -> None:
    found = find(said)
    assert [topic.dotted if isinstance(topic, Setting) else topic.id for topic in found] == names


def test_other_names_are_of_something_that_there_is() -> None:
    there = {topic.dotted if isinstance(topic, Setting) else topic.id for topic in topics()}
    assert set(CALLED) <= there
