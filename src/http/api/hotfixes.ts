// `/hotfixes`: what runs without signatures for hours. Reviewing one and breaking the glass are for people,
// and for their tokens where the policy lets those sign; keeping one is for people at a screen.

import { z } from 'zod'
import { HOTFIX_KINDS, HOTFIX_STATES, REVIEWS, type Hotfix } from '#domain/deployments/hotfix.ts'
import { BreakGlassInput, ReviewInput } from '#domain/deployments/hotfix-input.ts'
import { DEPLOYMENT_STATES } from '#domain/deployments/deployment.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import {
  accepted,
  idOf,
  instantOrNull,
  InstantText,
  named,
  PAGE_QUERY,
  pageShape,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start: compilers come with it. */
const actions = () => import('#domain/deployments/hotfix-actions.ts')

const HotfixPath = z.strictObject({ id: idOf(ID_PREFIXES.hotfix) })

const HotfixShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.hotfix),
    kind: z.enum(HOTFIX_KINDS),
    state: z.enum(HOTFIX_STATES),
    rule: RuleIdText.nullable(),
    title: z.string(),
    reason: z.string(),
    change: idOf(ID_PREFIXES.change),
    deployment: idOf(ID_PREFIXES.deployment),
    deploymentState: z.enum(DEPLOYMENT_STATES),
    undo: idOf(ID_PREFIXES.deployment).nullable(),
    exclusion: idOf(ID_PREFIXES.exclusion).nullable(),
    endsAt: InstantText,
    review: z.enum(REVIEWS),
    reviewedBy: z.string().nullable(),
    reviewedAt: InstantText.nullable(),
    comment: z.string().nullable(),
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'Hotfix' })
const HotfixPage = pageShape(HotfixShape).register(named, { id: 'HotfixPage' })

const list = operation({
  method: 'GET',
  path: '/hotfixes',
  name: 'listHotfixes',
  summary: 'Hotfixes and broken glass, newest first',
  permission: 'change.read',
  query: z.strictObject(PAGE_QUERY),
  answer: HotfixPage,
  async run({ house, caller, query }) {
    const { items, next } = await (await actions()).listHotfixes(house, caller, query)
    return { items: items.map(hotfixShape), next }
  },
})

const get = operation({
  method: 'GET',
  path: '/hotfixes/{id}',
  name: 'getHotfix',
  summary: 'One hotfix as it stands',
  permission: 'change.read',
  params: HotfixPath,
  answer: HotfixShape,
  async run({ house, caller, params }) {
    return hotfixShape(await (await actions()).getHotfix(house, caller, params.id))
  },
})

const end = operation({
  method: 'POST',
  path: '/hotfixes/{id}/end',
  name: 'endHotfix',
  summary: 'Take it back now',
  permission: 'hotfix.make',
  params: HotfixPath,
  answer: HotfixShape,
  async run({ house, caller, params }) {
    return hotfixShape(await (await actions()).endHotfix(house, caller, params.id))
  },
})

const review = operation({
  method: 'POST',
  path: '/hotfixes/{id}/review',
  name: 'reviewHotfix',
  summary: 'Say whether it was right',
  about:
    'By somebody else than whoever made it, and by a personal token only where the policy lets those sign.',
  permission: 'change.sign',
  params: HotfixPath,
  body: ReviewInput.register(accepted, { id: 'HotfixReview' }),
  answer: HotfixShape,
  async run({ house, caller, params, body }) {
    return hotfixShape(await (await actions()).reviewHotfix(house, caller, params.id, body))
  },
})

const breakIt = operation({
  method: 'POST',
  path: '/changes/{id}/breakglass',
  name: 'breakGlass',
  summary: 'Deploy an open change without its signatures, for hours',
  about:
    'It skips signatures and nothing else, is told to every admin, and is taken back after four hours at most. A token is refused unless the policy lets personal tokens sign; those of models never may.',
  permission: 'change.breakglass',
  params: z.strictObject({ id: idOf(ID_PREFIXES.change) }),
  body: BreakGlassInput.register(accepted, { id: 'BrokenGlass' }),
  status: 201,
  answer: HotfixShape,
  async run({ house, caller, params, body }) {
    return hotfixShape(await (await actions()).breakGlass(house, caller, params.id, body))
  },
})

function hotfixShape(one: Hotfix): z.input<typeof HotfixShape> {
  const { id, kind, state, title, reason, review: verdict, reviewedBy, comment, createdBy } = one
  return {
    id,
    kind,
    state,
    rule: one.ruleId,
    title,
    reason,
    change: one.changeId,
    deployment: one.deploymentId,
    deploymentState: one.deployment,
    undo: one.undoId,
    exclusion: one.exclusionId,
    endsAt: formatInstant(one.endsAt),
    review: verdict,
    reviewedBy,
    reviewedAt: instantOrNull(one.reviewedAt),
    comment,
    createdAt: formatInstant(one.createdAt),
    createdBy,
  }
}

export const HOTFIX_OPERATIONS = [list, get, end, review, breakIt]
