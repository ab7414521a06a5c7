// `/rules/bulk`: the same change to many rules, what became of each, and taking it back.

import { z } from 'zod'
import { BulkRequest } from '#domain/rules/input.ts'
import { formatInstant } from '#kernel/time.ts'
import { JOB_STATES } from '#platform/jobs/job.ts'
import { operation } from './operation.ts'
import { StartedJobShape, startedJob } from './started-job.ts'
import {
  accepted,
  InstantText,
  JobIdText,
  named,
  PAGE_QUERY,
  pageShape,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start: the editor of rules is large. */
const editing = () => import('#domain/rules/bulk/edit.ts')
const results = () => import('#domain/rules/bulk/result.ts')

const RESULTS = ['changed', 'same', 'refused'] as const
const JobPath = z.strictObject({ id: JobIdText })

const BulkShape = z
  .strictObject({
    job: JobIdText,
    title: z.string(),
    state: z.enum(JOB_STATES),
    changed: z.int(),
    same: z.int(),
    refused: z.int(),
    undoes: JobIdText.nullable(),
    undoneBy: JobIdText.nullable(),
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'RuleBulk' })

const ItemShape = z
  .strictObject({
    rule: RuleIdText,
    title: z.string(),
    result: z.enum(RESULTS),
    before: z.string().nullable(),
    after: z.string().nullable(),
    message: z.string().nullable(),
  })
  .register(named, { id: 'RuleBulkItem' })
const ItemPage = pageShape(ItemShape).register(named, { id: 'RuleBulkItemPage' })

const start = operation({
  method: 'POST',
  path: '/rules/bulk',
  name: 'editRules',
  summary: 'The same change to many rules',
  about:
    'To those named in `ids`, or to all that the list shows with `filter`. Each changed rule gets a version; what the change does not name stays byte for byte.',
  permission: 'rule.write',
  body: BulkRequest.register(accepted, { id: 'RuleBulkEdit' }),
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, body }) {
    return startedJob(await (await editing()).startBulkEdit(house, caller, body))
  },
})

const get = operation({
  method: 'GET',
  path: '/rules/bulk/{id}',
  name: 'getRuleBulk',
  summary: 'How far a change to many rules is, and what became of it',
  permission: 'rule.read',
  params: JobPath,
  answer: BulkShape,
  async run({ house, caller, params }) {
    const { bulk, job, counts, undoneBy } = await (
      await results()
    ).getBulk(house, caller, params.id)
    const { jobId, createdAt, ...rest } = bulk
    return {
      ...rest,
      ...counts,
      job: jobId,
      state: job.state,
      undoneBy,
      createdAt: formatInstant(createdAt),
    }
  },
})

const items = operation({
  method: 'GET',
  path: '/rules/bulk/{id}/rules',
  name: 'listRuleBulkItems',
  summary: 'What became of each rule of a change to many',
  about: '`before` and `after` are revisions; `message` says why a rule was refused.',
  permission: 'rule.read',
  params: JobPath,
  query: z.strictObject({ result: z.enum(RESULTS).optional(), ...PAGE_QUERY }),
  answer: ItemPage,
  async run({ house, caller, params, query }) {
    const page = await (await results()).listBulkItems(house, caller, params.id, query)
    const shown = page.items.map(({ ruleId, ...item }) => ({ rule: ruleId, ...item }))
    return { items: shown, next: page.next }
  },
})

const undo = operation({
  method: 'POST',
  path: '/rules/bulk/{id}/undo',
  name: 'undoRuleBulk',
  summary: 'Take a change to many rules back',
  about:
    'Every rule that it changed gets the text or state back that it had, as another version. One that was changed since is refused and stays as it is. 409 while the change runs and when it was undone already.',
  permission: 'rule.write',
  params: JobPath,
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params }) {
    return startedJob(await (await editing()).startUndo(house, caller, params.id))
  },
})

export const RULE_BULK_OPERATIONS = [start, get, items, undo]
