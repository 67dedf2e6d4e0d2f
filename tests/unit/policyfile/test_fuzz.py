"""No file makes `validate` raise, hang, or let pass what the schema refuses."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from jsonschema import Draft7Validator

from graphpolicy.policyfile.assembly import PolicyFile, judge
from graphpolicy.policyfile.dump import dump
from graphpolicy.policyfile.json_schema import schema
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.strict_yaml import parse
from tests.growth import growth
from tests.unit.policyfile.test_schema_errors import CASES

SAMPLE = (Path(__file__).parents[3] / "policies/baseline.yaml").read_text(encoding="utf-8")

SOUND = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555, cloud: usgov}
groups: {pilot: {group: P}, all: {group: all_users}}
emergencyAccess: [{user: bg@contoso.com}, {group: Break-glass}]
hold:
- {resource: Sms, path: state, live: enabled, reason: INC1, owner: me, expires: 2027-03-31}
acknowledge:
- {rule: irreversible-change, atMost: 3, reason: CHG1, owner: me, expires: 2027-03-31}
expect:
- {people: {alias: pilot}, canUse: [Fido2], cannotUse: [Sms], has: [Fido2], from: 2027-02-01}
- {person: mia@contoso.com, canUse: [Email], reason: CHG1, owner: me}
authenticationMethodsPolicy:
  policyMigrationState: migrationComplete
  reconfirmationInDays: 90
  systemCredentialPreferences: enabled
  registrationEnforcement:
    authenticationMethodsRegistrationCampaign:
      snoozeDurationInDays: 1
      includeTargets: [{id: all_users, targetedAuthenticationMethod: Fido2}]
  authenticationMethodConfigurations:
    MicrosoftAuthenticator:
      state: enabled
      includeTargets: [{group: A}, {group: B, id: 0d1c2b3a-0000-4000-8000-000000000001}]
      excludeTargets: [{alias: pilot}]
      featureSettings:
        companionAppAllowedState: {state: enabled, includeTarget: all_users, excludeTarget: none}
    Fido2:
      passkeyProfiles: {Strict: {passkeyTypes: [deviceBound]}}
      includeTargets: [{group: all_users, allowedPasskeyProfiles: [Strict]}]
    X509Certificate:
      certificateUserBindings:
      - {x509CertificateField: PrincipalName, userProperty: email, priority: 1}
      certificateAuthorityScopes:
      - {subjectKeyIdentifier: abcd, includeTargets: [{group: A}]}
    External:
      Duo: {state: disabled, openIdConnectSetting: {discoveryUrl: 'https://duo.example/'}}
"""
DATA = parse(SOUND.encode(), "sound.yaml").data
SEEDS = [SAMPLE, SOUND, *(text for text, _ in CASES.values())]
PIECES = [
    "\n", "  ", "- ", ": ", "[", "]", "{", "}", ",", "#", "'", '"', "&a ", "*a", "!x ", "~", "on",
    "0755", "1:30", "state", "tenant", "Sms: ", "all_users", "group: ", "id: ", "\u202e", "\t",
]  # fmt: skip


def check(raw: bytes) -> PolicyFile:
    """What must be true for every file, whatever is in it."""
    file = judge(parse(raw, "contoso.yaml"))
    lines = re.split(r"\r\n|\r|\n", raw.removeprefix(b"\xef\xbb\xbf").decode(errors="replace"))
    for found in file.findings:
        assert found.help
        assert (found.message + found.help).isprintable()
        place = found.source
        assert place
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
    assert len(set(file.findings)) == len(file.findings)
    if any(found.level == "error" for found in file.findings):
        assert file.desired is None
    return file


def test_the_seeds_are_sound() -> None:
    assert check(SOUND.encode()).desired
    assert not check(SAMPLE.encode()).findings


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    check(raw)


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.data())
def test_no_slip_of_the_hand_makes_it_raise(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 15)))
        text = text[:start] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    check(text.encode())


WORDS = st.sampled_from(
    [
        "all_users", "none", "enabled", "state", "group", "id", "user", "role", "Sms", "Strict",
        "alias", "add", "remove", "pilot", "extends", "hold", "expires", "resource", "path", "live",
        "expect", "people", "person", "canUse", "cannotUse", "has", "from", "2027-02-01",
        "External", "targetType", "0d1c2b3a-0000-4000-8000-000000000001", "", "x", "tenant",
        "00000000-0000-0000-0000-000000000000", "passkeyProfiles", "includeTargets", "1",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(WORDS, st.booleans(), st.integers(-1, 99), st.floats(-9, 9), st.just(10**18)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def _somewhere(data: st.DataObject, root: Any) -> None:
    """Put, rename or remove something somewhere in a document."""
    around, step = root, data.draw(st.sampled_from(sorted(root)))
    while isinstance(around[step], dict | list) and around[step] and data.draw(st.integers(0, 5)):
        around = around[step]
        steps = sorted(around) if isinstance(around, dict) else range(len(around))
        step = data.draw(st.sampled_from(list(steps)))
    match data.draw(st.sampled_from(["put", "remove", "add"])):
        case "put":
            around[step] = data.draw(VALUES)
        case "remove":
            del around[step]
        case _ if isinstance(around, dict):
            around[data.draw(WORDS)] = data.draw(VALUES)
        case _:
            around.append(data.draw(VALUES))


@settings(max_examples=400)
@given(st.data())
def test_what_the_schema_refuses_is_told_and_what_it_takes_is_read(data: st.DataObject) -> None:
    document = copy.deepcopy(DATA)
    for _ in range(data.draw(st.integers(1, 3))):
        if document:
            _somewhere(data, document)
    file = check(dump(document).encode())
    valid = Draft7Validator(schema()).is_valid(document)
    assert valid or file.findings
    if valid and not file.findings and "tenant" in document:
        assert file.desired


TARGET = SOUND.replace("{group: A}, {group: B", "{target}, {group: B").replace(
    "includeTarget: all_users", "includeTarget: {target}"
)
REFERENCES = {"group", "id", "alias", "role", "administrativeUnit", "targetType"}
MEANT = ("all_users", "none", "group", "pilot", "0d1c2b3a-0000-4000-8000-000000000001")


@pytest.mark.parametrize("meant", [MEANT[::2], pytest.param(MEANT, marks=pytest.mark.deep)])
@pytest.mark.parametrize("keys", [*combinations(sorted(REFERENCES), 2), ("group", "id", "alias")])
def test_no_target_makes_it_raise(keys: tuple[str, ...], meant: tuple[str, ...]) -> None:
    for values in product(meant, repeat=len(keys)):
        entry = ", ".join(f"{key}: {value}" for key, value in zip(keys, values, strict=True))
        check(TARGET.replace("{target}", f"{{{entry}}}").encode())


def test_everyone_may_be_said_twice() -> None:
    twice, once = (
        check(TARGET.replace("{target}", text).encode()).desired
        for text in ("{group: all_users, id: all_users}", "all_users")
    )
    assert twice
    assert once
    assert [one.tree for one in twice.resources] == [one.tree for one in once.resources]


@settings(max_examples=40)
@given(raws=st.lists(st.binary(max_size=60), max_size=3))
def test_load_never_raises(raws: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("policies")
    for number, raw in enumerate(raws):
        (folder / f"{number}.yaml").write_bytes(raw)
    policies = load([str(folder)])
    assert len(policies.files) == len(raws)
    assert policies.findings


SECRET = "s3cr3t"
OTHER_FILES = {
    "a .env": "API_KEY={}\nTOKEN: {}\n",
    "a list of users": "root:x:0:0:{}:/root:/bin/bash\ndaemon:x:1:1:{}:/\n",
    "a key": "-----BEGIN {} KEY-----\n{}\n",
    "an ini": "[{}]\npassword = {}\n",
    "a script": '#!/bin/sh\nexport A={} B="{}\n',
    "json": '{{"{}": "{}", "a": on}}',
    "yaml of another kind": "{}: {{{}: [yes, 0755, {}]}}\ntenant: {}\n{}: 1\n",
    "a map like a policy's": "tenant: {{name: {}, id: {}}}\nhold: [{}]\nemergencyAccess: {}\n"
    "expect: [{}]\n"
    "authenticationMethodsPolicy: {{{}: 1, authenticationMethodConfigurations: {{{}: 1, Sms: "
    "{{state: {}, includeTargets: [{{group: {}, id: {}}}]}}}}}}\ngroups: {{{}: {}}}\n",
    "tags": "a: !{} x\nb: &{} y\nc: *{}\n",
    "marks": "<<<<<<< {}\na: 1\n=======\n{}: {}: {}\n>>>>>>> {}\n",
    "odd escapes": 'a: "\\{} {}',
    "tabs": "a:\n\t{}: {}\n",
    "stray text": "a: 'x' {}\nb: {} : {}\n",
    "numbers": "+{}: 1e2\n{}: 2026-11-24\n",
}


@pytest.mark.parametrize("kind", OTHER_FILES)
def test_nothing_is_quoted_from_a_file_that_is_no_policy(kind: str) -> None:
    """A pull request can make its policies a link to any file of the repository."""
    text = OTHER_FILES[kind]
    file = check(text.format(*[SECRET] * text.count("{}")).encode())
    assert file.findings
    assert not [found for found in file.findings if SECRET[:2] in repr(found)]


FULL = 8
"""How much longer the endless files of a deep run are."""
METHODS = "version: 1\nauthenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
ENDLESS: dict[str, Callable[[int], str]] = {
    "keys": lambda size: (
        "version: 1\n" + "".join(f"k{number}: 1\n" for number in range(625 * size))
    ),
    "methods": lambda size: (
        METHODS + "".join(f"    Sms{number}: 1\n" for number in range(625 * size))
    ),
    "names": lambda size: METHODS + "    Sms: {includeTargets: [" + "a," * (2_187 * size) + "]}",
    "booleans": lambda size: (
        METHODS + "    Sms: {includeTargets: [" + "no," * (1_562 * size) + "]}"
    ),
    "one group": lambda size: (
        METHODS + "    Sms: {includeTargets: [" + "{group: a}," * (468 * size) + "]}"
    ),
    "mixed ids": lambda size: (
        METHODS + "    Fido2: {keyRestrictions: {aaGuids: [" + "1,a," * (1_250 * size) + "]}}"
    ),
    "a long key": lambda size: f"version: 1\n{'k' * (15_625 * size)}: 1\n",
    "bases": lambda size: (
        "version: 1\nextends: [" + "".join(f"{n}.yaml," for n in range(625 * size)) + "]"
    ),
    "holds": lambda size: "version: 1\nhold: [" + "{resource: Sms, path: x}," * (250 * size) + "]",
    "aliases": lambda size: (
        METHODS
        + "    Sms: {includeTargets: ["
        + "".join(f"{{alias: a{n}}}," for n in range(187 * size))
        + f"]}}\ntenant: {{id: {'1' * 8}-2222-4333-8444-555555555555}}"
    ),
    "expectations": lambda size: (
        "version: 1\nexpect: ["
        + "{people: all_users, canUse: [Sms], cannotUse: [Sms]}," * (62 * size)
        + "]"
    ),
    "methods expected": lambda size: (
        "version: 1\nexpect: [{people: all_users, canUse: ["
        + "".join(f"m{n}," for n in range(312 * size))
        + "]}]"
    ),
    "accounts": lambda size: "version: 1\nemergencyAccess: [" + "{id: x}," * (625 * size) + "]",
}


@pytest.mark.parametrize("size", [1, pytest.param(FULL, marks=pytest.mark.deep)])
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_file_full_of_mistakes_is_told_soon(kind: str, size: int) -> None:
    def mistakes(parts: int) -> None:
        assert check(ENDLESS[kind](parts).encode()).findings

    assert growth(mistakes, size, 4 * size) < 6
