// The same change to many rules: a tag, a group, a level, an owner, or putting them away. It edits their
// texts, so each change is a version with its reason, and what it does not name stays byte for byte.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { JobId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { retireRule } from './actions.ts'
import { saveRules } from './bulk.ts'
import { editRuleText, type RuleEdit } from './edit.ts'
import { RuleListQuery, type BulkEdit, type BulkRequest } from './input.ts'
import type { RuleFilter } from './list.ts'
import { countRules, selectRulesToExport } from './list-store.ts'
import type { RuleText } from './save.ts'

export const BULK_JOB = 'rule.bulk'

/** Queues the change. Returns its job. Audited now, and again with each rule that it changes. */
export async function startBulkEdit(
  house: House,
  caller: Caller,
  request: BulkRequest,
): Promise<JobId> {
  permit(caller, 'rule.write')
  const title = titleOf(request.edit)
  return house.db.write(caller, async (tx) => {
    const id = await house.jobs.enqueueKind(tx, caller, BULK_JOB, request, { title })
    await house.audit.record(tx, caller, {
      action: 'rule.bulk',
      target: id,
      data: { edit: { ...request.edit }, ruleCount: request.ids?.length ?? null },
    })
    return id
  })
}

export interface BulkRun {
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

export interface BulkResult {
  readonly changed: number
  readonly same: number
  /** Rules that could not be changed, and why; the first of them. */
  readonly refused: readonly { readonly ruleId: RuleId; readonly message: string }[]
}

/** Safe to repeat: a rule that has the change already is left as it is. */
export async function runBulkEdit(
  house: House,
  caller: Caller,
  { edit, ids, filter }: BulkRequest,
  { signal, report }: BulkRun,
): Promise<BulkResult> {
  permit(caller, 'rule.write')
  const { sort: _, ...wanted } = RuleListQuery.parse(filter ?? {})
  const chosen: RuleFilter = { ...wanted, ...(ids && { ids }) }
  const { scope } = caller
  const total = await countRules(house.db.read(scope), scope, chosen)
  const result = { changed: 0, same: 0, refused: [] as BulkResult['refused'][number][] }
  let after: RuleId | null = null
  for (;;) {
    signal.throwIfAborted()
    const rows: Awaited<ReturnType<typeof selectRulesToExport>> = await selectRulesToExport(
      house.db.read(scope),
      scope,
      chosen,
      { limit: PAGE, after },
    )
    const page = rows.map(({ id, text }) => ({ id, text }))
    if (edit.kind === 'retire') await retireAll(house, caller, page, result)
    else await editAll(house, caller, { page, edit }, result)
    const done = result.changed + result.same + result.refused.length
    report({ done, total, unit: 'rules', note: noteOf(result) })
    if (rows.length < PAGE) return { ...result, refused: result.refused.slice(0, REFUSED_MAX) }
    after = rows.at(-1)!.id
    await nextTurn()
  }
}

const PAGE = 50
const REFUSED_MAX = 100

interface Counts {
  changed: number
  same: number
  readonly refused: BulkResult['refused'][number][]
}

type Page = readonly { readonly id: RuleId; readonly text: string }[]

async function retireAll(house: House, caller: Caller, page: Page, counts: Counts): Promise<void> {
  for (const { id } of page) {
    try {
      await retireRule(house, caller, id)
      counts.changed += 1
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      counts.refused.push({ ruleId: id, message: error.message })
    }
  }
}

async function editAll(
  house: House,
  caller: Caller,
  { page, edit }: { page: Page; edit: BulkEdit },
  counts: Counts,
): Promise<void> {
  const items: (RuleText & { readonly ruleId: RuleId })[] = []
  for (const { id, text } of page) {
    try {
      const edited = editRuleText(text, editsOf(edit))
      items.push({ text: edited, reason: titleOf(edit), origin: 'written', ruleId: id })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      counts.refused.push({ ruleId: id, message: error.message })
    }
  }
  for (const [at, outcome] of (await saveRules(house, caller, items)).entries()) {
    const { ruleId } = items[at]!
    if (outcome.kind === 'same') counts.same += 1
    else if ('rule' in outcome) counts.changed += 1
    else {
      const message = 'message' in outcome ? outcome.message : outcome.problems[0]!.message
      counts.refused.push({ ruleId, message })
    }
  }
}

function editsOf(edit: BulkEdit): readonly RuleEdit[] {
  switch (edit.kind) {
    case 'addTag':
      return [{ kind: 'addToList', path: ['tags'], value: edit.tag }]
    case 'removeTag':
      return [{ kind: 'removeFromList', path: ['tags'], value: edit.tag }]
    case 'level':
      return [{ kind: 'set', path: ['level'], value: edit.level }]
    case 'group':
      return [setOrRemove(['rulewright', 'group'], edit.group)]
    case 'owner':
      return [setOrRemove(['rulewright', 'owner'], edit.owner)]
    case 'retire':
      return []
  }
}

function setOrRemove(path: readonly string[], value: string | null): RuleEdit {
  return value === null ? { kind: 'remove', path } : { kind: 'set', path, value }
}

function titleOf(edit: BulkEdit): string {
  switch (edit.kind) {
    case 'addTag':
      return `Add the tag ${edit.tag}`
    case 'removeTag':
      return `Remove the tag ${edit.tag}`
    case 'level':
      return `Set the level ${edit.level}`
    case 'group':
      return edit.group === null ? 'Take out of their groups' : `Put into the group ${edit.group}`
    case 'owner':
      return edit.owner === null ? 'Remove the owner' : `Give to ${edit.owner}`
    case 'retire':
      return 'Retire rules'
  }
}

function noteOf({ changed, same, refused }: Counts): string {
  const first = refused[0]
  const why = first ? `, ${refused.length} refused (${first.message.slice(0, 100)})` : ''
  return `${changed} changed, ${same} had it already${why}`
}
