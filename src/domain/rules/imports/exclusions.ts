// Filters that come with an import: they become exclusions over the rules they name, after those rules
// are written. Whoever imports owns them, unless the text says otherwise.

import { findOwnEmail } from '#domain/access/own-email.ts'
import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { ImportId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { nextTurn } from '#platform/turns.ts'
import type { RuleContent } from '#domain/rules/content.ts'
import { judgeEnd, lastDay } from '#domain/rules/exclusions/exclusion.ts'
import { keepExclusion, prepareExclusion } from '#domain/rules/exclusions/save.ts'
import {
  selectExclusionsByHash,
  selectExclusionsBySigmaId,
  type ExclusionRow,
} from '#domain/rules/exclusions/store.ts'
import { readExclusions } from '#domain/rules/exclusions/task.ts'
import type { ExclusionTerms } from '#domain/rules/exclusions/text.ts'
import { hashText } from '#domain/rules/rule.ts'
import type { Finding } from './import.ts'
import { selectOpen, updateItem } from './store.ts'

const LIMITS: TaskLimits = { timeoutMs: 20_000 }

/** Stands among the problems of each such document; what reads them again finds it by this. */
export const BECOMES_EXCLUSION: Problem = {
  code: 'import/exclusion',
  severity: 'info',
  message: 'This is a filter: it becomes an exclusion over the rules that it names.',
}

export interface JudgedFilter {
  readonly finding: Finding
  /** With owner, reason and end written in. */
  readonly text: string
  readonly problems: readonly Problem[]
  /** The rules it needs, as it names them: none for one that will not be written. */
  readonly references: readonly string[]
}

/** An exclusion that ended comes in as one; one that ends too late, or over anything, is broken. */
export async function judgeFilter(
  house: House,
  caller: Caller,
  text: string,
  { title, description, sigmaId }: RuleContent,
): Promise<JudgedFilter> {
  const reader = house.db.read(caller.scope)
  const [same] = await selectExclusionsByHash(reader, caller.scope, [hashText(text)])
  if (same) return { finding: 'same', text, problems: [], references: [] }
  const ids = sigmaId === null ? [] : [sigmaId]
  const [known] = await selectExclusionsBySigmaId(reader, caller.scope, ids)
  const usual: ExclusionTerms = known
    ? termsOf(known)
    : {
        owner: (await findOwnEmail(house, caller)) ?? undefined,
        reason: (description ?? title).slice(0, 2_000).toWellFormed(),
        ends: lastDay(caller.now),
      }
  const [read] = await house.workers.run(readExclusions, [{ text, usual }], LIMITS)
  const { value, problems, text: written } = read!
  if (!value) return { finding: 'broken', text, problems, references: [] }
  const late = value.endsAt > caller.now ? judgeEnd(value.endsAt, caller.now) : undefined
  if (late) return { finding: 'broken', text, problems: [late], references: [] }
  if (known?.contentHash === hashText(written))
    return { finding: 'same', text, problems: [], references: [] }
  const { references } = value
  return { finding: known ? 'conflicting' : 'new', text: written, problems, references }
}

function termsOf({ owner, reason, endsAt }: ExclusionRow): ExclusionTerms {
  return { owner, reason, ends: new Date(endsAt - 1).toISOString().slice(0, 10) }
}

type Item = Awaited<ReturnType<typeof selectOpen>>[number]

/** What has no result yet. Each is written for itself: one that is refused stops no other. */
export async function writeExclusions(
  house: House,
  caller: Caller,
  importId: ImportId,
  { takesConflicts, signal }: { readonly takesConflicts: boolean; readonly signal: AbortSignal },
): Promise<void> {
  permit(caller, 'exclusion.write')
  for (;;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const reader = house.db.read(caller.scope)
    const open = await selectOpen(reader, caller.scope, importId, 'exclusions', BATCH)
    if (open.length === 0) return
    for (const item of open) {
      const { finding } = item
      const isWanted = finding === 'new' || (finding === 'conflicting' && takesConflicts)
      if (isWanted) await writeOne(house, caller, importId, item)
      else {
        const result = finding === 'same' ? 'same' : 'skipped'
        await house.db.write(caller, (tx) =>
          updateItem(tx, importId, item.position, { result, ruleId: null }),
        )
      }
    }
  }
}

const BATCH = 100

async function writeOne(
  house: House,
  caller: Caller,
  importId: ImportId,
  { text, path, position }: Item,
): Promise<void> {
  try {
    const prepared = await prepareExclusion(house, { text })
    await house.db.write(caller, async (tx) => {
      const { sigmaId } = prepared.content
      const ids = sigmaId === null ? [] : [sigmaId]
      const [before] = await selectExclusionsBySigmaId(tx, tx.scope, ids)
      const why = `Imported from ${path.slice(0, 500)}`
      const action = before ? 'exclusion.change' : 'exclusion.add'
      await keepExclusion(tx, house, caller, { ...prepared, why, action }, before)
      const result = before ? 'saved' : 'created'
      await updateItem(tx, importId, position, { result, ruleId: null })
    })
  } catch (error) {
    if (!(error instanceof AppError) || !REFUSALS.has(error.code)) throw error
    const details = error.details as { readonly problems?: readonly Problem[] } | undefined
    const told: Problem = { code: 'import/refused', severity: 'error', message: error.message }
    const problems = [...(details?.problems ?? [told]), BECOMES_EXCLUSION]
    await house.db.write(caller, (tx) =>
      updateItem(tx, importId, position, {
        result: 'refused',
        ruleId: null,
        problems: JSON.stringify(problems),
      }),
    )
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['invalid', 'conflict'])
