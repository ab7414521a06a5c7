// Which log sources and fields of the rules one has a target has no name for, and what its schema offers
// for each: looked at in a job, kept until the next look.

import { permit } from '#domain/access/permission.ts'
import { seeMapping } from '#domain/mappings/actions.ts'
import type { LogSourceKeys } from '#domain/mappings/input.ts'
import { readSchema } from '#domain/targets/actions.ts'
import type { JobId, RuleId, TargetId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { selectRulesToExport } from '#domain/rules/list-store.ts'
import { surveyMappingJob } from './jobs.ts'
import { placeWith } from './place.ts'
import { placeUses, readUses, type RuleUse, type SourceUse } from './survey-task.ts'
import * as store from './survey-store.ts'

/** Throws `forbidden` for a target that is not here. */
export async function startSurvey(
  house: House,
  caller: Caller,
  targetId: TargetId,
): Promise<JobId> {
  permit(caller, 'mapping.write')
  const { target } = await seeMapping(house, caller, targetId)
  return house.db.write(caller, async (tx) => {
    const title = `What rules lack at ${target.name}`
    const job = await house.jobs.enqueue(tx, caller, surveyMappingJob, { targetId }, { title })
    const data = { job }
    await house.audit.record(tx, caller, { action: 'mapping.survey', target: targetId, data })
    return job
  })
}

/** Undefined before the first look. */
export async function seeSurvey(
  house: House,
  caller: Caller,
  targetId: TargetId,
): Promise<store.MappingSurvey | undefined> {
  await seeMapping(house, caller, targetId)
  return store.findSurvey(house.db.read(caller.scope), caller.scope, targetId)
}

export interface SurveyRun {
  readonly targetId: TargetId
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

const PAGE_RULES = 200

/** Of the draft where there is one: whoever edits wants to know what is left. */
export async function runSurvey(
  house: House,
  caller: Caller,
  { targetId, signal, report }: SurveyRun,
): Promise<{ readonly rules: number }> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const { target, mapping, draft } = await seeMapping(house, caller, targetId)
  const schema = await readSchema(house, caller, targetId)
  const limits = { timeoutMs: 120_000, signal }
  const uses = new Uses()
  let rules = 0
  for (let after: RuleId | null = null; ;) {
    signal.throwIfAborted()
    await nextTurn()
    const page = { limit: PAGE_RULES, after }
    const rows = await selectRulesToExport(house.db.read(scope), scope, {}, page)
    const texts = rows.map(({ text }) => text)
    const read = await house.workers.run(readUses, { texts, kind: target.kind }, limits)
    for (const use of read) if (use !== null) uses.add(use)
    rules += rows.length
    report({ done: rules, total: null, unit: 'rules', note: '' })
    if (rows.length < PAGE_RULES) break
    after = rows.at(-1)!.id
  }
  const place = placeWith(target, draft ?? mapping)
  const tables = schema?.answer.tables ?? null
  const found = await house.workers.run(placeUses, { uses: uses.list(), place, tables }, limits)
  const madeAt = house.clock.now()
  await house.db.write(caller, async (tx) => {
    await store.putSurvey(tx, { targetId, ruleCount: rules, found, madeAt })
    const workspaceId = scope.workspaceId as WorkspaceId
    house.events.publish(tx, { workspaceId, noun: 'mapping', id: targetId, verb: 'changed' })
  })
  return { rules }
}

/** How many rules use each log source, and each field of it. */
class Uses {
  readonly #bySource = new Map<
    string,
    { readonly logsource: LogSourceKeys; rules: number; readonly fields: Map<string, number> }
  >()

  add({ logsource, fields }: RuleUse): void {
    const { product = '', category = '', service = '' } = logsource
    const key = JSON.stringify([product, category, service])
    const use = this.#bySource.get(key) ?? { logsource, rules: 0, fields: new Map() }
    this.#bySource.set(key, use)
    use.rules += 1
    for (const field of fields) use.fields.set(field, (use.fields.get(field) ?? 0) + 1)
  }

  list(): readonly SourceUse[] {
    return [...this.#bySource.values()].map(({ logsource, rules, fields }) => ({
      logsource,
      rules,
      fields: [...fields].map(([field, count]) => ({ field, rules: count })),
    }))
  }
}
