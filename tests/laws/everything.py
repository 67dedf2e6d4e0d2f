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
"""


def policy(body: str, cloud: str = "global") -> str:
    return HEAD.replace("CLOUD", cloud) + body
