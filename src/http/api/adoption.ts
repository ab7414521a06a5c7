// What stands on a target, over REST: have it read, list it, bind it to rules of the workspace.

import { z } from 'zod'
import {
  findObservedByRef,
  listObserved,
  requestAdoption,
  requestPull,
  requestRelease,
} from '#domain/adoption/actions.ts'
import { giveDependency } from '#domain/adoption/giving.ts'
import { listDependencies } from '#domain/adoption/dependencies.ts'
import {
  DEPENDENCY_KINDS,
  DEPENDENCY_STATES,
  type Dependency,
} from '#domain/adoption/dependency.ts'
import {
  AdoptWish,
  GivenDependency,
  ObservedFilter,
  ReleaseWish,
  SORTS,
} from '#domain/adoption/input.ts'
import { OWNERSHIPS, STANDINGS, type Observed } from '#domain/adoption/observed.ts'
import { forbidden } from '#kernel/error.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import {
  accepted,
  idOf,
  InstantText,
  instantOrNull,
  named,
  PAGE_QUERY,
  pageShape,
  RuleIdText,
} from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

const TargetIdText = idOf(ID_PREFIXES.target)
const params = z.strictObject({ id: TargetIdText })

const ObservedShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.observed),
    targetId: TargetIdText,
    ref: z.string(),
    name: z.string(),
    type: z.string(),
    level: z.string().nullable(),
    isEnabled: z.boolean().nullable(),
    bodyHash: z.string(),
    managers: z.array(z.strictObject({ kind: z.string(), name: z.string() })),
    actions: z.array(z.string()),
    notices: z.array(z.string()),
    observeOnly: z.string().nullable(),
    remoteChangedAt: InstantText.nullable(),
    remoteChangedBy: z.string().nullable(),
    firstSeenAt: InstantText,
    lastSeenAt: InstantText,
    changedAt: InstantText,
    missingSince: InstantText.nullable(),
    adoption: z
      .strictObject({
        ruleId: RuleIdText,
        ruleTitle: z.string(),
        ownership: z.enum(OWNERSHIPS),
        standing: z.enum(STANDINGS),
        bodyHash: z.string(),
        adoptedAt: InstantText.nullable(),
        adoptedBy: z.string().nullable(),
      })
      .nullable(),
  })
  .register(named, { id: 'ObservedRule' })
const ObservedPage = pageShape(ObservedShape).register(named, { id: 'ObservedRulePage' })

function observedShape({ hash, adoption, ...one }: Observed): z.input<typeof ObservedShape> {
  return {
    ...one,
    bodyHash: hash,
    managers: one.managers.map((manager) => ({ ...manager })),
    actions: [...one.actions],
    notices: [...one.notices],
    remoteChangedAt: instantOrNull(one.remoteChangedAt),
    firstSeenAt: formatInstant(one.firstSeenAt),
    lastSeenAt: formatInstant(one.lastSeenAt),
    changedAt: formatInstant(one.changedAt),
    missingSince: instantOrNull(one.missingSince),
    adoption: adoption && {
      ruleId: adoption.ruleId,
      ruleTitle: adoption.ruleTitle,
      ownership: adoption.ownership,
      standing: adoption.standing,
      bodyHash: adoption.hash,
      adoptedAt: instantOrNull(adoption.adoptedAt),
      adoptedBy: adoption.adoptedBy,
    },
  }
}

const pull = operation({
  method: 'POST',
  path: '/targets/{id}/pull',
  name: 'pullTarget',
  summary: 'Read the rules of a target',
  about:
    'Every rule with all its settings, and what they build on. Nothing is written there. A list that was not complete marks nothing as missing.',
  permission: 'rule.write',
  reach: 'ungrouped',
  params,
  status: 202,
  answer: StartedJobShape,
  run: async ({ house, caller, params: { id } }) =>
    startedJob(await requestPull(house, caller, id)),
})

const adopt = operation({
  method: 'POST',
  path: '/targets/{id}/adopt',
  name: 'adoptRules',
  summary: 'Bind rules of a target to rules of the workspace',
  about:
    'Those of `ids`, or all that `filter` finds. Each gets a signed baseline; nothing is written on the target. What a write of ours would change is bound as `observe`, whatever is asked.',
  permission: 'rule.write',
  reach: 'ungrouped',
  params,
  body: AdoptWish.register(accepted, { id: 'AdoptWish' }),
  status: 202,
  answer: StartedJobShape,
  run: async ({ house, caller, params: { id }, body }) =>
    startedJob(await requestAdoption(house, caller, id, body)),
})

const release = operation({
  method: 'POST',
  path: '/targets/{id}/release',
  name: 'releaseRules',
  summary: 'Let go of adopted rules of a target',
  about:
    'Those of `ids`, or all bound ones that `filter` finds. Nothing is written on the target, and the rules here stay.',
  permission: 'rule.write',
  reach: 'ungrouped',
  params,
  body: ReleaseWish.register(accepted, { id: 'ReleaseWish' }),
  status: 202,
  answer: StartedJobShape,
  run: async ({ house, caller, params: { id }, body }) =>
    startedJob(await requestRelease(house, caller, id, body)),
})

const list = operation({
  method: 'GET',
  path: '/targets/{id}/rules',
  name: 'listObservedRules',
  summary: 'The rules that stand on a target, as they were read last',
  permission: 'target.read',
  params,
  query: z.strictObject({
    ...PAGE_QUERY,
    ...ObservedFilter.shape,
    sort: z.enum(SORTS).default('name'),
  }),
  answer: ObservedPage,
  async run({ house, caller, params: { id }, query: { limit, cursor, sort, ...filter } }) {
    const wanted = { filter, sort, limit, cursor }
    const { items, next } = await listObserved(house, caller, id, wanted)
    return { items: items.map(observedShape), next }
  },
})

const byRef = operation({
  method: 'GET',
  path: '/rules/by-ref',
  name: 'findRuleByRef',
  summary: 'The rule behind a name or id of a target’s own',
  about: 'For programs that hold an alert: `ref` is what the target calls its rule.',
  permission: 'target.read',
  query: z.strictObject({ target: TargetIdText, ref: z.string().min(1).max(2_000) }),
  answer: ObservedShape,
  async run({ house, caller, query: { target, ref } }) {
    const found = await findObservedByRef(house, caller, target, ref)
    if (!found) throw forbidden()
    return observedShape(found)
  },
})

const DependencyShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.dependency),
    targetId: TargetIdText,
    kind: z.enum(DEPENDENCY_KINDS),
    name: z.string(),
    title: z.string().nullable(),
    state: z.enum(DEPENDENCY_STATES),
    version: z.int(),
    hash: z.string().nullable(),
    changedAt: InstantText,
    rules: z.int(),
  })
  .register(named, { id: 'Dependency' })
const DependencyPage = pageShape(DependencyShape).register(named, { id: 'DependencyPage' })

const dependencies = operation({
  method: 'GET',
  path: '/dependencies',
  name: 'listDependencies',
  summary: 'What rules on targets build on, and how many rules a change of each reaches',
  permission: 'target.read',
  query: z.strictObject({ ...PAGE_QUERY, target: TargetIdText.optional() }),
  answer: DependencyPage,
  async run({ house, caller, query: { target: targetId, ...page } }) {
    const { items, next } = await listDependencies(house, caller, { ...page, targetId })
    return { items: items.map(dependencyShape), next }
  },
})

function dependencyShape(one: Dependency): z.input<typeof DependencyShape> {
  return { ...one, changedAt: formatInstant(one.changedAt) }
}

const give = operation({
  method: 'POST',
  path: '/dependencies',
  name: 'giveDependency',
  summary: 'Say what something is that rules build on, where the target does not tell',
  about:
    'Kept version by version. `definition` of a macro is an object with `definition` and `arguments`, of anything else a text or an object. Refused where the target tells of it itself.',
  permission: 'rule.write',
  reach: 'ungrouped',
  body: GivenDependency.safeExtend({ target: TargetIdText }).register(accepted, {
    id: 'GivenDependency',
  }),
  status: 201,
  answer: DependencyShape,
  run: async ({ house, caller, body: { target, ...given } }) =>
    dependencyShape(await giveDependency(house, caller, target, given)),
})

/** Before `/rules/{id}`, which would take "by-ref" for an id. */
export const ADOPTION_OPERATIONS = [byRef, pull, adopt, release, list, dependencies, give]
