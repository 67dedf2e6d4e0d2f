"""Common names of methods and settings, besides Graph's names and the portal's labels."""

from __future__ import annotations

from collections.abc import Mapping

CALLED: Mapping[str, str] = {
    "MicrosoftAuthenticator": "authenticator, authenticator app, ms authenticator, phone sign-in, "
    "passwordless phone sign-in, push, push notification, notification through mobile app",
    "TemporaryAccessPass": "tap, access pass, temporary pass",
    "Fido2": "fido, passkey, passkeys, security key, security keys, webauthn, yubikey",
    "Sms": "text message, text messages, mobile phone, sms otp",
    "Voice": "call, phone call, voice calls",
    "Email": "email one-time passcode, email passcode, one-time passcode",
    "SoftwareOath": "totp, oath, otp, oath token, oath tokens, software token, software tokens, "
    "authenticator code, verification code",
    "HardwareOath": "oath, oath token, oath tokens, hardware token, hardware tokens",
    "X509Certificate": "cba, certificate, certificates, smart card, smart cards, piv, x509, x.509",
    "QRCodePin": "qr, qr code pin, qr pin",
    "VerifiableCredentials": "verified id, face check, verifiable credential",
    "External": "eam, external authentication method, external authentication methods, "
    "external mfa, external provider, duo",
    "authenticationMethodsPolicy": "policy, authentication methods, methods",
    "policyMigrationState": "sspr, self-service password reset, legacy mfa, per-user mfa, "
    "legacy policy, migration, combined policy",
    "registrationEnforcement.authenticationMethodsRegistrationCampaign": "campaign, nudge, "
    "registration, mfa registration",
    "systemCredentialPreferences": "system-preferred, system-preferred mfa, preferred method",
    "reportSuspiciousActivitySettings": "suspicious activity, report fraud, fraud alert",
    "featureSettings.numberMatchingRequiredState": "number match, number, mfa fatigue",
    "featureSettings.displayAppInformationRequiredState": "app name, application, app information, "
    "application context, additional context",
    "featureSettings.displayLocationInformationRequiredState": "map, geographic location, geo, "
    "additional context",
    "featureSettings.companionAppAllowedState": "companion app, authenticator lite, outlook",
    "passkeyProfiles": "passkey profile, profiles",
    "keyRestrictions.aaGuids": "aaguid, allowed keys",
    "isAttestationEnforced": "attestation",
    "isUsableOnce": "one-time, one-time use, single use",
}
"""Other names, by the name of a method or the dotted path of a setting."""


def called(topic: str) -> list[str]:
    """Other names of a method, or of a setting by its dotted path."""
    return CALLED[topic].split(", ") if topic in CALLED else []
