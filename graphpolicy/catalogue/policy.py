"""The policy's own properties, beside its configurations."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import Bool, Enum, Int, Object, Property, Resource, Target, Targets
from graphpolicy.catalogue.shared import CONCEPT, REFERENCE, managed_state
from graphpolicy.model import POLICY

INCLUDE = Property(
    "includeTargets", Targets(), "Include", "Groups that it applies to, or all_users."
)
EXCLUDE = Property(
    "excludeTargets",
    Targets(everyone=False),
    "Exclude",
    "Groups that it does not apply to. Exclusion wins over inclusion.",
    default=[],
)

CAMPAIGN = Object(
    "authenticationMethodsRegistrationCampaign",
    (
        managed_state("Whether people are nudged at sign-in to register the method."),
        Property(
            "snoozeDurationInDays",
            Int(0, 14, "days"),
            "Days allowed to snooze",
            "How long a person may postpone it; 0 asks at every sign-in.",
            default=1,
            seen="value",
        ),
        Property(
            "enforceRegistrationAfterAllowedSnoozes",
            Bool(),
            "Limited number of snoozes",
            "Whether registration is forced after three snoozes.",
            api="beta",
            default=True,
            seen="value",
        ),
        Property(
            "includeTargets",
            Targets(
                (
                    Property(
                        "targetedAuthenticationMethod",
                        Enum(
                            ("microsoftAuthenticator", "fido2"),
                            ("The Authenticator app.", "A passkey."),
                            also=("Fido2",),
                        ),
                        "Authentication method",
                        "The method that people are nudged to register.",
                        default="microsoftAuthenticator",
                        required=True,
                        seen="member",
                    ),
                )
            ),
            "Include",
            "Groups that are nudged, or all_users.",
        ),
        EXCLUDE,
    ),
)

AUTHENTICATION_METHODS_POLICY = Resource(
    id=POLICY,
    root=(POLICY,),
    url=f"/policies/{POLICY}",
    type="authenticationMethodsPolicy",
    label="Authentication methods policy",
    doc="Settings of the policy as a whole.",
    link=REFERENCE + "authenticationmethodspolicy",
    properties=(
        Property(
            "policyMigrationState",
            Enum(
                ("preMigration", "migrationInProgress", "migrationComplete"),
                (
                    "The policy applies to sign-in; the legacy policies apply too.",
                    "It applies to sign-in and password reset; the legacy policies apply too.",
                    "It applies to sign-in and password reset; the legacy policies are ignored.",
                ),
            ),
            "Manage migration",
            "How far the legacy MFA and self-service password reset policies are migrated.",
            null_is="migrationComplete",
            written_to="beta",  # as Microsoft's examples do; v1.0 does not list it as writable
            link=CONCEPT + "how-to-authentication-methods-manage",
        ),
        Property(
            "reconfirmationInDays",
            Int(unit="days"),
            "Reconfirmation",
            "The number of days after which people are asked to confirm their methods.",
            seen="value",
        ),
        Property(
            "registrationEnforcement",
            Object(
                "registrationEnforcement",
                (
                    Property(
                        "authenticationMethodsRegistrationCampaign",
                        CAMPAIGN,
                        "Registration campaign",
                        "Nudges people at sign-in to register a stronger method.",
                        link=CONCEPT + "how-to-mfa-registration-campaign",
                        seen="switch",
                    ),
                ),
            ),
            "Registration enforcement",
            "What people are asked to register.",
        ),
        Property(
            "systemCredentialPreferences",
            Object(
                "systemCredentialPreferences",
                (
                    managed_state("Whether the strongest registered method is asked for first."),
                    INCLUDE,
                    EXCLUDE,
                ),
                short="state",
            ),
            "System-preferred multifactor authentication",
            "Asks people for the most secure method that they registered.",
            api="beta",
            link=CONCEPT + "concept-system-preferred-authentication",
            seen="switch",
        ),
        Property(
            "reportSuspiciousActivitySettings",
            Object(
                "reportSuspiciousActivitySettings",
                (
                    managed_state("Whether people may report a prompt that they did not start."),
                    Property("includeTarget", Target(), "Include", "The group, or all_users."),
                    Property(
                        "voiceReportingCode",
                        Int(),
                        "Reporting code",
                        "The phone key that reports a call; 0 is the default.",
                        seen="value",
                    ),
                ),
                short="state",
            ),
            "Report suspicious activity",
            "Lets people report a prompt; the account is then set to high risk.",
            api="beta",
            link=CONCEPT + "howto-mfa-mfasettings",
            seen="switch",
        ),
        Property(
            "optOutSettings",
            Object(
                "optOutSettings",
                (
                    Property(
                        "passkeyDynamicMigration",
                        Bool(),
                        "Opt out of automatic passkey enablement",
                        "true keeps Microsoft from enabling passkeys by itself, as it does since "
                        "September 2026, for people in the scope of SMS or voice. It only delays "
                        "that: it ends by itself on 2027-02-01.",
                        absent=False,
                    ),
                ),
            ),
            "Opt-out",
            "What the tenant opts out of: changes that Microsoft makes to this policy by itself.",
            api="beta",
            absent={},
            link=CONCEPT + "concept-sms-voice-retirement",
        ),
        Property(
            "microsoftAuthenticatorPlatformSettings",
            Object(
                "microsoftAuthenticatorPlatformSettings",
                (
                    Property(
                        "enforceAppPIN",
                        Object("enforceAppPIN", (INCLUDE, EXCLUDE)),
                        "Require app PIN",
                        "Groups whose Authenticator app needs a PIN. Not documented further.",
                        api="beta",
                    ),
                ),
            ),
            "Authenticator platform settings",
            "Part of the beta API. Microsoft does not document it.",
            api="beta",
        ),
    ),
    known=frozenset(
        {
            "id",
            "displayName",
            "description",
            "lastModifiedDateTime",
            "deletedDateTime",
            "policyVersion",
            "authenticationMethodConfigurations",
        }
    ),
)
