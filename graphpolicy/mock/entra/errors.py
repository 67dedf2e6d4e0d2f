"""Entra's refusals to sign somebody in."""

import uuid
from datetime import datetime

from ..rules import rules
from ..tables import JsonObject


class SignInError(Exception):
    """A refusal by a rule of the table, with Entra's AADSTS number."""

    def __init__(self, rule: str, number: int, message: str) -> None:
        """Refuse by `rule`; a rule without status, or one that is not in the table, is a bug."""
        found = rules()[rule]
        if found.status is None or found.code is None:
            raise LookupError(f"rule {rule} is not a refusal")
        super().__init__(message)
        self.status = found.status
        self.code = found.code
        self.number = number
        self.message = message

    def body(self, moment: datetime) -> JsonObject:
        """The JSON that Entra's token endpoint answers."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        at = f"{moment:%Y-%m-%d %H:%M:%SZ}"
        return {
            "error": self.code,
            "error_description": f"AADSTS{self.number}: {self.message} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {at}",
            "error_codes": [self.number],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
