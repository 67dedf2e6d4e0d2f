"""Rows that several methods have in common."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import Api, Bool, Enum, Object, Property, Resource, Target, Targets

GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
REFERENCE = "https://learn.microsoft.com/graph/api/resources/"
CONCEPT = "https://learn.microsoft.com/entra/identity/authentication/"

ON_OFF = Enum(("enabled", "disabled"), ("On.", "Off."))
MANAGED = Enum(
    ("default", "enabled", "disabled"),
    ("Microsoft decides, and may change it later.", "On.", "Off."),
)

STATE = Property(
    "state",
    ON_OFF,
    "Enable",
    "Whether the people that the method includes can use it.",
    default="disabled",
    narrows=True,
)

EXCLUDE_TARGETS = Property(
    "excludeTargets",
    Targets(everyone=False),
    "Exclude",
    "Groups that may not use the method. Exclusion wins over inclusion.",
    default=[],
    narrows=True,
)

IS_REGISTRATION_REQUIRED = Property(
    "isRegistrationRequired",
    Bool(),
    "Registration required",
    "Whether the group must register the method. Graph stores it, but it has no effect.",
    default=False,
    absent=False,
)


def method(
    id: str,  # noqa: A002 - the name that the row's column has
    label: str,
    doc: str,
    *,
    type: str = "",  # noqa: A002
    targets: tuple[Property, ...] = (),
    properties: tuple[Property, ...] = (),
    api: Api = "both",
    known: frozenset[str] = frozenset({"id"}),
    several: bool = False,
    ambiguous: str = "",
) -> Resource:
    """A method: its state, its audience, and `properties` of its own.

    `targets` are the properties that its kind of target has. `type` is given where it is not the id
    with Graph's ending.
    """
    type_ = type or f"{id[0].lower()}{id[1:]}AuthenticationMethodConfiguration"
    include = Property(
        "includeTargets",
        Targets((*targets, IS_REGISTRATION_REQUIRED)),
        "Include",
        "Groups that may use the method, or all_users.",
        narrows=True,
    )
    own = (STATE, include, EXCLUDE_TARGETS, *properties)
    return Resource(
        id,
        type_,
        label,
        doc,
        REFERENCE + type_.lower(),
        own,
        api,
        known,
        several=several,
        ambiguous=ambiguous,
    )


def managed_state(doc: str, default: str = "default") -> Property:
    """A state with Microsoft's third value, `default`: Microsoft managed."""
    return Property("state", MANAGED, "Status", doc, default=default)


FEATURE_MEMBERS = (
    managed_state("enabled, disabled, or default for Microsoft managed."),
    Property(
        "includeTarget",
        Target(types=("group", "administrativeUnit", "role")),
        "Include",
        "The one group that sees the feature, or all_users.",
    ),
    Property(
        "excludeTarget",
        Target(types=("group", "administrativeUnit", "role"), nobody=True),
        "Exclude",
        "The one group that does not see the feature, or none.",
    ),
)


def feature(
    name: str,
    label: str,
    doc: str,
    *,
    context: str,
    api: Api = "both",
    enforced: str = "",
    page: str = "how-to-mfa-additional-context",
    prompt: str = "",
) -> Property:
    """One of the Authenticator's features: a state, one included and one excluded target.

    `context` and `prompt` are as in `Property`; '' if it shows nothing about a sign-in.
    """
    return Property(
        name,
        Object("authenticationMethodFeatureConfiguration", FEATURE_MEMBERS, short="state"),
        label,
        doc,
        api=api,
        enforced=enforced,
        link=CONCEPT + page,
        context=context,
        seen="switch",
        prompt=prompt,
    )
