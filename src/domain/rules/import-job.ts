// Writes an import, batch by batch. Safe to repeat: what became of a document is written in the
// transaction that writes its rule, and a repetition goes on with those that have no result yet.

import { z } from 'zod'
import type { ImportId } from '#kernel/id.ts'
import { isId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob, type JobContext } from '#platform/jobs/define.ts'
import { nextTurn } from '#platform/turns.ts'
import { saveRules, type Outcome } from './bulk.ts'
import type { ImportResult } from './import.ts'
import * as store from './import-store.ts'
import type { RuleText } from './save.ts'

const input = z.strictObject({
  importId: z.custom<ImportId>((value) => isId('imp', value)),
})
type Input = z.infer<typeof input>

const BATCH = 200

export const importJob = defineJob({
  kind: 'rule.import',
  input,
  verbs: ['rule.write', 'rule.read'],
  timeoutMs: 2 * HOUR,
  attemptsMax: 5,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  run: runImport,
})

type Item = Awaited<ReturnType<typeof store.selectOpen>>[number]

async function runImport({ house, caller, input: given, signal, report }: JobContext<Input>) {
  const { importId } = given
  const { scope } = caller
  const { conflicts } = await store.getImport(house.db.read(scope), scope, importId)
  const findings = await store.countItems(house.db.read(scope), scope, importId, 'finding')
  const total = Object.values(findings).reduce((sum, count) => sum + count, 0)
  for (;;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const open = await store.selectOpen(house.db.read(scope), scope, importId, BATCH)
    if (open.length === 0) break
    const takes = open.filter((item) => isWanted(item, conflicts === 'take'))
    const leaves = open.filter((item) => !takes.includes(item))
    await house.db.write(caller, async (tx) => {
      for (const { finding, position, ruleId } of leaves) {
        const result = finding === 'same' ? 'same' : 'skipped'
        await store.saveResult(tx, importId, position, { result, ruleId })
      }
    })
    await saveRules(house, caller, takes.map(toText), {
      signal,
      within: async (tx, outcomes, from) => {
        for (const [at, outcome] of outcomes.entries()) {
          const item = takes[from + at]!
          await store.saveResult(tx, importId, item.position, toResult(item, outcome))
        }
      },
    })
    const done = open.at(-1)!.position
    report({ done, total, unit: 'documents', note: open.at(-1)!.path.slice(0, 200) })
  }
  await house.db.write(caller, (tx) => store.updateImport(tx, importId, { state: 'done' }))
  await nextTurn()
  return store.countItems(house.db.read(scope), scope, importId, 'result')
}

function isWanted({ finding }: Item, takesConflicts: boolean): boolean {
  if (finding === 'conflicting') return takesConflicts
  return finding === 'new' || finding === 'changed' || finding === 'merged'
}

function toText({ text, merged, ruleId, path }: Item): RuleText {
  return {
    text: merged ?? text,
    reason: `Imported from ${path.slice(0, 500)}`,
    origin: 'imported',
    ...(ruleId === null ? {} : { ruleId, expected: 'any' as const }),
  }
}

function toResult(item: Item, outcome: Outcome) {
  if ('rule' in outcome) return { result: outcome.kind, ruleId: outcome.rule.id }
  const problems =
    outcome.kind === 'refused'
      ? outcome.problems
      : [{ code: `import/${outcome.kind}`, severity: 'error', message: outcome.message }]
  const result: ImportResult = 'refused'
  return { result, ruleId: item.ruleId, problems: JSON.stringify(problems) }
}
