// Writing an import, batch by batch: what became of a document is written in the transaction that writes
// its rule, so whoever stops in the middle goes on with those that have no result yet.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { ImportId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { retireRule } from '#domain/rules/actions.ts'
import { saveRules, type Outcome } from '#domain/rules/save-many.ts'
import { readExportedPlace } from '#domain/rules/files/folder.ts'
import { renderPending } from '#domain/rules/renders/actions.ts'
import type { RuleText } from '#domain/rules/save.ts'
import { writeExclusions } from './exclusions.ts'
import type { Counts, ImportResult, ImportWish } from './import.ts'
import * as store from './store.ts'

const BATCH = 200

export interface WriteWatch extends Omit<ImportWish, 'conflicts'> {
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

type Item = Awaited<ReturnType<typeof store.selectOpen>>[number]

/**
 * Writes what has no result yet, by the choice that stands in the import. Throws `conflict` when it shall
 * be whole and is not, which makes it a preview again, and what the signal aborts with.
 */
export async function writeImport(
  house: House,
  caller: Caller,
  importId: ImportId,
  { isAllOrNothing, keepsBroken, signal, report }: WriteWatch,
): Promise<Counts<ImportResult>> {
  permit(caller, 'rule.write')
  const { scope } = caller
  const { conflicts } = await store.getImport(house.db.read(scope), scope, importId)
  const findings = await store.countItems(house.db.read(scope), scope, importId, 'finding')
  if (isAllOrNothing && findings.broken !== undefined) {
    await house.db.write(caller, (tx) => store.updateImport(tx, importId, { state: 'preview' }))
    throw brokenSomewhere(findings.broken)
  }
  const batch = { takesConflicts: conflicts === 'take', keepsBroken, signal }
  const written = new Set<RuleId>()
  const total = Object.values(findings).reduce((sum, count) => sum + count, 0)
  for (;;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const open = await store.selectOpen(house.db.read(scope), scope, importId, 'rules', BATCH)
    if (open.length === 0) break
    for (const id of await writeBatch(house, caller, importId, { ...batch, open })) {
      written.add(id)
    }
    const { position, path } = open.at(-1)!
    report({ done: position, total, unit: 'documents', note: path.slice(0, 200) })
  }
  await nextTurn()
  // What came in later batches may be what a correlation of an earlier one builds on.
  await renderPending(house, caller, written)
  await writeExclusions(house, caller, importId, batch)
  await house.db.write(caller, (tx) => store.updateImport(tx, importId, { state: 'done' }))
  await nextTurn()
  return store.countItems(house.db.read(scope), scope, importId, 'result')
}

interface Batch {
  readonly open: readonly Item[]
  readonly takesConflicts: boolean
  readonly keepsBroken: boolean
  readonly signal: AbortSignal
}

async function writeBatch(
  house: House,
  caller: Caller,
  importId: ImportId,
  { open, signal, ...choice }: Batch,
): Promise<readonly RuleId[]> {
  const takes = open.filter((item) => isWanted(item, choice))
  const leaves = open.filter((item) => !takes.includes(item))
  await house.db.write(caller, async (tx) => {
    for (const { finding, position, ruleId } of leaves) {
      const result = finding === 'same' ? 'same' : 'skipped'
      await store.updateItem(tx, importId, position, { result, ruleId })
    }
  })
  const outcomes = await saveRules(house, caller, takes.map(toText), {
    signal,
    within: async (tx, batch, from) => {
      for (const [at, outcome] of batch.entries()) {
        const item = takes[from + at]!
        await store.updateItem(tx, importId, item.position, toResult(item, outcome))
      }
    },
  })
  for (const [at, outcome] of outcomes.entries()) {
    const isPutAway = outcome.kind === 'created' && readExportedPlace(takes[at]!.path).isRetired
    if (isPutAway) await retireRule(house, caller, outcome.rule.id)
  }
  return outcomes.flatMap((one) => ('rule' in one ? [one.rule.id] : []))
}

export function brokenSomewhere(count: number): AppError {
  const what = count === 1 ? '1 document is' : `${count} documents are`
  return new AppError(
    'conflict',
    `${what} broken, so nothing was imported. Mend what is broken, or import the rest.`,
  )
}

function isWanted(
  { finding, text }: Item,
  { takesConflicts, keepsBroken }: Pick<Batch, 'takesConflicts' | 'keepsBroken'>,
): boolean {
  if (finding === 'conflicting') return takesConflicts
  if (finding === 'broken') return keepsBroken && text !== ''
  return finding === 'new' || finding === 'changed' || finding === 'merged'
}

function toText({ text, merged, ruleId, path }: Item): RuleText {
  return {
    text: merged ?? text,
    reason: `Imported from ${path.slice(0, 500)}`,
    origin: 'imported',
    folderGroup: readExportedPlace(path).group,
    ...(ruleId === null ? {} : { ruleId, expected: 'any' as const }),
  }
}

function toResult(item: Item, outcome: Outcome) {
  if ('rule' in outcome) return { result: outcome.kind, ruleId: outcome.rule.id }
  if (item.finding === 'broken') return { result: 'skipped' as const, ruleId: null }
  const problems =
    outcome.kind === 'refused'
      ? outcome.problems
      : [{ code: `import/${outcome.kind}`, severity: 'error', message: outcome.message }]
  const result: ImportResult = 'refused'
  return { result, ruleId: item.ruleId, problems: JSON.stringify(problems) }
}
