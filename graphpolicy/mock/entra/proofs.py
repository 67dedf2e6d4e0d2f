"""What an application may show at the token endpoint, checked as Entra checks it."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography import x509

from .applications import GITHUB, Application, Federated
from .errors import SignInError
from .keys import ALGORITHM, signing_key

_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def check_proof(
    application: Application, form: Mapping[str, str], endpoint: str, moment: datetime
) -> None:
    """Refuse an application that does not prove itself by secret, certificate or federation.

    `moment` is the machine's time, by which the client dates its assertions.
    """
    if "client_secret" in form:
        _check_secret(application, form["client_secret"])
    elif form.get("client_assertion_type") == _ASSERTION and form.get("client_assertion"):
        _check_assertion(application, form["client_assertion"], endpoint, moment)
    else:
        raise SignInError(
            "entra-no-proof",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or "
            "'client_secret'.",
        )


def _check_secret(application: Application, secret: str) -> None:
    given = secret.encode()
    if not any(hmac.compare_digest(given, each.encode()) for each in application.secrets):
        raise SignInError(
            "entra-secret",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the "
            "client secret value, not the client secret ID, for a secret added to app "
            f"'{application.id}'.",
        )


def _check_assertion(
    application: Application, assertion: str, endpoint: str, moment: datetime
) -> None:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError as error:
        raise SignInError("entra-assertion", 50027, "JWT token is invalid or malformed.") from error
    _check_times(claims, moment)
    if "x5t" in header or "x5t#S256" in header:
        _check_certificate(application, assertion, claims, header, endpoint)
    else:
        _check_federation(application, assertion, claims)


def _check_times(claims: Mapping[str, Any], moment: datetime) -> None:
    now = moment.timestamp()
    begins, ends = claims.get("nbf", 0), claims.get("exp", 0)
    if not isinstance(begins, int | float) or not isinstance(ends, int | float):
        raise SignInError("entra-assertion", 50027, "JWT token is invalid or malformed.")
    if not begins - 300 <= now < ends:
        raise SignInError(
            "entra-assertion-time",
            700024,
            "Client assertion is not within its valid time range. Current time: "
            f"{moment:%Y-%m-%dT%H:%M:%S}Z.",
        )


def _check_certificate(
    application: Application,
    assertion: str,
    claims: Mapping[str, Any],
    header: Mapping[str, Any],
    endpoint: str,
) -> None:
    own = claims.get("iss") == claims.get("sub") == application.id
    for pem in application.certificates if own and claims.get("aud") == endpoint else ():
        key: Any = x509.load_pem_x509_certificate(pem.encode()).public_key()
        if _signed_by(assertion, key, str(header.get("alg"))):
            return
    raise SignInError(
        "entra-certificate",
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on "
        f"application. [Reason - The key was not found., Application '{application.id}']",
    )


def _check_federation(application: Application, assertion: str, claims: Mapping[str, Any]) -> None:
    issuer, subject = str(claims.get("iss")), str(claims.get("sub"))
    if issuer != GITHUB or not _signed_by(assertion, signing_key("github").public_key(), ALGORITHM):
        raise SignInError(
            "entra-federated-issuer",
            700211,
            f"No matching federated identity record found for presented assertion issuer "
            f"'{issuer}'.",
        )
    same = [each for each in application.federated if each.issuer == issuer]
    matching = [each for each in same if each.subject == subject]
    if not matching:
        raise SignInError(
            "entra-federated-subject",
            700213,
            "No matching federated identity record found for presented assertion subject "
            f"'{subject}'. Check your federated identity credential Subject, Audience and Issuer "
            "against the presented assertion.",
        )
    if not any(_meant_for(each, claims.get("aud")) for each in matching):
        raise SignInError(
            "entra-federated-audience",
            700212,
            "No matching federated identity record found for presented assertion audience "
            f"'{claims.get('aud')}'.",
        )


def _meant_for(credential: Federated, audience: object) -> bool:
    return audience in credential.audiences


def _signed_by(assertion: str, key: Any, algorithm: str) -> bool:
    if algorithm not in {"RS256", "PS256"}:
        return False
    try:
        jwt.decode(
            assertion,
            key,
            algorithms=[algorithm],
            options={
                "verify_exp": False,
                "verify_nbf": False,
                "verify_aud": False,
                "verify_iat": False,
            },
        )
    except jwt.PyJWTError:
        return False
    return True
