// Keys of our own towards a provider by SAML: they sign our requests and open assertions that are
// encrypted for us. A second is made before the first is taken away: the provider learns of it from our
// metadata while the first still signs, and what is encrypted for either is read.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ProviderId, type ProviderKeyId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { makeOwnCertificate, type OwnCertificate } from '#platform/own-certificate.ts'
import { deleteOwnKey, insertOwnKey, selectOwnKeys, type StoredOwnKey } from './own-key-store.ts'
import { getProviderRow } from './store.ts'

export type OwnKey = Omit<StoredOwnKey, 'sealed'>

const KEYS_MAX = 2
const KEY_DAYS = 3 * 365

/** Oldest first. Throws `forbidden` for a provider that is not here. */
export async function listOwnKeys(
  house: House,
  caller: Caller,
  providerId: ProviderId,
): Promise<readonly OwnKey[]> {
  permit(caller, 'provider.read')
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(caller.scope)
  await getProviderRow(db, key, caller.scope, providerId)
  return (await selectOwnKeys(db, key, providerId)).map(withoutSealed)
}

/** Throws `conflict` while there are two, `invalid` for a provider that takes none. */
export async function addOwnKey(
  house: House,
  caller: Caller,
  providerId: ProviderId,
): Promise<OwnKey> {
  permit(caller, 'provider.manage')
  const rowKey = house.keys.purpose('row-mac')
  const { provider } = await getProviderRow(
    house.db.read(caller.scope),
    rowKey,
    caller.scope,
    providerId,
  )
  if (provider.kind !== 'saml') throw new AppError('invalid', 'Only a provider by SAML takes one.')
  const id = makeId(ID_PREFIXES.providerKey, caller.now, house.random(10))
  const endsAt = addMs(caller.now, KEY_DAYS * DAY)
  const { certificate, privateKey } = await makeOwnCertificate({
    commonName: providerId,
    from: addMs(caller.now, -DAY), // clocks differ
    until: endsAt,
    serial: house.random(16),
  })
  const sealed = await seal(house, caller, id, privateKey)
  const { workspaceId } = provider
  const made = { createdAt: caller.now, createdBy: caller.actor }
  const own: OwnKey = { id, providerId, workspaceId, certificate, endsAt, ...made }
  await house.db.write(caller, async (tx) => {
    await getProviderRow(tx, rowKey, tx.scope, providerId)
    if ((await selectOwnKeys(tx, rowKey, providerId)).length >= KEYS_MAX) {
      throw new AppError('conflict', 'There are two keys already. Take the old one away first.')
    }
    await insertOwnKey(tx, rowKey, { ...own, sealed })
    const data = { key: id, endsAt }
    await house.audit.record(tx, caller, { action: 'provider.key.add', target: providerId, data })
  })
  return own
}

/** Throws `forbidden` for one that is not here, `conflict` for the last while requests are signed. */
export async function removeOwnKey(
  house: House,
  caller: Caller,
  providerId: ProviderId,
  id: ProviderKeyId,
): Promise<void> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const { provider } = await getProviderRow(tx, key, tx.scope, providerId)
    const all = await selectOwnKeys(tx, key, providerId)
    if (!all.some((own) => own.id === id)) throw forbidden()
    const signs = provider.kind === 'saml' && provider.settings.signsRequests
    if (signs && all.length === 1) {
      throw new AppError('conflict', 'Requests are signed by it. Make the next one first.')
    }
    await deleteOwnKey(tx, id)
    const data = { key: id }
    await house.audit.record(tx, caller, {
      action: 'provider.key.remove',
      target: providerId,
      data,
    })
  })
}

/** Of any workspace, for whoever comes in. */
export async function openOwnKeys(
  house: House,
  { scope }: Pick<Caller, 'scope'>,
  providerId: ProviderId,
): Promise<readonly OwnCertificate[]> {
  const stored = await selectOwnKeys(
    house.db.read(scope),
    house.keys.purpose('row-mac'),
    providerId,
  )
  const opened = stored.map(async ({ id, workspaceId, certificate, sealed }) => {
    const place = sealedPlace('providerKey', id)
    const plaintext = await house.keys.unseal(makeScope(workspaceId), place, sealed)
    try {
      return { certificate, privateKey: plaintext.toString('utf8') }
    } finally {
      plaintext.fill(0)
    }
  })
  return Promise.all(opened)
}

async function seal(
  house: House,
  { scope }: Caller,
  id: ProviderKeyId,
  privateKey: string,
): Promise<Buffer> {
  const plaintext = Buffer.from(privateKey)
  try {
    return await house.keys.seal(scope, sealedPlace('providerKey', id), plaintext)
  } finally {
    plaintext.fill(0)
  }
}

function withoutSealed({ sealed: _, ...own }: StoredOwnKey): OwnKey {
  return own
}
