// `/providers`: where the people of a workspace sign in, as on the page of single sign-on. A secret goes in
// and never comes out; a way is tried by a person in a browser, and what can be told without one here.

import { z } from 'zod'
import { EmailDomainName, ProviderEdit } from '#domain/identity/input.ts'
import type { Provider } from '#domain/identity/provider.ts'
import { SamlSettings } from '#domain/identity/settings.ts'
import type { HttpContext } from '#http/env.ts'
import { operation } from './operation.ts'
import {
  NewProviderBody,
  ProviderIdText,
  ProviderPage,
  ProviderShape,
  providerShape,
} from './provider-shapes.ts'
import { accepted, named, PAGE_QUERY, pageIn } from './shapes.ts'

const actions = () => import('#domain/identity/actions.ts')
const domains = () => import('#domain/identity/domains.ts')
const metadata = () => import('#domain/identity/saml-entering.ts')
const tests = () => import('#domain/identity/testing.ts')

const ProviderPath = z.strictObject({ id: ProviderIdText })
const PROOF = 'Needs a fresh proof of the person behind this token.'

const list = operation({
  method: 'GET',
  path: '/providers',
  name: 'listProviders',
  summary: 'Identity providers of this workspace, by name, with the domains of their people',
  permission: 'provider.read',
  query: z.strictObject(PAGE_QUERY),
  answer: ProviderPage,
  async run(call) {
    const { house, caller, c } = call
    const all = await (await actions()).listProviders(house, caller)
    const { items, next } = pageIn(call, 'providers', all, ({ provider }) => provider.id)
    return { items: items.map((one) => providerShape(one, c.var.publicUrl)), next }
  },
})

const add = operation({
  method: 'POST',
  path: '/providers',
  name: 'addProvider',
  summary: 'Add an identity provider',
  about: `Nobody comes in by it until it is enabled, and nobody is led to it before a domain of its people is confirmed. Bring an \`id\` of your own (\`idp_\` and a UUIDv7) where the provider wants to know our addresses before it tells who we are there. The settings of a provider by SAML come from its metadata: \`POST /providers/metadata\`. ${PROOF}`,
  permission: 'provider.manage',
  body: NewProviderBody,
  status: 201,
  answer: ProviderShape,
  needsProof: true,
  async run({ house, caller, body: { id, ...input }, c }) {
    const provider = await (await actions()).addProvider(house, caller, input, id)
    return shapeOf(c, provider)
  },
})

const get = operation({
  method: 'GET',
  path: '/providers/{id}',
  name: 'getProvider',
  summary: 'One identity provider',
  permission: 'provider.read',
  params: ProviderPath,
  answer: ProviderShape,
  isVersioned: true,
  async run({ house, caller, params, c }) {
    const seen = await (await actions()).getProvider(house, caller, params.id)
    return providerShape(seen, c.var.publicUrl)
  },
})

const ChangedProvider = z
  .strictObject({ id: ProviderIdText, version: z.string() })
  .register(named, { id: 'ChangedProvider' })

const change = operation({
  method: 'PATCH',
  path: '/providers/{id}',
  name: 'changeProvider',
  summary: 'Change an identity provider, or switch it on or off',
  about: `What is left out stays; settings are whole and of its kind. Another issuer disconnects everybody who came by the one before, and voids its secret. ${PROOF}`,
  permission: 'provider.manage',
  params: ProviderPath,
  body: ProviderEdit.register(accepted, { id: 'ProviderEdit' }),
  answer: ChangedProvider,
  isVersioned: true,
  needsProof: true,
  async run({ house, caller, params, body, expected }) {
    const wish = { edit: body, expected }
    const provider = await (await actions()).changeProvider(house, caller, params.id, wish)
    return { id: provider.id, version: String(provider.version) }
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/providers/{id}',
  name: 'removeProvider',
  summary: 'Take an identity provider away, with its domains',
  about: `Whoever came in by it is signed out and signs in by what else they have. ${PROOF}`,
  permission: 'provider.manage',
  params: ProviderPath,
  isVersioned: true,
  needsProof: true,
  async run({ house, caller, params, expected }) {
    await (await actions()).removeProvider(house, caller, params.id, expected)
    return undefined
  },
})

const StepsShape = z
  .strictObject({
    steps: z.array(
      z.strictObject({
        name: z.string(),
        verdict: z.enum(['good', 'odd', 'bad']),
        text: z.string(),
        /** What to do about it. */
        advice: z.string().nullable(),
      }),
    ),
  })
  .register(named, { id: 'ProviderTest' })

const test = operation({
  method: 'POST',
  path: '/providers/{id}/test',
  name: 'testProvider',
  summary: 'What can be told of an identity provider without a person',
  about:
    'Asks the provider for what it says of itself and changes nothing. What would happen to somebody who comes back from it, a person finds out on its page.',
  permission: 'provider.manage',
  params: ProviderPath,
  isQuestion: true,
  answer: StepsShape,
  async run({ house, caller, params }) {
    const steps = await (await tests()).lookAtProvider(house, caller, params.id)
    return { steps: steps.map(({ advice = null, ...step }) => ({ ...step, advice })) }
  },
})

const MetadataBody = z
  .strictObject({ metadata: z.string().min(1).max(300_000) })
  .register(accepted, { id: 'SamlMetadata' })
const ReadMetadata = SamlSettings.pick({ issuer: true, signOnUrl: true, certificates: true })
const SamlDescriptionShape = z
  .strictObject(ReadMetadata.shape)
  .register(named, { id: 'SamlDescription' })

const read = operation({
  method: 'POST',
  path: '/providers/metadata',
  name: 'readSamlMetadata',
  summary: 'The settings that the metadata of a SAML provider tell',
  permission: 'provider.manage',
  body: MetadataBody,
  isQuestion: true,
  answer: SamlDescriptionShape,
  async run({ house, caller, body }) {
    const told = await (await metadata()).readMetadata(house, caller, body.metadata)
    const { issuer, signOnUrl, certificates } = told
    return { issuer, signOnUrl, certificates: [...certificates] }
  },
})

const renew = operation({
  method: 'POST',
  path: '/providers/{id}/metadata',
  name: 'renewSamlMetadata',
  summary: 'Put newer metadata of a SAML provider in the place of the old',
  about: PROOF,
  permission: 'provider.manage',
  params: ProviderPath,
  body: MetadataBody,
  answer: ChangedProvider,
  needsProof: true,
  async run({ house, caller, params, body }) {
    const { renewMetadata } = await metadata()
    const { id, version } = await renewMetadata(house, caller, params.id, body.metadata)
    return { id, version: String(version) }
  },
})

const addDomain = operation({
  method: 'POST',
  path: '/providers/{id}/domains',
  name: 'addProviderDomain',
  summary: 'Ask for an e-mail domain whose people sign in with this provider',
  about: `It takes effect when an owner of the server confirms it, on a page of the instance. ${PROOF}`,
  permission: 'provider.manage',
  params: ProviderPath,
  body: z.strictObject({ domain: EmailDomainName }).register(accepted, { id: 'NewDomain' }),
  needsProof: true,
  async run({ house, caller, params, body }) {
    await (await domains()).addDomain(house, caller, params.id, body.domain)
    return undefined
  },
})

const DomainPath = ProviderPath.extend({ domain: EmailDomainName })

const enforce = operation({
  method: 'PUT',
  path: '/providers/{id}/domains/{domain}',
  name: 'enforceProviderDomain',
  summary: 'Refuse passwords of an e-mail domain, or let them in again',
  about: `Only when an admin has signed in by the provider, the domain is confirmed and there is a break-in account. ${PROOF}`,
  permission: 'provider.manage',
  params: DomainPath,
  body: z.strictObject({ isEnforced: z.boolean() }).register(accepted, { id: 'DomainChoice' }),
  needsProof: true,
  async run({ house, caller, params: { id, domain }, body }) {
    await (await domains()).enforceDomain(house, caller, id, { domain, ...body })
    return undefined
  },
})

const removeDomain = operation({
  method: 'DELETE',
  path: '/providers/{id}/domains/{domain}',
  name: 'removeProviderDomain',
  summary: 'Take an e-mail domain from a provider',
  about: PROOF,
  permission: 'provider.manage',
  params: DomainPath,
  needsProof: true,
  async run({ house, caller, params: { id, domain } }) {
    await (await domains()).removeDomain(house, caller, id, domain)
    return undefined
  },
})

/** One that was just made has no domain. */
function shapeOf(c: HttpContext, provider: Provider) {
  return providerShape({ provider, domains: [] }, c.var.publicUrl)
}

export const PROVIDER_OPERATIONS = [
  list,
  add,
  read, // before the provider of that id
  get,
  change,
  remove,
  test,
  renew,
  addDomain,
  enforce,
  removeDomain,
]
