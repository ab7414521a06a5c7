// What fits the operations about identity providers and their directories. Nothing listens at their
// addresses, and nobody signs in.

import { systemCaller } from '#domain/access/system.ts'
import { addProvider, listProviders, removeProvider } from '#domain/identity/actions.ts'
import { addDomain } from '#domain/identity/domains.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { addOwnKey } from '#domain/identity/own-keys.ts'
import { addScimToken } from '#domain/identity/scim-tokens.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { addPerson } from '#cli/demo/cast.ts'
import type { ProviderId } from '#kernel/id.ts'
import { samlKey } from '#test/support/saml-idp.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}
type At = readonly [world: World, place: Workspace]

const SETTINGS = { issuer: 'https://127.0.0.1:9', clientId: 'rulewright' }
const FIRST = { 'If-Match': '"1"' }
/** Below what a workspace may have: the walk makes one for each call. */
const KEPT_MAX = 10
let count = 0

let pem: string | undefined
const certificate = () => (pem ??= samlKey().cert)

const callerIn = ({ app }: World, place: Workspace) =>
  systemCaller(app.house, 'test', undefined, place.id)

function metadataOf(issuer: string): string {
  const bare = certificate().replaceAll(/-----[^-]+-----|\s/g, '')
  return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${issuer}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${bare}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://127.0.0.1:9/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>`
}

async function newProvider(...[world, place]: At): Promise<ProviderId> {
  return plant(world, place, { kind: 'oidc', settings: SETTINGS })
}

async function newSamlProvider(...[world, place]: At): Promise<ProviderId> {
  const settings = {
    issuer: 'urn:idp.acme.example',
    signOnUrl: 'https://127.0.0.1:9/sso',
    certificates: [certificate()],
    subjectAttribute: null,
    emailAttribute: null,
    nameAttribute: null,
    groupsAttribute: null,
    ca: null,
  }
  return plant(world, place, { kind: 'saml', settings })
}

async function plant(world: World, place: Workspace, kind: object): Promise<ProviderId> {
  const { house } = world.app
  const caller = callerIn(world, place)
  const known = await listProviders(house, caller)
  for (const { provider } of known.slice(KEPT_MAX)) await removeProvider(house, caller, provider.id)
  const input = NewProvider.parse({ name: `Provider ${count++}`, ...kind })
  return (await addProvider(house, caller, input)).id
}

async function withDomain(...at: At): Promise<{ id: ProviderId; named: { domain: string } }> {
  const [world, place] = at
  const id = await newProvider(...at)
  const domain = `d${count++}.example`
  await addDomain(world.app.house, callerIn(world, place), id, domain)
  return { id, named: { domain } }
}

export const PROVIDER_INPUTS = {
  listProviders: async () => ({ query: '?limit=2' }),
  addProvider: async () => ({
    json: { kind: 'oidc', name: `Provider ${count++}`, settings: SETTINGS },
  }),
  getProvider: async (...at: At) => ({ id: await newProvider(...at) }),
  changeProvider: async (...at: At) => ({
    id: await newProvider(...at),
    json: { isEnabled: false },
    headers: FIRST,
  }),
  removeProvider: async (...at: At) => ({ id: await newProvider(...at), headers: FIRST }),
  testProvider: async (...at: At) => ({ id: await newProvider(...at) }),
  readSamlMetadata: async () => ({ json: { metadata: metadataOf('urn:idp.acme.example') } }),
  renewSamlMetadata: async (...at: At) => ({
    id: await newSamlProvider(...at),
    json: { metadata: metadataOf('urn:idp.acme.example') },
  }),
  listProviderKeys: async (...at: At) => ({ id: await newSamlProvider(...at) }),
  addProviderKey: async (...at: At) => ({ id: await newSamlProvider(...at) }),
  removeProviderKey: async (...at: At) => {
    const [world, place] = at
    const id = await newSamlProvider(...at)
    const key = await addOwnKey(world.app.house, callerIn(world, place), id)
    return { id, named: { key: key.id } }
  },
  addProviderDomain: async (...at: At) => ({
    id: await newProvider(...at),
    json: { domain: `d${count++}.example` },
  }),
  enforceProviderDomain: async (...at: At) => ({
    ...(await withDomain(...at)),
    json: { isEnforced: false },
  }),
  removeProviderDomain: withDomain,
  getDirectory: async (...at: At) => ({ id: await newProvider(...at) }),
  addDirectoryToken: async (...at: At) => ({
    id: await newProvider(...at),
    json: { networks: [] },
  }),
  removeDirectoryToken: async (...at: At) => {
    const [world, place] = at
    const id = await newProvider(...at)
    const { token } = await addScimToken(world.app.house, callerIn(world, place), id, [])
    return { id, named: { token: token.id } }
  },
  listBreakIns: async () => ({}),
  setBreakIn: async ({ app }: World, place: Workspace) => ({
    id: await addPerson(app.house, place, `admin${count++}`, 'admin', false),
    json: { isBreakIn: false },
  }),
}
