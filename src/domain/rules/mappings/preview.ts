// Which rules a draft of a mapping would change at its target, before it is in force: every rule compiled
// with and without, in a job, and what differs kept until the next preview.

import { permit } from '#domain/access/permission.ts'
import { seeMapping } from '#domain/mappings/actions.ts'
import { hashMapping } from '#domain/mappings/mapping.ts'
import { AppError } from '#kernel/error.ts'
import type { JobId, RuleId, TargetId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { fillLists } from '#languages/sigma/fill.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { selectRulesToExport } from '#domain/rules/list-store.ts'
import { selectReferences } from '#domain/rules/renders/store.ts'
import type { RenderInput } from '#domain/rules/renders/render.ts'
import { lookAround, RENDERER } from '#domain/rules/renders/actions.ts'
import { previewMappingJob } from './jobs.ts'
import { placeWith } from './place.ts'
import type { MappingEffect } from './effect.ts'
import { previewMapping } from './preview-task.ts'
import * as store from './preview-store.ts'

/** Throws `conflict` without a draft: there is nothing to look at. */
export async function startPreview(
  house: House,
  caller: Caller,
  targetId: TargetId,
): Promise<JobId> {
  permit(caller, 'mapping.write')
  const { target, draft } = await seeMapping(house, caller, targetId)
  if (draft === undefined) throw new AppError('conflict', 'There is no draft to look at.')
  return house.db.write(caller, async (tx) => {
    const title = `Which rules change at ${target.name}`
    const jobId = await house.jobs.enqueue(tx, caller, previewMappingJob, { targetId }, { title })
    await store.putPreview(tx, {
      targetId,
      contentHash: hashMapping(draft),
      jobId,
      ruleCount: 0,
      startedAt: caller.now,
      endedAt: null,
    })
    const data = { job: jobId }
    await house.audit.record(tx, caller, { action: 'mapping.preview', target: targetId, data })
    return jobId
  })
}

export interface SeenPreview {
  readonly preview: store.MappingPreview
  readonly counts: store.EffectCounts
  /** False when the draft was edited since. */
  readonly isOfDraft: boolean
  readonly items: Page<store.PreviewedRuleRow>
}

export interface PreviewPage {
  readonly effect?: MappingEffect | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Undefined before the first. */
export async function seePreview(
  house: House,
  caller: Caller,
  targetId: TargetId,
  { effect, limit, cursor }: PreviewPage,
): Promise<SeenPreview | undefined> {
  const { draft } = await seeMapping(house, caller, targetId)
  const { scope } = caller
  const reader = house.db.read(scope)
  const preview = await store.findPreview(reader, scope, targetId)
  if (preview === undefined) return undefined
  const items = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'mapping-preview',
      targetId,
      effect: effect ?? null,
    },
    limit,
    cursor,
    placeOf: ({ ruleId }: store.PreviewedRuleRow) => ruleId,
    select: (page) => store.selectPreviewRules(reader, scope, targetId, { effect, ...page }),
  })
  const counts = await store.countEffects(reader, scope, targetId)
  const isOfDraft = draft !== undefined && hashMapping(draft) === preview.contentHash
  return { preview, counts, isOfDraft, items }
}

export interface PreviewRun {
  readonly targetId: TargetId
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

const PAGE_RULES = 100

/** Ends early when the draft was edited meanwhile: another preview tells of that. */
export async function runPreview(
  house: House,
  caller: Caller,
  { targetId, signal, report }: PreviewRun,
): Promise<{ readonly rules: number }> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const { target, mapping, draft } = await seeMapping(house, caller, targetId)
  const preview = await store.findPreview(house.db.read(scope), scope, targetId)
  if (draft === undefined || preview?.contentHash !== hashMapping(draft)) return { rules: 0 }
  const places = { before: placeWith(target, mapping), after: placeWith(target, draft) }
  await house.db.write(caller, (tx) => store.deletePreviewRules(tx, targetId))
  let rules = 0
  for (let after: RuleId | null = null; ;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const { ids, inputs, isLast, last } = await readRules(house, caller, after)
    const made = await house.workers.run(
      previewMapping,
      { inputs, ...places },
      { timeoutMs: 60_000, signal },
    )
    const found = made.flatMap((one, at) => (one === null ? [] : { ...one, ruleId: ids[at]! }))
    rules += ids.length
    await house.db.write(caller, async (tx) => {
      await store.insertPreviewRules(tx, targetId, found)
      const endedAt = isLast ? house.clock.now() : null
      await store.updatePreview(tx, targetId, { ruleCount: rules, endedAt })
    })
    report({ done: rules, total: null, unit: 'rules', note: '' })
    if (isLast) return { rules }
    after = last
  }
}

interface RulesToCompile {
  readonly ids: readonly RuleId[]
  readonly inputs: readonly RenderInput[]
  readonly isLast: boolean
  readonly last: RuleId | null
}

/** A page of the rules that are not retired, with what each is compiled with. */
async function readRules(
  { db }: House,
  { scope, now }: Caller,
  after: RuleId | null,
): Promise<RulesToCompile> {
  const reader = db.read(scope)
  const rows = await selectRulesToExport(reader, scope, {}, { limit: PAGE_RULES, after })
  const ids: RuleId[] = []
  const inputs: RenderInput[] = []
  for (const { id, text, kind } of rows) {
    if (kind === 'filter') continue
    const references = await selectReferences(reader, scope, [id])
    const { filters, sources, lists } = await lookAround(reader, scope, { id, references }, now)
    ids.push(id)
    inputs.push({ text: fillLists(text, lists), filters, sources, renderer: RENDERER })
  }
  return { ids, inputs, isLast: rows.length < PAGE_RULES, last: rows.at(-1)?.id ?? null }
}
