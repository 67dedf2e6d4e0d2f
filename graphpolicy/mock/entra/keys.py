"""The keys that the mock signs with: made at first use, never written down."""

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from ..tables import JsonObject

ALGORITHM = "RS256"


@cache
def signing_key(name: str) -> rsa.RSAPrivateKey:
    """One key for each party that signs, `entra` and `github`, for the life of the process."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(name: str) -> JsonObject:
    """The public half as a JSON Web Key."""
    numbers = signing_key(name).public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "kid": name,
        "alg": ALGORITHM,
        "n": _encoded(numbers.n),
        "e": _encoded(numbers.e),
    }


def _encoded(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
