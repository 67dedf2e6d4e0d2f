"""Two policies that declare every setting of every method, each time differently."""

HEAD = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555, cloud: CLOUD}
authenticationMethodsPolicy:
"""

ONE = """\
  registrationEnforcement:
    authenticationMethodsRegistrationCampaign:
      state: enabled
      snoozeDurationInDays: 5
      enforceRegistrationAfterAllowedSnoozes: false
      includeTargets:
        - {group: SG-MFA-Pilot-P, targetedAuthenticationMethod: microsoftAuthenticator}
      excludeTargets: [{group: Break-glass accounts}]
  systemCredentialPreferences:
    state: enabled
    includeTargets: [{group: SG-MFA-Pilot-P}]
    excludeTargets: [{group: Break-glass accounts}]
  reportSuspiciousActivitySettings:
    state: enabled
    includeTarget: {group: SG-MFA-Pilot-P}
    voiceReportingCode: 7
  authenticationMethodConfigurations:
    MicrosoftAuthenticator:
      state: enabled
      includeTargets:
        - {group: All employees, authenticationMode: push}
        - {group: Factory floor, authenticationMode: any}
      excludeTargets: [{group: Break-glass accounts}]
      isSoftwareOathEnabled: true
      featureSettings:
        displayAppInformationRequiredState:
          {state: enabled, includeTarget: {group: SG-MFA-Pilot-P}, excludeTarget: none}
        displayLocationInformationRequiredState:
          state: enabled
          includeTarget: all_users
          excludeTarget: {group: Factory floor}
        companionAppAllowedState: {state: disabled, includeTarget: all_users}
    TemporaryAccessPass:
      state: enabled
      includeTargets: [{group: Helpdesk-assisted users}]
      excludeTargets: [{group: Factory floor}]
      isUsableOnce: true
      defaultLifetimeInMinutes: 120
      minimumLifetimeInMinutes: 30
      maximumLifetimeInMinutes: 240
      defaultLength: 14
    Fido2:
      state: enabled
      includeTargets: [{group: "O'Brien's team"}]
      excludeTargets: [{group: Factory floor}]
      isSelfServiceRegistrationAllowed: false
      isAttestationEnforced: false
      keyRestrictions:
        isEnforced: true
        enforcementType: allow
        aaGuids: [de1e552d-db1d-4423-a619-566b625cdc84, 90a3ccdf-635c-4729-a248-9b709135078f]
    Sms:
      state: disabled
      includeTargets: [{group: Finance, isUsableForSignIn: false}]
      excludeTargets: [{group: finance}]
    Voice:
      state: disabled
      includeTargets: [{group: Factory floor}]
      excludeTargets: [{group: Finance}]
      isOfficePhoneAllowed: true
      callerIdNumber: "+4930123456"
    SoftwareOath:
      state: disabled
      includeTargets: [{group: Factory floor}]
      excludeTargets: []
    HardwareOath:
      state: enabled
      includeTargets: [{group: Factory floor}]
      excludeTargets: [{group: Finance}]
    X509Certificate:
      state: enabled
      includeTargets: [{group: Finance}]
      excludeTargets: [{group: Factory floor}]
      certificateUserBindings:
        - {priority: 1, x509CertificateField: RFC822Name, userProperty: userPrincipalName}
      authenticationModeConfiguration:
        x509CertificateAuthenticationDefaultMode: x509CertificateMultiFactor
        x509CertificateDefaultRequiredAffinityLevel: high
        rules:
          - x509CertificateRuleType: policyOID
            identifier: 1.2.3.4
            x509CertificateAuthenticationMode: x509CertificateMultiFactor
      issuerHintsConfiguration: {state: enabled}
      certificateAuthorityScopes:
        - subjectKeyIdentifier: 0F1E2D3C
          publicKeyInfrastructureIdentifier: corporate
          includeTargets: [{group: Finance}]
      crlValidationConfiguration:
        {state: enabled, exemptedCertificateAuthoritiesSubjectKeyIdentifiers: [ab12]}
      requireCertificateSidAlignment: true
    External:
      Duo:
        state: enabled
        includeTargets: [{group: Finance}]
        excludeTargets: [{group: Factory floor}]
        appId: d0500000-0000-4000-8000-0000000000a2
        openIdConnectSetting:
          clientId: d0500000-0000-4000-8000-0000000000c2
          discoveryUrl: https://example.com/.well-known/openid-configuration
authenticationStrengthPolicies:
  Company keys:
    description: Hardware keys
    allowedCombinations: [fido2, "password,sms", x509CertificateSingleFactor]
    combinationConfigurations:
      fido2:
        allowedAAGUIDs: [fa2b99dc-9e39-4257-8f92-4a30d23c4118, 2fc0579f-8113-47ea-b116-bb5a8db9202a]
      x509CertificateSingleFactor: {allowedIssuerSkis: [ab12], allowedPolicyOIDs: [1.2.3]}
      x509CertificateMultiFactor: {allowedIssuerSkis: []}
  Cards:
    allowedCombinations: [x509CertificateMultiFactor, x509CertificateSingleFactor]
    combinationConfigurations:
      x509CertificateMultiFactor: {allowedIssuerSkis: [0F1E2D3C]}
      x509CertificateSingleFactor: {allowedIssuerSkis: [0F1E2D3C]}
"""

TWO = """\
  registrationEnforcement:
    authenticationMethodsRegistrationCampaign:
      state: disabled
      snoozeDurationInDays: 0
      enforceRegistrationAfterAllowedSnoozes: true
      includeTargets:
        - {group: all_users, targetedAuthenticationMethod: microsoftAuthenticator}
      excludeTargets: []
  systemCredentialPreferences: {state: disabled, includeTargets: [all_users], excludeTargets: []}
  reportSuspiciousActivitySettings:
    {state: default, includeTarget: all_users, voiceReportingCode: 0}
  authenticationMethodConfigurations:
    MicrosoftAuthenticator:
      state: disabled
      includeTargets: [{group: all_users, authenticationMode: deviceBasedPush}]
      excludeTargets: []
      isSoftwareOathEnabled: false
      featureSettings:
        displayAppInformationRequiredState:
          {state: default, includeTarget: all_users, excludeTarget: {group: Factory floor}}
        displayLocationInformationRequiredState:
          {state: disabled, includeTarget: {group: Finance}, excludeTarget: none}
        companionAppAllowedState: {state: default, includeTarget: {group: Finance}}
    TemporaryAccessPass:
      state: disabled
      includeTargets: [all_users]
      excludeTargets: []
      isUsableOnce: false
      defaultLifetimeInMinutes: 60
      minimumLifetimeInMinutes: 60
      maximumLifetimeInMinutes: 480
      defaultLength: 8
    Fido2:
      state: disabled
      includeTargets: [all_users]
      excludeTargets: []
      isSelfServiceRegistrationAllowed: true
      isAttestationEnforced: true
      keyRestrictions: {isEnforced: false, enforcementType: block, aaGuids: []}
    Sms:
      state: enabled
      includeTargets: [{group: all_users, isUsableForSignIn: true}]
      excludeTargets: []
    Voice:
      state: enabled
      includeTargets: [all_users]
      excludeTargets: []
      isOfficePhoneAllowed: false
      callerIdNumber: "+4930999999"
    SoftwareOath: {state: enabled, includeTargets: [all_users], excludeTargets: [{group: Finance}]}
    HardwareOath: {state: disabled, includeTargets: [all_users], excludeTargets: []}
    X509Certificate:
      state: disabled
      includeTargets: [all_users]
      excludeTargets: []
      certificateUserBindings:
        - {priority: 2, x509CertificateField: RFC822Name, userProperty: userPrincipalName}
        - {priority: 1, x509CertificateField: PrincipalName, userProperty: userPrincipalName}
      authenticationModeConfiguration:
        x509CertificateAuthenticationDefaultMode: x509CertificateSingleFactor
        x509CertificateDefaultRequiredAffinityLevel: low
        rules: []
      issuerHintsConfiguration: {state: disabled}
      certificateAuthorityScopes: []
      crlValidationConfiguration:
        {state: disabled, exemptedCertificateAuthoritiesSubjectKeyIdentifiers: []}
      requireCertificateSidAlignment: false
    External:
      Duo:
        state: disabled
        includeTargets: [all_users]
        excludeTargets: []
        appId: d0500000-0000-4000-8000-0000000000a1
        openIdConnectSetting:
          clientId: d0500000-0000-4000-8000-0000000000c1
          discoveryUrl: https://example.org/.well-known/openid-configuration
authenticationStrengthPolicies:
  Company keys:
    description: Hardware keys of the company
    allowedCombinations: [fido2, "voice, password", x509CertificateMultiFactor]
    combinationConfigurations:
      fido2:
        allowedAAGUIDs: [2FC0579F-8113-47EA-B116-BB5A8DB9202A, c0ffee00-0000-4000-8000-000000000001]
      x509CertificateSingleFactor: {allowedIssuerSkis: [], allowedPolicyOIDs: []}
      x509CertificateMultiFactor: {allowedIssuerSkis: [cd34, ab12]}
  Cards:
    description: Cards of all issuers
    allowedCombinations: [x509CertificateSingleFactor]
    combinationConfigurations:
      x509CertificateMultiFactor: {allowedIssuerSkis: []}
      x509CertificateSingleFactor: {allowedIssuerSkis: [], allowedPolicyOIDs: [1.2.3]}
"""


def policy(body: str, cloud: str = "global") -> str:
    return HEAD.replace("CLOUD", cloud) + body
