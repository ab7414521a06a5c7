// Before anything is written: every target takes writes and lets us make them, every rule there is ours to
// write, and what stands there is what the item may replace.

import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import type { ObservedRule, RuleBody } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { restoringBody } from '#languages/rule-formats/write/restore.ts'
import { silenced } from '#languages/rule-formats/write/silent.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { inTurns } from '#platform/turns.ts'
import { forgetsWhenOff, judgeStanding, type Item, type Stood } from './item.ts'
import { placeOf, readAll, type Place, type Places } from './places.ts'
import { findPause, type ItemChange } from './store.ts'
import type { WriteTools } from './write-item.ts'

export interface Checked {
  readonly item: Item
  /** `waiting`: to be written; `verifying`: it stands there already; `failed`: it may not. */
  readonly change: ItemChange
}

/** In the order of the items. Throws `forbidden` for a privilege that a target denies. */
export async function checkItems(
  house: House,
  caller: Caller,
  places: Places,
  items: readonly Item[],
  { signal }: Pick<WriteTools, 'signal'>,
): Promise<readonly Checked[]> {
  for (const place of places.values()) await requirePrivileges(place, signal)
  const ruleIds = [...new Set(items.map(({ ruleId }) => ruleId))]
  const standing = await listPlacements(house, caller, { ruleIds })
  const known = new Map(standing.map((one) => [nameOf(one), stoodOf(one)]))
  const found = await readAll(places, items, house.keys.installId, signal)
  const checked: Checked[] = []
  for await (const item of inTurns(items)) {
    const place = placeOf(places, item)
    const now = found.get(item.number) ?? null
    const stood = known.get(nameOf(item)) ?? null
    const ref = now?.ref ?? item.ref
    const body = await bodyToResume(house, caller, item)
    const change = { ...judged(place, item, now, stood), before: now, stood, ref }
    checked.push({ item, change: { ...change, ...(body && { body }) } })
  }
  return checked
}

/** What stood there until it was switched off, where its vendor has forgotten it. */
async function bodyToResume(
  house: House,
  { scope }: Caller,
  item: Item,
): Promise<RuleBody | undefined> {
  if (item.action !== 'resume' || !forgetsWhenOff(item.kind)) return undefined
  const pause = await findPause(house.db.read(scope), scope, item)
  return pause?.before ? restoringBody(item.kind, pause.before, null) : undefined
}

function judged(
  { rules }: Place,
  item: Item,
  now: ObservedRule | null,
  stood: Stood | null,
): Required<Pick<ItemChange, 'state' | 'reason'>> {
  const { action } = item
  if (stood?.ownership === 'observe' && action !== 'adopt' && action !== 'unmanage') {
    return { state: 'failed', reason: 'It is only observed there: nothing is written over it.' }
  }
  if (item.soakDays > 0 && item.body !== null && !silenced(item.kind, item.body)) {
    const reason = `${item.targetName} cannot run a rule silently, as the policy asks of new ones.`
    return { state: 'failed', reason }
  }
  const verdict = judgeStanding(rules, item, now)
  switch (verdict.kind) {
    case 'ready':
      return { state: 'waiting', reason: null }
    case 'same':
      return { state: 'verifying', reason: null }
    case 'conflict':
      return { state: 'failed', reason: verdict.reason }
  }
}

const nameOf = ({ ruleId, targetId }: Pick<Item, 'ruleId' | 'targetId'>) => `${ruleId} ${targetId}`

function stoodOf(placement: NamedPlacement): Stood {
  const { state, ownership, version, origin, deploymentId, isSigned, soakUntil } = placement
  const { hash, body, raw } = placement
  return {
    state,
    ownership,
    version,
    origin,
    deploymentId,
    isSigned,
    soakUntil,
    ...(state === 'drifted' && { meant: { hash, body, raw } }),
  }
}

async function requirePrivileges({ port, target }: Place, signal: AbortSignal): Promise<void> {
  const { needed } = await port.privileges('write', signal)
  const missing = needed.filter(({ isHeld }) => isHeld === false)
  const [first] = missing
  if (first === undefined) return
  const names = missing.map(({ name }) => name).join(', ')
  const message = `The credential for ${target.name} may not write rules: ${names} is missing. ${first.fix}`
  throw new AppError('forbidden', message)
}
