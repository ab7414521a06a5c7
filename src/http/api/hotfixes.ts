// `/hotfixes`: what runs without signatures for hours. Reviewing one and breaking the glass are for people,
// and for their tokens where the policy lets those sign; so is keeping one, which is a signature.

import { z } from 'zod'
import { HOTFIX_KINDS, HOTFIX_STATES, REVIEWS, type Hotfix } from '#domain/deployments/hotfix.ts'
import {
  BreakGlassInput,
  KeepInput,
  NewHotfix,
  ReviewInput,
} from '#domain/deployments/hotfix-input.ts'
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
const making = () => import('#domain/deployments/hotfix-making.ts')

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

const make = operation({
  method: 'POST',
  path: '/hotfixes',
  name: 'makeHotfix',
  summary: 'Leave values out of a rule, or pause it, at once and for hours',
  about:
    'Where the policy lets hotfixes be. It is a change that is deployed without signatures wherever the rule runs and is managed from here; it does not wait for windows, undoes itself at its end, and asks for a review by somebody else.',
  permission: 'hotfix.make',
  body: NewHotfix.register(accepted, { id: 'NewHotfix' }),
  status: 201,
  answer: HotfixShape,
  async run({ house, caller, body }) {
    return hotfixShape(await (await making()).startHotfix(house, caller, body))
  },
})

const keep = operation({
  method: 'POST',
  path: '/hotfixes/{id}/keep',
  name: 'keepHotfix',
  summary: 'Sign the change of a hotfix, so that it stays',
  about:
    'By somebody who had no hand in it, over the hash of its change. With as many signatures as changes need here, and at least one, it is kept: a paused rule stays paused, values that are left out stay out for 30 days. A token signs only where the policy lets personal ones do that; where signatures need a passkey it cannot be kept.',
  permission: 'change.sign',
  params: HotfixPath,
  body: KeepInput.register(accepted, { id: 'HotfixKeep' }),
  answer: HotfixShape,
  async run({ house, caller, params, body }) {
    return hotfixShape(await (await actions()).keepHotfix(house, caller, params.id, body))
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
    return hotfixShape(await (await making()).breakGlass(house, caller, params.id, body))
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

export const HOTFIX_OPERATIONS = [list, make, get, end, keep, review, breakIt]
