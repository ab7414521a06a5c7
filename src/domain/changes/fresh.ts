// Whether what a change was made of is still so: quickly and inside of the write that depends on it,
// without compiling anything. What differs is rendered again by whoever asked.

import { whatIsSeen, whatStands } from '#domain/adoption/what-stands.ts'
import { hashPlaces } from '#domain/mappings/places.ts'
import { findPlacement } from '#domain/placements/actions.ts'
import { listNewest } from '#domain/rules/makers.ts'
import { lookAround, RENDERER, type ExclusionToCome } from '#domain/rules/renders/actions.ts'
import { AppError } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { StoredItem } from './store.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** Undefined while everything is as it was; else what is not, in words. `toCome`: as makeRenders. */
export async function findStale(
  db: Handle,
  scope: WorkspaceScope,
  items: readonly StoredItem[],
  now: Instant,
  toCome: readonly ExclusionToCome[] = [],
): Promise<string | undefined> {
  const rules = await listNewest(db, scope, [...new Set(items.map(({ ruleId }) => ruleId))])
  const places = await hashPlaces(db, scope)
  for (const item of items) {
    const { ruleId, targetId, ruleTitle, targetName } = item
    const rule = rules.get(ruleId)
    if (!rule) return `The rule ${ruleTitle} is gone.`
    const placement = await findPlacement(db, scope, { ruleId, targetId })
    // Only what was forgotten is replaced without a place and a version.
    const forgotten = item.replaces?.version === null ? item.replaces.ref : undefined
    const stands = placement
      ? await whatStands(db, scope, placement)
      : await whatIsSeen(db, scope, targetId, forgotten)
    const isOther =
      (stands?.hash ?? null) !== (item.replaces?.hash ?? null) ||
      (stands?.ref ?? null) !== (item.replaces?.ref ?? null)
    if (isOther) return `Something else stands on ${targetName} for ${ruleTitle} now.`
    if (item.version === null) continue
    if ((item.wantedVersion ?? rule.version) !== item.version) {
      return `${ruleTitle} has a newer version.`
    }
    if (item.inputs['renderer'] !== RENDERER) return 'This release compiles rules anew.'
    const verdict = item.inputs['tests']
    if (verdict !== undefined && verdict !== (rule.testVerdict ?? 'not run')) {
      return `The tests of ${ruleTitle} say something else now.`
    }
    const { references, digest } = readMadeFrom(item.madeFrom)
    const { madeFrom } = await lookAround(db, scope, { id: ruleId, references }, now, toCome)
    if (`${places} ${madeFrom}` !== digest) {
      return `What ${ruleTitle} is compiled with on ${targetName} was changed.`
    }
  }
  return undefined
}

/** Throws `stale`. */
export async function requireFresh(...given: Parameters<typeof findStale>): Promise<void> {
  const why = await findStale(...given)
  if (why === undefined) return
  throw new AppError('stale', `${why} The change has to be rendered again first.`)
}

export interface MadeFrom {
  /** As the version names the rules it builds on. */
  readonly references: readonly string[]
  /** As `MadeRenders` says. */
  readonly digest: string
}

export function writeMadeFrom(madeFrom: MadeFrom): string {
  return JSON.stringify(madeFrom)
}

function readMadeFrom(text: string): MadeFrom {
  return JSON.parse(text) as MadeFrom
}
