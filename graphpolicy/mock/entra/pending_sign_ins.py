"""Sign-ins of people that are under way or may be renewed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: the person, the application, and what must come with it."""

    application: str
    person: str
    audience: str
    redirect_uri: str
    challenge: str
    nonce: str
    scopes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Device:
    application: str
    audience: str
    ends: float
    scopes: frozenset[str] = frozenset()
    person: str | None = None
    declined: bool = False
    consent: str = "no"


@dataclass(frozen=True, slots=True)
class Renewal:
    """A refresh token: the person, the application, and the number of its access token."""

    application: str
    person: str
    audience: str
    serial: int


@dataclass(slots=True)
class SignIns:
    """The sign-ins of people that are under way or may be renewed."""

    devices: dict[str, Device] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    granted: dict[str, Code] = field(default_factory=dict)
    renewals: dict[str, Renewal] = field(default_factory=dict)

    def answer(self, user_code: str, person: str | None, consent: str = "no") -> None:
        """Let a person finish the sign-in of a device, or (None) decline it.

        `consent` is the answer where Entra asks for consent: me, organization or no. KeyError for
        a code that was not given out.
        """
        device = self.devices[self.codes[user_code.upper()]]
        device.person, device.declined, device.consent = person, person is None, consent
