"""A fake Entra over real TLS, and signing in to it."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphpolicy.graph.client import tls
from graphpolicy.graph.connection import Connection
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.model import Tenant

Serve: TypeAlias = Callable[..., str]
Jwt: TypeAlias = Callable[..., str]

CONTOSO = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
FABRIKAM = Tenant("fabrikam", "99999999-2222-4333-8444-555555555555")
APP = "aaaaaaaa-2222-4333-8444-555555555555"
SCOPE = "https://graph.microsoft.com/.default"


@dataclass
class Entra:
    """A fake of Entra's token endpoints and of GitHub's, on this machine."""

    jwt: Jwt
    url: str = ""
    github: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    assertions: list[Mapping[str, str]] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    """What the sign-ins with a device code asked for."""
    failures: list[Response] = field(default_factory=list)
    github_failures: list[Response] = field(default_factory=list)
    lifetime: int = 3600

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery),
                Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/devicecode", self.device, methods=["POST"]),
            ]
        )

    async def discovery(self, request: Request) -> Response:
        home = f"{self.url}/{request.path_params['tenant']}"
        return JSONResponse(
            {
                "issuer": f"{home}/v2.0",
                "authorization_endpoint": f"{home}/oauth2/v2.0/authorize",
                "token_endpoint": f"{home}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{home}/oauth2/v2.0/devicecode",
            }
        )

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        tenant = request.path_params["tenant"]
        self.asked.append({"tenant": tenant, **form})
        if self.failures:
            return self.failures.pop(0)
        info = base64.urlsafe_b64encode(json.dumps({"uid": "u", "utid": tenant}).encode()).decode()
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": self.lifetime,
                "access_token": self.jwt(tid=tenant, n=len(self.asked)),
                "id_token": self.jwt(
                    tid=tenant,
                    sub="s",
                    oid="o",
                    aud=APP,
                    iss=f"{self.url}/{tenant}/v2.0",
                    exp=time.time() + 3600,
                    preferred_username="a@b",
                ),
                "client_info": info.rstrip("="),
            }
        )

    async def device(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.scopes += form["scope"].split()
        return JSONResponse(
            {
                "user_code": "ABCD",
                "device_code": "d",
                "verification_uri": "https://microsoft.com/devicelogin",
                "expires_in": 900,
                "interval": 1,
                "message": "m",
            }
        )

    async def assertion(self, request: Request) -> Response:
        self.assertions.append({**request.query_params, **request.headers})
        if self.github_failures:
            return self.github_failures.pop(0)
        value = self.jwt(sub="repo:o/r", exp=time.time() + 300, n=len(self.assertions))
        return JSONResponse({"value": value})


def authority_in(folder: Path) -> tuple[Path, Path]:
    """A certificate authority of our own, and a server's key and certificate signed by it."""

    def make(
        name: str, issuer: tuple[x509.Name, rsa.RSAPrivateKey] | None
    ) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        by, signer = issuer or (subject, key)
        now = datetime.now(UTC)
        names = ("localhost", "graph.example", "entra.example", "github.example")
        here = [
            *map(x509.DNSName, names),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(by)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
            .add_extension(x509.SubjectAlternativeName(here), False)
            .sign(signer, hashes.SHA256())
        )
        return made, key

    ca, ca_key = make("test authority", None)
    leaf, leaf_key = make("127.0.0.1", (ca.subject, ca_key))
    pem = serialization.Encoding.PEM
    root, server = folder / "ca.pem", folder / "server.pem"
    root.write_bytes(ca.public_bytes(pem))
    server.write_bytes(
        leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(pem)
    )
    return root, server


def sign_in(
    made: Connection,
    ask: Callable[[SignIn], Awaitable[Any]],
    said: list[str] | None = None,
) -> Any:
    async def go() -> Any:
        signing = SignIn(made, (said if said is not None else []).append, tls(made))
        try:
            return await ask(signing)
        finally:
            signing.close()

    return asyncio.run(go())


def one(signing: SignIn) -> Awaitable[str]:
    return signing.token(CONTOSO, SCOPE)
