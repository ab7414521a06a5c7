// Examples of identity providers and directories for the document.

const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const AT = '2026-11-21T10:00:00.000Z'
const END = '2027-11-21T10:00:00.000Z'
const ID = 'idp_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a80'
const ROOT = `https://rules.example.com/sign-in/with/${ID}`

const oidc = {
  issuer: 'https://acme.okta.com',
  clientId: '0oa1b2c3',
  groupsClaim: 'groups',
  scopes: ['groups'],
  hostedDomain: null,
  ca: null,
}
const soc = { group: 'SOC', role: 'engineer', isApprover: true, isAuditor: false }

const provider = {
  id: ID,
  kind: 'oidc',
  name: 'Okta',
  preset: 'okta',
  isEnabled: true,
  isEmailTrusted: false,
  defaultRole: null,
  groupRoles: [soc],
  sessionHours: 12,
  secretExpiresAt: '2027-11-21',
  adminCameAt: AT,
  settings: oidc,
  addresses: {
    callback: `${ROOT}/callback`,
    logout: `${ROOT}/logout`,
    metadata: `${ROOT}/metadata`,
    signedOut: 'https://rules.example.com/sign-in',
  },
  domains: [{ domain: 'acme.example', isEnforced: true, confirmedAt: AT, askedAt: AT }],
  version: '4',
  createdAt: AT,
  createdBy: ADA,
  changedAt: AT,
  changedBy: ADA,
}

const metadata =
  '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="http://adfs.example.com/adfs/services/trust">…</EntityDescriptor>'

const directoryToken = {
  id: 'sct_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a81',
  networks: ['192.0.2.0/24'],
  createdAt: AT,
  createdBy: ADA,
  expiresAt: END,
  usedAt: null,
}

const ownKey = {
  id: 'pky_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a82',
  certificate: '-----BEGIN CERTIFICATE-----\nMIID…\n-----END CERTIFICATE-----\n',
  endsAt: '2029-11-22T10:00:00.000Z',
  createdAt: '2026-11-22T10:00:00.000Z',
  createdBy: 'user:usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
}

export const PROVIDER_EXAMPLES = {
  Provider: provider,
  NewProvider: {
    kind: 'oidc',
    name: 'Okta',
    preset: 'okta',
    groupRoles: [soc],
    secretExpiresAt: '2027-11-21',
    settings: { issuer: oidc.issuer, clientId: oidc.clientId, scopes: oidc.scopes },
    clientSecret: 'pasted-from-okta',
  },
  ProviderEdit: { isEnabled: false },
  ChangedProvider: { id: ID, version: '5' },
  ProviderTest: {
    steps: [
      {
        name: 'Discovery',
        verdict: 'good',
        text: 'The provider tells where people sign in.',
        advice: null,
      },
    ],
  },
  SamlMetadata: { metadata },
  SamlDescription: {
    issuer: 'http://adfs.example.com/adfs/services/trust',
    signOnUrl: 'https://adfs.example.com/adfs/ls/',
    certificates: ['-----BEGIN CERTIFICATE-----\nMIIC…\n-----END CERTIFICATE-----'],
  },
  NewDomain: { domain: 'acme.example' },
  DomainChoice: { isEnforced: true },
  ProviderKeys: { items: [ownKey] },
  ProviderKey: ownKey,
  Directory: { address: 'https://rules.example.com/scim/v2', tokens: [directoryToken] },
  DirectoryToken: directoryToken,
  NewDirectoryToken: { networks: ['192.0.2.0/24'] },
  MadeDirectoryToken: {
    ...directoryToken,
    secret: 'rw_scim_019aa8b23c4d7e5f8a9b0c1d2e3f4a81_fT2k…_9c0d1e2f',
  },
  BreakIn: { id: ADA, name: 'Ada', isBreakIn: true },
  BreakInChoice: { isBreakIn: true },
}
