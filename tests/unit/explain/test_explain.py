"""The pages say what the tables say, for every setting and every rule."""

from __future__ import annotations

from typing import Any

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.settings import Setting, settings
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.explain import (
    MethodPage,
    RulePage,
    SettingPage,
    method_page,
    page_of,
    setting_page,
    topics,
)
from graphpolicy.explain.sentences import KINDS, example, judged, takes, where
from graphpolicy.model import POLICY
from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.dump import dump
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.rules.table import RULES
from tests.every import every

FACTS = Facts.shipped()
EVERY = {setting.name: setting for setting in settings()}


CHINA = {POLICY: ("beta",), STRENGTHS: ("v1.0",)}
"""The versions of Graph that show a root in China's cloud."""


def page(name: str, facts: Facts = FACTS) -> SettingPage:
    return setting_page(EVERY[name], facts)


def declared(data: Any, rows: tuple[Any, ...]) -> bool:
    """Whether a policy writes a setting; lists and names of entries are stepped through."""
    if not rows:
        return True
    if isinstance(data, list):
        return any(declared(item, rows) for item in data)
    if not isinstance(data, dict):
        return False
    if rows[0].name in data:
        return declared(data[rows[0].name], rows[1:])
    return any(declared(inner, rows) for inner in data.values() if isinstance(inner, dict))


@every("setting", EVERY.values(), ids=EVERY.keys())
def test_the_example_of_a_setting_is_a_policy_that_declares_it(setting: Setting) -> None:
    policy = example(setting)
    told = judge(parse(f"version: 1\n{dump(policy)}".encode(), "policies/example.yaml")).findings
    assert [finding.message for finding in told if finding.level == "error"] == []
    named_by_key = setting.name == "Fido2.passkeyProfiles.name"
    assert named_by_key or declared(policy, setting.rows)


@every("setting", EVERY.values(), ids=EVERY.keys())
def test_a_page_says_what_it_takes_where_it_is_and_what_it_needs(setting: Setting) -> None:
    made = setting_page(setting, FACTS)
    assert takes(setting.row.kind)
    assert KINDS[type(setting.row.kind)]
    assert setting.link.startswith("https://learn.microsoft.com/")
    china = CHINA.get(setting.resource.root[0], made.availability.versions)
    assert made.availability.clouds["china"] in ((), china)
    needed = ["to read"] if setting.resource.read_only else ["to read", "to write"]
    assert [*made.permissions][: len(needed)] == needed


def test_the_permissions_to_read_and_to_write() -> None:
    for name in ("Sms.state", "authenticationStrengthPolicies.description"):
        assert {why: need.scope for why, need in page(name).permissions.items()} == {
            "to read": "Policy.Read.AuthenticationMethod",
            "to write": "Policy.ReadWrite.AuthenticationMethod",
        }


def test_there_is_one_page_for_everything() -> None:
    pages = [page_of(topic, FACTS) for topic in topics()]
    assert [p.resource.id for p in pages if isinstance(p, MethodPage)] == list(RESOURCES)
    assert [p.setting.name for p in pages if isinstance(p, SettingPage)] == list(EVERY)
    assert [p.rule.id for p in pages if isinstance(p, RulePage)] == list(RULES)


def test_a_setting_shows_the_facts_about_it_in_every_cloud() -> None:
    campaign = "registrationEnforcement.authenticationMethodsRegistrationCampaign"
    state = page(f"authenticationMethodsPolicy.{campaign}.state")
    assert [row.cloud for row in state.managed] == [""]
    assert [row.value for row in page("Fido2.passkeyProfiles").limits] == [10]
    assert page("Fido2.passkeyProfiles.passkeyTypes").limits == ()


def test_a_feature_shows_what_default_means_for_the_state_that_it_is_short_for() -> None:
    feature = page("MicrosoftAuthenticator.featureSettings.companionAppAllowedState")
    assert [row.means for row in feature.managed] == ["on"]


def test_what_is_around_a_setting_retires_it_too() -> None:
    assert [row.since for row in page("Fido2.keyRestrictions.aaGuids").retirements] == ["2027-10"]
    assert [row.since for row in page("Sms.state").retirements] == ["2027-02-01"]
    assert page("Fido2.passkeyProfiles").retirements == ()
    assert [row.since for row in method_page(RESOURCES["Sms"], FACTS).retirements] == ["2027-02-01"]
    assert method_page(RESOURCES["Fido2"], FACTS).retirements == ()


def test_clouds_lack_what_the_facts_say() -> None:
    clouds = page("QRCodePin.pinLength").availability.clouds
    assert where(clouds) == "global: v1.0 and beta; usgov, usgov-dod, china: beta"
    crl = page("X509Certificate.crlValidationConfiguration").availability
    assert (crl.versions, crl.clouds["china"]) == (("v1.0",), ())
    assert where(crl.clouds) == "global, usgov, usgov-dod: v1.0; china: not in Graph"
    assert page("HardwareOath.state").availability.versions == ("beta",)


def test_targets_need_a_permission_for_names() -> None:
    assert [need.scope for need in page("Sms.includeTargets").permissions.values()][2:] == [
        "GroupMember.Read.All"
    ]


def test_a_setting_leads_to_its_rules_and_what_belongs_to_it() -> None:
    lifetime = page("TemporaryAccessPass.defaultLifetimeInMinutes")
    assert [rule.id for rule in lifetime.rules] == ["tap-lifetime-order"]
    assert [other.name for other in lifetime.related] == [
        "TemporaryAccessPass.minimumLifetimeInMinutes",
        "TemporaryAccessPass.maximumLifetimeInMinutes",
    ]
    legacy = page("Fido2.keyRestrictions")
    assert "Fido2.passkeyProfiles" in [other.name for other in legacy.related]
    assert page("X509Certificate.issuerHintsConfiguration").related == ()


def test_a_rule_names_what_it_judges() -> None:
    assert judged(RULES["user-target"]) == ("every includeTargets", "every excludeTargets")
    assert judged(RULES["migration-state"]) == ("authenticationMethodsPolicy.policyMigrationState",)
