// `/upstreams`: collections of rules that others publish, and what their newest bundle changes here.

import { z } from 'zod'
import {
  ApplyInput,
  BundleInput,
  NewUpstreamInput,
  PlanChoiceInput,
  RulesToImport,
} from '#domain/rules/input.ts'
import { ARCHIVE_CAPS, inOrder, readEntries } from '#domain/rules/imports/files.ts'
import {
  UPSTREAM_CHOICES,
  UPSTREAM_FINDINGS,
  UPSTREAM_RESULTS,
  UPSTREAM_UPDATE_STATES,
  type Upstream,
  type UpstreamUpdate,
} from '#domain/rules/upstreams/upstream.ts'
import { formatInstant } from '#kernel/time.ts'
import { archiveOperation, operation } from './operation.ts'
import { ProblemShape, problemShape } from './rules.ts'
import {
  accepted,
  idOf,
  InstantText,
  JobIdText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

/** Loaded by the first request and not by the start: the reader of rules is large. */
const actions = () => import('#domain/rules/upstreams/actions.ts')

const UpstreamIdText = idOf('ups')
const UpstreamPath = z.strictObject({ id: UpstreamIdText })

const upstream = {
  id: UpstreamIdText,
  name: z.string(),
  address: z.string().nullable(),
  licence: z.string().nullable(),
  author: z.string().nullable(),
  createdAt: InstantText,
  createdBy: z.string(),
}
const UpdateShape = z
  .strictObject({
    number: z.int(),
    label: z.string(),
    commit: z.string().nullable(),
    digest: z.string(),
    fileCount: z.int(),
    state: z.enum(UPSTREAM_UPDATE_STATES),
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'UpstreamUpdate' })
const UpstreamShape = z.strictObject(upstream).register(named, { id: 'Upstream' })
const ListedUpstream = z
  .strictObject({ ...upstream, rules: z.int(), update: UpdateShape.nullable() })
  .register(named, { id: 'ListedUpstream' })
const ListedUpstreamPage = pageShape(ListedUpstream).register(named, { id: 'ListedUpstreamPage' })
const countsOf = <const T extends readonly [string, ...string[]]>(keys: T) =>
  z.partialRecord(z.enum(keys), z.int())
const UpstreamWithPlanShape = z
  .strictObject({
    ...upstream,
    updates: z.array(UpdateShape),
    findings: countsOf(UPSTREAM_FINDINGS),
    results: countsOf(UPSTREAM_RESULTS),
    ready: z.int(),
    addable: z.int(),
    undecided: z.int(),
    unplanned: z.int(),
    job: JobIdText.nullable(),
  })
  .register(named, { id: 'UpstreamWithPlan' })
const ItemShape = z
  .strictObject({
    position: z.int(),
    path: z.string(),
    title: z.string().nullable(),
    sigmaId: z.string().nullable(),
    finding: z.enum(UPSTREAM_FINDINGS).nullable(),
    conflicts: z.int(),
    rule: RuleIdText.nullable(),
    successor: z.string().nullable(),
    confidence: z.int().nullable(),
    choice: z.enum(UPSTREAM_CHOICES).nullable(),
    result: z.enum(UPSTREAM_RESULTS).nullable(),
    problems: z.array(ProblemShape),
  })
  .register(named, { id: 'UpstreamItem' })
const ItemPageShape = pageShape(ItemShape).register(named, { id: 'UpstreamItemPage' })

function upstreamShape({ latest: _, createdAt, ...rest }: Upstream): z.input<typeof UpstreamShape> {
  return { ...rest, createdAt: formatInstant(createdAt) }
}

function updateShape(one: UpstreamUpdate): z.input<typeof UpdateShape> {
  const { jobId: _, createdAt, ...rest } = one
  return { ...rest, createdAt: formatInstant(createdAt) }
}

const list = operation({
  method: 'GET',
  path: '/upstreams',
  name: 'listUpstreams',
  summary: 'The upstreams of the workspace, by name',
  about: '`rules` says how many rules follow it, `update` is its newest bundle.',
  permission: 'rule.read',
  query: z.strictObject(PAGE_QUERY),
  answer: ListedUpstreamPage,
  async run(call) {
    const rows = await (await actions()).listUpstreams(call.house, call.caller)
    const shown = rows.map((row) => ({
      ...upstreamShape(row.upstream),
      rules: row.ruleCount,
      update: row.update && updateShape(row.update),
    }))
    return pageIn(call, 'upstreams', shown, ({ id }) => id)
  },
})

const add = operation({
  method: 'POST',
  path: '/upstreams',
  name: 'addUpstream',
  summary: 'Follow another upstream',
  permission: 'rule.write',
  body: NewUpstreamInput.register(accepted, { id: 'NewUpstream' }),
  status: 201,
  answer: UpstreamShape,
  async run({ house, caller, body }) {
    return upstreamShape(await (await actions()).addUpstream(house, caller, body))
  },
})

const get = operation({
  method: 'GET',
  path: '/upstreams/{id}',
  name: 'getUpstream',
  summary: 'One upstream with the numbers of its plan',
  about:
    '`ready` is what `apply` would go on with, `addable` what it would add with `addsNew`, `undecided` what waits for a choice, `unplanned` what is not compared yet. `job` plans or applies right now.',
  permission: 'rule.read',
  params: UpstreamPath,
  answer: UpstreamWithPlanShape,
  async run({ house, caller, params }) {
    const shown = await (await actions()).getUpstream(house, caller, params.id)
    return {
      ...upstreamShape(shown.upstream),
      updates: shown.updates.map(updateShape),
      ...shown.summary,
      job: shown.running,
    }
  },
})

const bring = archiveOperation({
  method: 'POST',
  path: '/upstreams/{id}/updates',
  name: 'bringUpstreamBundle',
  summary: 'Bring a newer bundle; a job plans what it would change',
  about:
    'A ZIP file, or JSON for a few files. The newest bundle is the one that is planned; nothing is written to rules.',
  permission: 'rule.write',
  params: UpstreamPath,
  query: BundleInput,
  body: RulesToImport,
  caps: ARCHIVE_CAPS,
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params, query, body }) {
    const files = inOrder('files' in body ? body.files : await readEntries(body))
    const { bringBundle } = await actions()
    return startedJob(await bringBundle(house, caller, params.id, { files, ...query }))
  },
})

const plan = operation({
  method: 'GET',
  path: '/upstreams/{id}/plan',
  name: 'listUpstreamPlan',
  summary: 'What the newest bundle would do, document by document',
  permission: 'rule.read',
  params: UpstreamPath,
  query: z.strictObject({ finding: z.enum(UPSTREAM_FINDINGS).optional(), ...PAGE_QUERY }),
  answer: ItemPageShape,
  async run({ house, caller, params, query }) {
    const page = await (await actions()).listPlan(house, caller, params.id, query)
    return {
      items: page.items.map(({ ruleId, ruleVersion: _, problems, ...item }) => ({
        ...item,
        rule: ruleId,
        problems: problems.map(problemShape),
      })),
      next: page.next,
    }
  },
})

const again = operation({
  method: 'POST',
  path: '/upstreams/{id}/plan',
  name: 'planUpstream',
  summary: 'Plan the newest bundle anew, over the rules as they are now',
  permission: 'rule.write',
  params: UpstreamPath,
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params }) {
    return startedJob(await (await actions()).planBundle(house, caller, params.id))
  },
})

const choose = operation({
  method: 'POST',
  path: '/upstreams/{id}/plan/{n}',
  name: 'chooseUpstreamItem',
  summary: 'Say what shall become of one document of the plan',
  about:
    '`merge` keeps ours where both changed, `theirs` takes theirs there, `mine` leaves the rule alone; `link` and `add` answer a document that is `likely` or `new`.',
  permission: 'rule.write',
  params: z.strictObject({ id: UpstreamIdText, n: z.coerce.number().int().min(1) }),
  body: PlanChoiceInput.register(accepted, { id: 'UpstreamChoice' }),
  async run({ house, caller, params: { id, n }, body }) {
    await (await actions()).decide(house, caller, id, { position: n, ...body })
    return undefined
  },
})

const apply = operation({
  method: 'POST',
  path: '/upstreams/{id}/apply',
  name: 'applyUpstreamPlan',
  summary: 'Apply what is decided of the plan',
  permission: 'rule.write',
  params: UpstreamPath,
  body: ApplyInput.register(accepted, { id: 'UpstreamApply' }),
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params, body }) {
    return startedJob(await (await actions()).applyPlan(house, caller, params.id, body))
  },
})

const leave = operation({
  method: 'DELETE',
  path: '/rules/{id}/upstream',
  name: 'leaveUpstream',
  summary: 'Let a rule hear of no update of its upstream any more',
  about: 'The rule stays as it is.',
  permission: 'rule.write',
  params: z.strictObject({ id: RuleIdText }),
  async run({ house, caller, params }) {
    await (await actions()).stopFollowing(house, caller, params.id)
    return undefined
  },
})

export const UPSTREAM_OPERATIONS = [list, add, get, bring, plan, again, choose, apply, leave]
