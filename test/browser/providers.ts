// Identity providers for the pages: none is asked, so every settings page stands without one.

import { verbsOf } from '#domain/access/permission.ts'
import { addProvider } from '#domain/identity/actions.ts'
import { addDomain } from '#domain/identity/domains.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { addGroup } from '#domain/identity/group-provisioning.ts'
import { addPerson } from '#domain/identity/provisioning.ts'
import { noteRequest } from '#domain/identity/scim-requests.ts'
import { addScimToken, directoryCaller, type Directory } from '#domain/identity/scim-tokens.ts'
import { putDomain } from '#domain/identity/store.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
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
  const { token } = await addScimToken(house, caller, oidc.id, ['10.20.0.0/16'])
  await fillDirectory(house, caller, { provider: oidc, token })
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
    { name: 'provider-directory-people', path: `${root}/${oidc.id}/directory/people` },
    { name: 'provider-directory-groups', path: `${root}/${oidc.id}/directory/groups` },
    { name: 'provider-directory-new', path: `${root}/${saml.id}/directory` },
    { name: 'provider-saml', path: `${root}/${saml.id}/saml` },
    { name: 'provider-of-saml', path: `${root}/${saml.id}` },
    { name: 'provider-new-okta', path: `${root}/new?preset=okta` },
    { name: 'provider-new-saml', path: `${root}/new/saml` },
  ]
}

/** People of each kind, with names that are long, groups, and requests that went well and badly. */
async function fillDirectory(house: House, admin: Caller, directory: Directory): Promise<void> {
  const { provider } = directory
  const caller = directoryCaller(directory, admin)
  const confirmed = { confirmedAt: admin.now, confirmedBy: admin.actor }
  const asked = { askedAt: admin.now, askedBy: admin.actor, isEnforced: false }
  const domain = { domain: 'directory.example', providerId: provider.id, ...asked, ...confirmed }
  await house.db.write(admin, (tx) => putDomain(tx, house.keys.purpose('row-mac'), domain))
  const told = [
    { userName: 'nora.quist@directory.example', displayName: 'Nora Quist' },
    { userName: 'leo.marsh@directory.example', displayName: 'Leo Marsh', active: false },
    { userName: 'kai@elsewhere.example', displayName: 'Kai Ash' },
    { userName: `a-user-name-${'that-is-long-'.repeat(12)}end`, displayName: 'X'.repeat(90) },
  ]
  const members: { value: string }[] = []
  for (const one of told) {
    const { id } = await addPerson(house, caller, provider, one)
    members.push({ value: id })
  }
  await addGroup(house, caller, provider, { displayName: LONG, members })
  await addGroup(house, caller, provider, { displayName: 'Night shift', members })
  const at = { at: admin.now, method: 'POST', path: '/Users' }
  noteRequest(house, provider.id, { ...at, status: 201, problem: null })
  const problem = 'Somebody has this userName already.'
  noteRequest(house, provider.id, { ...at, status: 409, problem })
}
