"""Sign-ins of people that are under way or may be renewed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: for whom, by which application, and what must come with it."""

    application: str
    person: str
    audience: str
    redirect_uri: str
    challenge: str
    nonce: str


@dataclass(slots=True)
class Device:
    application: str
    audience: str
    ends: float
    person: str | None = None
    declined: bool = False


@dataclass(slots=True)
class SignIns:
    """The sign-ins of people that are under way or may be renewed."""

    devices: dict[str, Device] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    granted: dict[str, Code] = field(default_factory=dict)
    renewals: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def answer(self, user_code: str, person: str | None) -> None:
        """Let a person finish the sign-in of a device, or (None) decline it.

        KeyError for a code that was not given out.
        """
        device = self.devices[self.codes[user_code.upper()]]
        device.person, device.declined = person, person is None
