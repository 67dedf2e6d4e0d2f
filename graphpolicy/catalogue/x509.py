"""Certificate-based authentication."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Enum,
    Int,
    Object,
    Property,
    Strings,
    Targets,
    Text,
)
from graphpolicy.catalogue.shared import ON_OFF, method

MODE = Enum(
    ("x509CertificateSingleFactor", "x509CertificateMultiFactor"),
    ("The certificate is one factor.", "The certificate is multifactor by itself."),
)
AFFINITY = Enum(
    ("low", "high"),
    ("A binding by a reusable name is enough.", "Only a binding to this exact certificate."),
)

BINDINGS = Collection(
    "x509CertificateUserBinding",
    (
        Property(
            "x509CertificateField",
            Text(
                suggestions=("PrincipalName", "RFC822Name", "SubjectKeyIdentifier", "SHA1PublicKey")
            ),
            "Certificate field",
            "The field of the certificate that names the person.",
            required=True,
        ),
        Property(
            "userProperty",
            Text(
                suggestions=(
                    "userPrincipalName",
                    "onPremisesUserPrincipalName",
                    "certificateUserIds",
                    "email",
                )
            ),
            "User attribute",
            "The property of the user that must have the same value.",
            required=True,
        ),
        Property(
            "priority",
            Int(),
            "Priority",
            "The order in which bindings are tried, lowest first. Each is unique.",
            required=True,
        ),
        Property("trustAffinityLevel", AFFINITY, "Affinity binding", "How strong the binding is."),
    ),
    identity=("priority",),
)

RULES = Collection(
    "x509CertificateRule",
    (
        Property(
            "x509CertificateRuleType",
            Enum(
                ("issuerSubject", "policyOID", "issuerSubjectAndPolicyOID"),
                ("Its issuer.", "Its policy OID.", "Both its issuer and its policy OID."),
            ),
            "Certificate attribute",
            "What the rule compares.",
            required=True,
        ),
        Property("identifier", Text(), "Identifier", "The issuer or policy OID.", required=True),
        Property(
            "issuerSubjectIdentifier",
            Text(),
            "Certificate issuer",
            "The issuer, if the rule has both.",
        ),
        Property(
            "policyOidIdentifier", Text(), "Policy OID", "The policy OID, if the rule has both."
        ),
        Property(
            "x509CertificateAuthenticationMode",
            MODE,
            "Authentication strength",
            "What a matching certificate counts as.",
            required=True,
        ),
        Property(
            "x509CertificateRequiredAffinityLevel",
            AFFINITY,
            "Affinity binding",
            "The binding that a matching certificate needs.",
        ),
    ),
    identity=(
        "x509CertificateRuleType",
        "identifier",
        "issuerSubjectIdentifier",
        "policyOidIdentifier",
    ),
)

SCOPES = Collection(
    "x509CertificateAuthorityScope",
    (
        Property(
            "subjectKeyIdentifier",
            Text(ignore_case=True),
            "Certificate authority",
            "The authority's subject key identifier.",
            required=True,
        ),
        Property(
            "publicKeyInfrastructureIdentifier",
            Text(),
            "PKI",
            "The PKI that contains the authority.",
        ),
        Property(
            "includeTargets",
            Targets(types=("group",)),
            "Include",
            "Groups that may use certificates of the authority.",
        ),
    ),
    identity=("subjectKeyIdentifier",),
)

X509_CERTIFICATE = method(
    id="X509Certificate",
    label="Certificate-based authentication",
    doc="Sign-in with a certificate, as one factor or as multifactor.",
    properties=(
        Property(
            "certificateUserBindings",
            BINDINGS,
            "Username binding",
            "How a certificate is matched to a user; the first match wins.",
        ),
        Property(
            "authenticationModeConfiguration",
            Object(
                "x509CertificateAuthenticationModeConfiguration",
                (
                    Property(
                        "x509CertificateAuthenticationDefaultMode",
                        MODE,
                        "Protection level",
                        "What a certificate counts as if no rule matches.",
                        default="x509CertificateSingleFactor",
                        seen="value",
                    ),
                    Property(
                        "x509CertificateDefaultRequiredAffinityLevel",
                        AFFINITY,
                        "Required affinity binding",
                        "The binding that is needed if no rule matches.",
                    ),
                    Property("rules", RULES, "Rules", "Exceptions by issuer and policy."),
                ),
            ),
            "Authentication binding",
            "What a certificate counts as.",
            narrows=True,
        ),
        Property(
            "issuerHintsConfiguration",
            Object(
                "x509CertificateIssuerHintsConfiguration",
                (Property("state", ON_OFF, "Issuer hints", "Whether the hints are on."),),
                short="state",
            ),
            "Issuer hints",
            "Whether the sign-in tells the device which authorities are trusted.",
            seen="switch",
        ),
        Property(
            "certificateAuthorityScopes",
            SCOPES,
            "CA scoping policy",
            "Authorities that are accepted for certain groups only.",
        ),
        Property(
            "crlValidationConfiguration",
            Object(
                "x509CertificateCRLValidationConfiguration",
                (
                    Property(
                        "state", ON_OFF, "Require CRL validation", "Whether validation is required."
                    ),
                    Property(
                        "exemptedCertificateAuthoritiesSubjectKeyIdentifiers",
                        Strings(r"[0-9a-fA-F]+", "a subject key identifier in hex"),
                        "Exempt certificate authorities",
                        "Authorities that need no revocation list.",
                    ),
                ),
                short="state",
            ),
            "CRL validation",
            "Whether every authority must have a revocation list.",
            api="v1.0",
        ),
        Property(
            "requireCertificateSidAlignment",
            Bool(),
            "Require SID alignment",
            "Whether the certificate's SID must be the user's.",
            api="beta",
            default=False,
        ),
    ),
)
