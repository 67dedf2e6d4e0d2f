"""A user's own facts, from the command line to what a plan says."""

from __future__ import annotations

from tests.shell import Shell, policy

FACTS = """\
managed_values:
  - resource: MicrosoftAuthenticator
    setting: featureSettings.displayAppInformationRequiredState.state
    means: "on"
    status: complete
    as_of: "2027-06"
    source: https://example.org/announcement
"""


def test_a_plan_goes_by_the_facts_that_it_is_given(shell: Shell) -> None:
    shell.write(
        policy(
            "MicrosoftAuthenticator:\n  featureSettings:\n"
            "    displayAppInformationRequiredState: enabled"
        )
    )
    shell.write(FACTS, "facts.yaml")
    assert "default (Microsoft managed: off, as of 2026-05) -> enabled" in shell("plan").out
    own = shell("plan", "--facts", "facts.yaml")
    assert own.code == 0
    assert "default (Microsoft managed: on, as of 2027-06) -> enabled" in own.out
