// `/providers/{id}/keys`: keys of our own towards a provider by SAML. What leaves the house of one is its
// certificate.

import { z } from 'zod'
import type { OwnKey } from '#domain/identity/own-keys.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { ProviderIdText } from './provider-shapes.ts'
import { idOf, InstantText, named } from './shapes.ts'

const actions = () => import('#domain/identity/own-keys.ts')

const KeyIdText = idOf(ID_PREFIXES.providerKey)
const ProviderPath = z.strictObject({ id: ProviderIdText })
const PROOF = 'Needs a fresh proof of the person behind this token.'

const OwnKeyShape = z
  .strictObject({
    id: KeyIdText,
    /** PEM: the provider encrypts for it, and knows our requests by it. */
    certificate: z.string(),
    endsAt: InstantText,
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'ProviderKey' })

const OwnKeysShape = z
  .strictObject({ items: z.array(OwnKeyShape) })
  .register(named, { id: 'ProviderKeys' })

function shapeOf({ id, certificate, endsAt, createdAt, createdBy }: OwnKey) {
  const at = { endsAt: formatInstant(endsAt), createdAt: formatInstant(createdAt) }
  return { id, certificate, ...at, createdBy }
}

const list = operation({
  method: 'GET',
  path: '/providers/{id}/keys',
  name: 'listProviderKeys',
  summary: 'Our keys towards a provider by SAML, oldest first',
  permission: 'provider.read',
  params: ProviderPath,
  answer: OwnKeysShape,
  async run({ house, caller, params }) {
    const keys = await (await actions()).listOwnKeys(house, caller, params.id)
    return { items: keys.map(shapeOf) }
  },
})

const add = operation({
  method: 'POST',
  path: '/providers/{id}/keys',
  name: 'addProviderKey',
  summary: 'Make a key of ours, or the next one, for a provider by SAML',
  about: `There are at most two: the one in use, and the next. ${PROOF}`,
  permission: 'provider.manage',
  params: ProviderPath,
  status: 201,
  answer: OwnKeyShape,
  needsProof: true,
  async run({ house, caller, params }) {
    return shapeOf(await (await actions()).addOwnKey(house, caller, params.id))
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/providers/{id}/keys/{key}',
  name: 'removeProviderKey',
  summary: 'Take away a key of ours',
  about: `What the provider still encrypts for it is not read any more. ${PROOF}`,
  permission: 'provider.manage',
  params: ProviderPath.extend({ key: KeyIdText }),
  needsProof: true,
  async run({ house, caller, params }) {
    await (await actions()).removeOwnKey(house, caller, params.id, params.key)
    return undefined
  },
})

export const PROVIDER_KEY_OPERATIONS = [list, add, remove]
