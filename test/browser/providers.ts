// Identity providers for the pages: none is asked, so every settings page stands without one.

import { verbsOf } from '#domain/access/permission.ts'
import { addProvider } from '#domain/identity/actions.ts'
import { addDomain } from '#domain/identity/domains.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { addScimToken } from '#domain/identity/scim-tokens.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { callerIn } from './world.ts'

const LONG = `Detection-Engineering-${'Global-'.repeat(20)}EMEA`
const groupRoles = [
  { group: 'soc-admins', role: 'admin', isApprover: true, isAuditor: true },
  { group: LONG, role: 'engineer' },
]

export async function fillProviders(house: House, workspaceId: string) {
  const caller = { ...callerIn(house, workspaceId), verbs: verbsOf('admin') }
  const oidc = await addProvider(
    house,
    caller,
    NewProvider.parse({
      kind: 'oidc',
      preset: 'okta',
      name: 'Okta of the whole group, with a name that is long',
      settings: { issuer: `https://${'very-long-'.repeat(5)}acme.okta.example`, clientId: '0oa1' },
      clientSecret: 'shown to nobody',
      secretExpiresAt: '2026-11-30',
      defaultRole: 'viewer',
      groupRoles,
    }),
  )
  await addDomain(house, caller, oidc.id, 'acme.example')
  await addDomain(house, caller, oidc.id, `${'sub-domain.'.repeat(12)}acme.example`)
  await addScimToken(house, caller, oidc.id, ['10.20.0.0/16'])
  const { cert } = makeCertificate(caller.now, addMs(caller.now, 20 * DAY))
  const saml = await addProvider(
    house,
    caller,
    NewProvider.parse({
      kind: 'saml',
      name: 'Old federation',
      settings: {
        issuer: 'https://idp.acme.example/metadata',
        signOnUrl: 'https://idp.acme.example/sso',
        certificates: [cert],
        subjectAttribute: null,
        emailAttribute: null,
        nameAttribute: null,
        groupsAttribute: null,
        ca: null,
      },
    }),
  )
  const root = '/w/acme/settings/single-sign-on'
  return [
    { name: 'providers', path: root },
    { name: 'provider', path: `${root}/${oidc.id}` },
    { name: 'provider-directory', path: `${root}/${oidc.id}/directory` },
    { name: 'provider-saml', path: `${root}/${saml.id}/saml` },
    { name: 'provider-of-saml', path: `${root}/${saml.id}` },
    { name: 'provider-new-okta', path: `${root}/new?preset=okta` },
    { name: 'provider-new-saml', path: `${root}/new/saml` },
  ]
}
