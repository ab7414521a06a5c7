// `/exclusions`: filters laid over named rules until a day.

import { z } from 'zod'
import {
  EXCLUSION_STATES,
  type Exclusion,
  type ExclusionVersion,
} from '#domain/rules/exclusions/exclusion.ts'
import {
  ExclusionChangeInput,
  ExclusionListQuery,
  NewExclusionInput,
} from '#domain/rules/exclusions/input.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { HiddenShape, hiddenShapes } from './hidden-shape.ts'
import { operation } from './operation.ts'
import { startedJob, StartedJobShape } from './started-job.ts'
import {
  accepted,
  idOf,
  InstantText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start: the reader of rules is large. */
const actions = () => import('#domain/rules/exclusions/actions.ts')

const exclusion = {
  id: idOf(ID_PREFIXES.exclusion),
  title: z.string(),
  sigmaId: z.string().nullable(),
  state: z.enum(EXCLUSION_STATES),
  owner: z.string(),
  reason: z.string(),
  endsAt: InstantText,
  rules: z.array(z.strictObject({ id: RuleIdText, title: z.string() })),
  /** Null: not counted, or not to the end. */
  hitsHidden: z.int().nullable(),
  hidden: HiddenShape.nullable(),
  version: z.int(),
  contentHash: z.string(),
  createdAt: InstantText,
  createdBy: z.string(),
  updatedAt: InstantText,
  updatedBy: z.string(),
}
const ExclusionShape = z.strictObject(exclusion).register(named, { id: 'Exclusion' })
const WithText = z
  .strictObject({ ...exclusion, text: z.string() })
  .register(named, { id: 'ExclusionWithText' })
const ExclusionPage = pageShape(ExclusionShape)
  .extend({ count: z.int() })
  .register(named, { id: 'ExclusionPage' })
const Version = z
  .strictObject({
    number: z.int(),
    text: z.string(),
    contentHash: z.string(),
    why: z.string(),
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'ExclusionVersion' })
const VersionPage = pageShape(Version).register(named, { id: 'ExclusionVersionPage' })

const ExclusionPath = z.strictObject({ id: idOf(ID_PREFIXES.exclusion) })

const list = operation({
  method: 'GET',
  path: '/exclusions',
  name: 'listExclusions',
  summary: 'Exclusions, those that end first first',
  about:
    'Without `state` those in force and overdue: their day has passed, and rules are still compiled with them. `hitsHidden` is null until it was counted to its end since it or a rule of it changed; `hidden` says what was counted. `count` is of the whole list.',
  permission: 'exclusion.read',
  query: z.strictObject({ ...ExclusionListQuery.shape, ...PAGE_QUERY }),
  answer: ExclusionPage,
  async run({ house, caller, query }) {
    const { items, next, count } = await (await actions()).listExclusions(house, caller, query)
    return { items: items.map(exclusionShape), next, count }
  },
})

const add = operation({
  method: 'POST',
  path: '/exclusions',
  name: 'addExclusion',
  summary: 'Exclude events from named rules until a day',
  about:
    '`text` is a Sigma filter document that names rules of this workspace by id or name; never a pattern and never "any". `owner`, `reason` and `ends` (the last day, up to 90 days from now) are written into it under `rulewright`; without them it is the caller’s and ends as late as it may. The rules are compiled and tested again in a job.',
  permission: 'exclusion.write',
  reach: 'ungrouped',
  body: NewExclusionInput.register(accepted, { id: 'NewExclusion' }),
  status: 201,
  answer: ExclusionShape,
  async run({ house, caller, body }) {
    return exclusionShape(await (await actions()).addExclusion(house, caller, body))
  },
})

const get = operation({
  method: 'GET',
  path: '/exclusions/{id}',
  name: 'getExclusion',
  summary: 'One exclusion with its text',
  permission: 'exclusion.read',
  params: ExclusionPath,
  answer: WithText,
  isVersioned: true,
  async run({ house, caller, params }) {
    const one = await (await actions()).getExclusion(house, caller, params.id)
    return { ...exclusionShape(one), text: one.text }
  },
})

const change = operation({
  method: 'PATCH',
  path: '/exclusions/{id}',
  name: 'changeExclusion',
  summary: 'Change or prolong an exclusion',
  about: 'A new version; the same text again makes none. A later end needs `why`.',
  permission: 'exclusion.write',
  reach: 'ungrouped',
  params: ExclusionPath,
  body: ExclusionChangeInput.register(accepted, { id: 'ExclusionChange' }),
  answer: ExclusionShape,
  isVersioned: true,
  async run({ house, caller, params, body, expected }) {
    const wanted = { ...body, expected }
    return exclusionShape(await (await actions()).changeExclusion(house, caller, params.id, wanted))
  },
})

const end = operation({
  method: 'DELETE',
  path: '/exclusions/{id}',
  name: 'endExclusion',
  summary: 'End an exclusion now',
  about: 'Its history stays. The rules are compiled and tested again in a job.',
  permission: 'exclusion.write',
  reach: 'named',
  params: ExclusionPath,
  isVersioned: true,
  async run({ house, caller, params, expected }) {
    await (await actions()).endExclusion(house, caller, params.id, { why: '', expected })
    return undefined
  },
})

const countHits = operation({
  method: 'POST',
  path: '/exclusions/{id}/count',
  name: 'countHitsHidden',
  summary: 'Count what an exclusion hides',
  about:
    'Its rules are asked without and with it wherever they stand, over the last 30 days, up to 25 places and 10,000 hits a search. What was counted is `hidden` of the exclusion until it or one of its rules changes.',
  permission: 'search.run',
  reach: 'named',
  params: ExclusionPath,
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params }) {
    const { requestHidden } = await import('#domain/health/hiding.ts')
    return startedJob(await requestHidden(house, caller, params.id))
  },
})

const versions = operation({
  method: 'GET',
  path: '/exclusions/{id}/versions',
  name: 'listExclusionVersions',
  summary: 'The history of an exclusion, newest first',
  permission: 'exclusion.read',
  params: ExclusionPath,
  query: z.strictObject(PAGE_QUERY),
  answer: VersionPage,
  async run(call) {
    const { house, caller, params } = call
    const found = await (await actions()).listExclusionVersions(house, caller, params.id)
    const shown = found.map(versionShape)
    return pageIn(call, `versions ${params.id}`, shown, ({ number }) => String(number))
  },
})

function exclusionShape(one: Exclusion): z.input<typeof ExclusionShape> {
  const { id, title, sigmaId, state, owner, reason, version, contentHash } = one
  return {
    id,
    title,
    sigmaId,
    state,
    owner,
    reason,
    endsAt: formatInstant(one.endsAt),
    rules: one.rules.map((rule) => ({ ...rule })),
    ...hiddenShapes(one.hidden),
    version,
    contentHash,
    createdAt: formatInstant(one.createdAt),
    createdBy: one.createdBy,
    updatedAt: formatInstant(one.updatedAt),
    updatedBy: one.updatedBy,
  }
}

function versionShape({ createdAt, ...one }: ExclusionVersion) {
  return { ...one, createdAt: formatInstant(createdAt) }
}

export const EXCLUSION_OPERATIONS = [list, add, get, change, end, countHits, versions]
