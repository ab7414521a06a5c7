// Rows that somebody needs longer than evidence is kept: a few columns of a row, sealed under the key of
// the workspace, in the database and so in its backups, until they are unpinned.

import { permit } from '#domain/access/permission.ts'
import type { Actor } from '#kernel/actor.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type SearchId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import type { NewPin } from './input.ts'
import { deletePin, insertPin, selectPins, type PinRow } from './pin-store.ts'
import { everyRow, getSearch } from './reading.ts'
import type { Search } from './search.ts'
import { getSearch as requireSearch } from './store.ts'

export interface Pin {
  readonly number: number
  readonly targetName: string
  /** Where it stood: the segment, and the row in it from 0. */
  readonly position: number
  readonly rowIndex: number
  readonly note: string
  readonly values: readonly (readonly [name: string, value: Json])[]
  readonly createdAt: Instant
  readonly createdBy: Actor
}

const PINS_MAX = 100
/** An excerpt is what somebody points at, and no copy of the result. */
const EXCERPT_BYTES_MAX = 16 * 1024

/**
 * Throws `not_found` for a row that is not kept, `too_large` for an excerpt of more than 16 kB,
 * `conflict` when as many are pinned as may be. Audited without the values.
 */
export async function pinRow(
  house: House,
  caller: Caller,
  searchId: SearchId,
  { position, row, columns, note }: NewPin,
): Promise<Pin> {
  permit(caller, 'search.run')
  const search = await getSearch(house, caller, searchId)
  const found = await findRow(house, caller, search, { position, row })
  const values = found.columns.flatMap(({ name }, at): [string, Json][] =>
    columns.includes(name) ? [[name, found.values[at] ?? null]] : [],
  )
  if (values.length === 0) throw new AppError('invalid', 'The row has none of these columns.')
  const text = Buffer.from(JSON.stringify(values))
  if (text.length > EXCERPT_BYTES_MAX) {
    throw new AppError('too_large', 'An excerpt is at most 16 kB. Choose fewer columns.')
  }
  const id = makeId(ID_PREFIXES.pin, caller.now, house.random(10))
  const excerpt = await house.keys.seal(caller.scope, sealedPlace('searchPin', id), text)
  return house.db.write(caller, async (tx) => {
    await requireSearch(tx, tx.scope, searchId)
    const known = await selectPins(tx, tx.scope, searchId)
    if (known.length >= PINS_MAX) {
      throw new AppError('conflict', `${PINS_MAX} rows of this search are pinned already.`)
    }
    const number = (known.at(-1)?.number ?? 0) + 1
    const { targetName } = found.segment
    const { now: createdAt, actor: createdBy } = caller
    const pin = { number, targetName, position, rowIndex: row, note, createdAt, createdBy }
    await insertPin(tx, { ...pin, id, searchId, excerpt })
    const data = { segment: position, row, columns: values.map(([name]) => name), note }
    await house.audit.record(tx, caller, { action: 'search.pin', target: searchId, data })
    return { ...pin, values }
  })
}

/** Throws `forbidden` for a row that is not pinned. Audited. */
export async function unpinRow(
  house: House,
  caller: Caller,
  searchId: SearchId,
  number: number,
): Promise<void> {
  permit(caller, 'search.run')
  await house.db.write(caller, async (tx) => {
    const pin = (await selectPins(tx, tx.scope, searchId)).find((one) => one.number === number)
    if (!pin) throw forbidden()
    await deletePin(tx, searchId, number)
    const data = { segment: pin.position, row: pin.rowIndex }
    await house.audit.record(tx, caller, { action: 'search.unpin', target: searchId, data })
  })
}

/** In the order in which they were pinned. Throws `forbidden` for a search that is not here. */
export async function listPins(
  house: House,
  caller: Caller,
  searchId: SearchId,
): Promise<readonly Pin[]> {
  permit(caller, 'search.run')
  const { scope } = caller
  const reader = house.db.read(scope)
  await requireSearch(reader, scope, searchId)
  const pins: Pin[] = []
  for (const row of await selectPins(reader, scope, searchId))
    pins.push(await open(house, row, caller))
  return pins
}

async function open(house: House, row: PinRow, { scope }: Caller): Promise<Pin> {
  const { workspaceId: _, id, searchId: __, excerpt, ...rest } = row
  const text = await house.keys.unseal(scope, sealedPlace('searchPin', id), excerpt)
  // Sealed by pinRow, so its shape is ours.
  return { ...rest, values: JSON.parse(text.toString('utf8')) as Pin['values'] }
}

async function findRow(
  house: House,
  caller: Caller,
  search: Search,
  { position, row }: { readonly position: number; readonly row: number },
) {
  for await (const one of everyRow(house, caller, search, { position, skip: row })) return one
  throw new AppError('not_found', 'This row is no longer kept. Ask again.')
}
