// Exclusions that come, stay and go as a part of another act. That act asks for the verb, has its own
// write and its own entry of the log; here a text is prepared before it, and kept inside of it.

import { findOwnEmail } from '#domain/access/own-email.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type ExclusionId, type RuleId } from '#kernel/id.ts'
import { requireVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { ExclusionToCome } from '#domain/rules/renders/actions.ts'
import { lastDay } from './exclusion.ts'
import { keepExclusion, prepareExclusion, type PreparedExclusion } from './save.ts'
import * as store from './store.ts'
import type { ExclusionTerms } from './text.ts'

export interface ComingExclusion extends PreparedExclusion, ExclusionToCome {}

/** One over a single rule. Throws `invalid` with every problem. */
export async function prepareComing(
  house: House,
  caller: Caller,
  { ruleId, text, ...terms }: ExclusionTerms & { readonly ruleId: RuleId; readonly text: string },
): Promise<ComingExclusion> {
  const owner = (await findOwnEmail(house, caller)) ?? undefined
  const usual: ExclusionTerms = { owner, ends: lastDay(caller.now) }
  const prepared = await prepareExclusion(house, { text, ...terms, usual })
  const exclusionId = makeId(ID_PREFIXES.exclusion, caller.now, house.random(10))
  return { ...prepared, exclusionId, ruleId, contentHash: sha256Hex(prepared.text) }
}

/** Throws `invalid` where a rule that it names is gone. */
export async function keepComing(
  tx: Tx,
  house: House,
  caller: Caller,
  { exclusionId: id, text, content }: ComingExclusion,
): Promise<void> {
  const parts = { id, text, content, why: '', isPart: true } as const
  await keepExclusion(tx, house, caller, { ...parts, action: 'exclusion.add' })
}

export interface MovedEnd extends PreparedExclusion {
  readonly id: ExclusionId
  /** That it was made over. */
  readonly version: number
}

/** The same with another end. Throws `forbidden` for one that is not here. */
export async function prepareEnd(
  house: House,
  { scope }: Caller,
  id: ExclusionId,
  ends: string,
): Promise<MovedEnd> {
  const reader = house.db.read(scope)
  const { version } = await store.getExclusionRow(reader, scope, id)
  const [newest] = await store.selectExclusionVersions(reader, scope, id, 1)
  return { ...(await prepareExclusion(house, { text: newest!.text, ends })), id, version }
}

/** Throws `stale` when somebody changed it meanwhile. One that has ended stays so. */
export async function keepEnd(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, version, text, content }: MovedEnd,
  why: string,
): Promise<void> {
  const row = await store.getExclusionRow(tx, tx.scope, id)
  requireVersion(new Set([String(version)]), String(row.version))
  if (row.state === 'ended') return
  const action = content.endsAt > caller.now ? 'exclusion.change' : 'exclusion.end'
  await keepExclusion(tx, house, caller, { text, content, why, action, isPart: true }, row)
}
