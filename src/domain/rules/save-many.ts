// Many texts at once, for imports, pushes and bulk edits: in batches of one transaction each, the next
// one examined and compiled in a worker while the last one is written. What cannot be written is told
// and stops nothing else; a run that is stopped leaves whole batches.

import { permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import { nextTurn } from '#platform/turns.ts'
import type { House } from '#platform/house.ts'
import { renderPending } from '#domain/rules/renders/actions.ts'
import { hashText, type RuleSummary } from './rule.ts'
import { selectRulesById, toSummary } from './rule-store.ts'
import { prepareTexts, tryToKeep, type PreparedText, type RuleText } from './save.ts'

export type Outcome =
  | { readonly kind: 'created' | 'saved' | 'same'; readonly rule: RuleSummary }
  /** No rule can be kept of the text. */
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  /** Another version, another rule with this id, or no such rule. */
  | { readonly kind: 'stale' | 'conflict' | 'forbidden'; readonly message: string }

export interface BulkWatch {
  readonly signal?: AbortSignal
  /** Called after each batch with what it did, in the order of the items. */
  readonly progress?: (done: number, outcomes: readonly Outcome[]) => void
  /** Writes what shall stand or fall with a batch: called in its transaction; `from` is its place. */
  readonly within?: (tx: Tx, outcomes: readonly Outcome[], from: number) => Promise<void>
}

/** A batch keeps the writer for some 100 ms; people who save meanwhile wait that long. */
const BATCH = 50

/**
 * In the order of the items; each is a version and an audit entry of its own. Throws what the signal
 * aborts with, after a whole batch.
 */
export async function saveRules(
  house: House,
  caller: Caller,
  items: readonly RuleText[],
  { signal, progress, within }: BulkWatch = {},
): Promise<readonly Outcome[]> {
  permit(caller, 'rule.write')
  const outcomes: Outcome[] = []
  let preparing = prepare(house, caller, items, 0)
  for (let at = 0; at < items.length; at += BATCH) {
    const prepared = await preparing
    signal?.throwIfAborted()
    preparing = prepare(house, caller, items, at + BATCH)
    // It is awaited in the next turn of the loop, or not at all when this batch throws.
    preparing.catch(() => {})
    const made = await house.db.write(caller, async (tx) => {
      const batch: Outcome[] = []
      for (const one of prepared) batch.push(await keepOne(tx, house, caller, one))
      await within?.(tx, batch, at)
      return batch
    })
    outcomes.push(...made)
    progress?.(outcomes.length, made)
  }
  await nextTurn() // the reader is not used in the turn of a commit
  await renderPending(house, caller, idsOf(outcomes))
  return outcomes
}

type Prepared = PreparedText | { readonly problems: readonly Problem[] } | Outcome

/** What has the text already is neither examined nor compiled again. */
async function prepare(
  house: House,
  caller: Caller,
  items: readonly RuleText[],
  at: number,
): Promise<readonly Prepared[]> {
  const batch = items.slice(at, at + BATCH)
  if (batch.length === 0) return []
  await nextTurn() // the reader is not used in the turn of a commit
  const ids = batch.flatMap(({ ruleId }) => ruleId ?? [])
  const rows = await selectRulesById(house.db.read(caller.scope), caller.scope, ids)
  const known = new Map(rows.map((row) => [row.id, row]))
  const changed: RuleText[] = []
  const same = batch.map((item): Outcome | undefined => {
    const row = item.ruleId && known.get(item.ruleId)
    if (row?.contentHash === hashText(item.text)) return { kind: 'same', rule: toSummary(row) }
    changed.push(item)
    return undefined
  })
  const prepared = changed.length === 0 ? [] : await prepareTexts(house, caller, changed)
  let next = 0
  return same.map((one) => one ?? prepared[next++]!)
}

async function keepOne(tx: Tx, house: House, caller: Caller, one: Prepared): Promise<Outcome> {
  if (!('index' in one) && 'kind' in one) return one
  if (!('index' in one)) return { kind: 'refused', problems: one.problems }
  const kept = await tryToKeep(tx, house, caller, one)
  if ('message' in kept) return { kind: kept.outcome, message: kept.message }
  return { kind: kept.outcome, rule: kept.rule }
}

function idsOf(outcomes: readonly Outcome[]): ReadonlySet<RuleId> {
  return new Set(outcomes.flatMap((one) => ('rule' in one ? [one.rule.id] : [])))
}
