"""The open questions about Graph, as switches.

Each field is one question. The first of its values is the default, which the sources support best.
A client is correct only if it is correct with every value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

from .policy.wire import VERSIONS
from .tables import data


class UnknownSwitchError(ValueError):
    """An unknown switch, or an unknown value of a switch."""


@dataclass(frozen=True, slots=True)
class SwitchDoc:
    """What a switch decides, its values (the first is the default), and the evidence."""

    name: str
    values: tuple[str, ...]
    text: str
    source: str
    tag: str


ACCESS: Final = ("absent", "read_only", "writable")

CONTESTED: Final[Mapping[str, tuple[str, str]]] = {
    "systemCredentialPreferences": ("writable", "writable"),
    "reportSuspiciousActivitySettings": ("absent", "writable"),
    "HardwareOath": ("absent", "writable"),
    "companionAppAllowedState": ("absent", "writable"),
    "enforceRegistrationAfterAllowedSnoozes": ("writable", "writable"),
    "callerIdNumber": ("absent", "writable"),
    "isCustomGreetingEnabled": ("read_only", "read_only"),
    "crlValidationConfiguration": ("writable", "writable"),
    "requireCertificateSidAlignment": ("absent", "writable"),
    "identityVerificationEventsConfiguration": ("absent", "absent"),
    "QRCodePin": ("writable", "writable"),
    "VerifiableCredentials": ("writable", "writable"),
    "Future": ("absent", "absent"),
    "futureRequiredState": ("absent", "absent"),
}
"""Keys on which Microsoft's pages and SDKs disagree, and an invented method and property of the
future: their defaults on v1.0 and on beta."""

_KEY_DEFAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{version}/{key}": defaults[place]
        for key, defaults in CONTESTED.items()
        for place, version in enumerate(VERSIONS)
    }
)


_TO_COME: Final = ("Future", "futureRequiredState")
_WHY: Final = (
    "Graph authenticationmethodspolicy-get example against SDK models",
    "invented: Graph's types grow (Graph concept best-practices-concept)",
)
_COUNTS: Final = {"visibility_reads": 1, "audit_delay_s": 0}


def _first(name: str) -> str:
    default: str = data("switches.json")[name]["values"][0]
    return default


@dataclass(frozen=True, slots=True)
class Switches:
    """An answer to each open question. Immutable: `changed` returns a new object.

    `switches.json` has what each field decides, and its values; the first is the default.
    `keys` maps `VERSION/KEY` (for example `v1.0/HardwareOath`) to absent, read_only or writable;
    other keys keep their defaults.
    """

    policy_version: str = _first("policy_version")
    root_patch: str = _first("root_patch")
    merge_objects: str = _first("merge_objects")
    merge_arrays: str = _first("merge_arrays")
    root_writable: str = _first("root_writable")
    root_unwritable: str = _first("root_unwritable")
    policy_error_code: str = _first("policy_error_code")
    missing_scope_code: str = _first("missing_scope_code")
    unknown_property: str = _first("unknown_property")
    missing_odata_type: str = _first("missing_odata_type")
    validate_targets: str = _first("validate_targets")
    user_target_write: str = _first("user_target_write")
    size_limit: str = _first("size_limit")
    size_error: str = _first("size_error")
    policy_query: str = _first("policy_query")
    range_error: str = _first("range_error")
    fill_defaults: str = _first("fill_defaults")
    reorder: str = _first("reorder")
    visibility: str = _first("visibility")
    visibility_reads: int = 2
    last_modified: str = _first("last_modified")
    etag: str = _first("etag")
    delete_builtin: str = _first("delete_builtin")
    defaults: str = _first("defaults")
    external_post: str = _first("external_post")
    external_post_v1: str = _first("external_post_v1")
    external_duplicate: str = _first("external_duplicate")
    id_case: str = _first("id_case")
    qr_id: str = _first("qr_id")
    verifiable_credentials_url: str = _first("verifiable_credentials_url")
    deleted_target: str = _first("deleted_target")
    duplicate_names: str = _first("duplicate_names")
    passkey_opt_in: str = _first("passkey_opt_in")
    fido2_wins: str = _first("fido2_wins")
    profile_id: str = _first("profile_id")
    profile_error: str = _first("profile_error")
    feature_exclude_omitted: str = _first("feature_exclude_omitted")
    campaign_fido2: str = _first("campaign_fido2")
    campaign_case: str = _first("campaign_case")
    system_preferred_max: str = _first("system_preferred_max")
    binding_values: str = _first("binding_values")
    single_get: str = _first("single_get")
    number_matching_read: str = _first("number_matching_read")
    number_matching_write: str = _first("number_matching_write")
    target_features: str = _first("target_features")
    prefer_unknown: str = _first("prefer_unknown")
    migration_state: str = _first("migration_state")
    migration_patch: str = _first("migration_patch")
    getbyids_missing: str = _first("getbyids_missing")
    x509_delete_app_only: str = _first("x509_delete_app_only")
    feature_disabled: str = _first("feature_disabled")
    tap_second: str = _first("tap_second")
    default_delete: str = _first("default_delete")
    default_scope: str = _first("default_scope")
    revoke: str = _first("revoke")
    report_limit: str = _first("report_limit")
    audit_format: str = _first("audit_format")
    audit_delay_s: int = 0
    tap_permission: str = _first("tap_permission")
    role_eligibility: str = _first("role_eligibility")
    cloud: str = _first("cloud")
    unavailable: str = _first("unavailable")
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Check the values, and complete `keys` with the defaults."""
        for doc in switch_docs():
            if doc.name in _KEY_DEFAULTS:
                continue
            value = getattr(self, doc.name)
            if doc.values and value not in doc.values:
                raise UnknownSwitchError(
                    f"switch {doc.name} must be one of {', '.join(doc.values)} (got {value!r})"
                )
        for name, least in _COUNTS.items():
            count: object = getattr(self, name)
            if not isinstance(count, int) or isinstance(count, bool) or count < least:
                raise UnknownSwitchError(
                    f"switch {name} must be an integer of at least {least} (got {count!r})"
                )
        for name, value in self.keys.items():
            if name not in _KEY_DEFAULTS:
                raise UnknownSwitchError(f"no switch {name!r}")
            if value not in ACCESS:
                raise UnknownSwitchError(
                    f"switch {name} must be one of {', '.join(ACCESS)} (got {value!r})"
                )
        object.__setattr__(self, "keys", MappingProxyType({**_KEY_DEFAULTS, **self.keys}))

    def changed(self, changes: Mapping[str, object]) -> "Switches":
        """These switches with some changed, by field name or `VERSION/KEY`.

        `era` first sets every switch to its value in that era.
        """
        names = {each.name for each in fields(self)} - {"keys"}
        plain: dict[str, Any] = {}
        keys: dict[str, Any] = dict(self.keys)
        if "era" in changes:
            changes = {**of_era(changes["era"]), **changes}
        for name, value in changes.items():
            if name == "era":
                continue
            if name == "keys" and isinstance(value, Mapping):
                keys.update(value)
            elif name in names:
                counted = name in _COUNTS and isinstance(value, str) and value.isdecimal()
                plain[name] = int(str(value)) if counted else value
            elif name in _KEY_DEFAULTS:
                keys[name] = value
            else:
                raise UnknownSwitchError(f"no switch {name!r}")
        return replace(self, keys=keys, **plain)

    def as_dict(self) -> dict[str, object]:
        """Every switch by name with its value."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        del plain["keys"]
        return {**plain, **self.keys}


def of_era(era: object) -> dict[str, object]:
    """Every switch as it was in 2022, 2024 or 2026."""
    eras = data("eras.json")
    if str(era) not in eras:
        raise UnknownSwitchError(f"era must be one of {', '.join(eras)} (got {era!r})")
    return {**Switches().as_dict(), **eras[str(era)]["switches"]}


def switch_docs() -> tuple[SwitchDoc, ...]:
    """What every switch decides, in the order of the class."""
    plain = [
        SwitchDoc(name, tuple(row["values"]), row["text"], row["source"], row["tag"])
        for name, row in data("switches.json").items()
    ]
    contested = [
        SwitchDoc(
            name,
            (default, *(value for value in ACCESS if value != default)),
            "Whether {2} is returned and written on {0}.".format(*name.partition("/")),
            _WHY[name.endswith(_TO_COME)],
            "assumed",
        )
        for name, default in _KEY_DEFAULTS.items()
    ]
    return (*plain, *contested)
