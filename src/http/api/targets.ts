// `/targets`: the SIEMs of the workspace, how they are, and what the product signs in with there. A
// secret comes in here and goes out nowhere.

import { z } from 'zod'
import {
  addTarget,
  changeTarget,
  listTargets,
  removeTarget,
  requestCheck,
  seeTarget,
  type SeenTarget,
} from '#domain/targets/actions.ts'
import {
  promoteCredential,
  removeCredential,
  revertCredential,
  setCredential,
} from '#domain/targets/credentials.ts'
import { HEALTH_STATES, HealthFacts, KnownDependants } from '#domain/targets/health.ts'
import { NewCredential, NewTarget, TargetEdit } from '#domain/targets/input.ts'
import { TARGET_KINDS } from '#domain/targets/settings.ts'
import {
  DEPLOYS,
  MODES,
  PURPOSES,
  STAGES,
  type CredentialSummary,
  type Target,
  type TargetHealth,
} from '#domain/targets/target.ts'
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
} from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

const TargetIdText = idOf(ID_PREFIXES.target)
const SLOTS = ['current', 'next', 'previous'] as const

const HealthShape = z.strictObject({
  state: z.enum(HEALTH_STATES),
  reason: z.string(),
  since: InstantText,
  checkedAt: InstantText.nullable(),
  ...HealthFacts.shape,
})

const shape = {
  id: TargetIdText,
  name: z.string(),
  kind: z.enum(TARGET_KINDS),
  stage: z.enum(STAGES),
  mode: z.enum(MODES),
  deploy: z.enum(DEPLOYS),
  settings: z.record(z.string(), z.unknown()),
  ca: z.string().nullable(),
  pins: z.array(z.string()),
  parameters: z.record(z.string(), z.string()),
  concurrency: z.int(),
  checkMinutes: z.int(),
  version: z.int(),
  createdAt: InstantText,
  createdBy: z.string(),
  changedAt: InstantText,
  changedBy: z.string(),
  health: HealthShape,
}

const DependantsShape = z.strictObject({ ...KnownDependants.shape, at: InstantText })

const CredentialShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.credential),
    purpose: z.enum(PURPOSES),
    slot: z.enum(SLOTS),
    kind: z.string(),
    label: z.string(),
    expiresAt: InstantText.nullable(),
    certificate: z.string().nullable(),
    certificateEndsAt: InstantText.nullable(),
    identity: z.string().nullable(),
    dependants: DependantsShape.nullable(),
    checkedAt: InstantText.nullable(),
    problem: z.string().nullable(),
    endsAt: InstantText.nullable(),
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'Credential' })

const ListedTarget = z.strictObject(shape).register(named, { id: 'ListedTarget' })
const TargetShape = z
  .strictObject({
    ...shape,
    credentials: z.array(CredentialShape),
    /** Of its health, newest first. */
    changes: z.array(
      z.strictObject({ at: InstantText, state: z.enum(HEALTH_STATES), reason: z.string() }),
    ),
  })
  .register(named, { id: 'Target' })
const TargetPage = pageShape(ListedTarget).register(named, { id: 'TargetPage' })
const Credentials = z
  .strictObject({ items: z.array(CredentialShape) })
  .register(named, { id: 'Credentials' })

function listedShape({
  target,
  health,
}: {
  readonly target: Target
  readonly health: TargetHealth
}): z.input<typeof ListedTarget> {
  const { pins, createdAt, changedAt, settings, parameters, ...rest } = target
  const { facts, since, checkedAt, state, reason } = health
  return {
    ...rest,
    settings: { ...settings },
    parameters: { ...parameters },
    pins: [...pins],
    createdAt: formatInstant(createdAt),
    changedAt: formatInstant(changedAt),
    health: {
      state,
      reason,
      since: formatInstant(since),
      checkedAt: instantOrNull(checkedAt),
      ...facts,
    },
  }
}

function targetShape(seen: SeenTarget): z.input<typeof TargetShape> {
  return {
    ...listedShape(seen),
    credentials: seen.credentials.map(credentialShape),
    changes: seen.changes.map(({ at, ...change }) => ({ at: formatInstant(at), ...change })),
  }
}

function credentialShape(one: CredentialSummary): z.input<typeof CredentialShape> {
  const { id, purpose, slot, kind, label, problem, createdBy, certificate, identity } = one
  const { dependants } = one
  return {
    id,
    purpose,
    slot,
    kind,
    label,
    problem,
    createdBy,
    certificate,
    identity,
    certificateEndsAt: instantOrNull(one.certificateEndsAt),
    dependants: dependants && {
      ...dependants,
      at: formatInstant(dependants.at),
      items: [...dependants.items],
    },
    expiresAt: instantOrNull(one.expiresAt),
    checkedAt: instantOrNull(one.checkedAt),
    endsAt: instantOrNull(one.endsAt),
    createdAt: formatInstant(one.createdAt),
  }
}

const credentialsShape = (all: readonly CredentialSummary[]) => ({
  items: all.map(credentialShape),
})

const params = z.strictObject({ id: TargetIdText })

const list = operation({
  method: 'GET',
  path: '/targets',
  name: 'listTargets',
  summary: 'Targets, by name, with how they are',
  permission: 'target.read',
  query: z.strictObject(PAGE_QUERY),
  answer: TargetPage,
  async run({ house, caller, query }) {
    const { items, next } = await listTargets(house, caller, query)
    return { items: items.map(listedShape), next }
  },
})

const add = operation({
  method: 'POST',
  path: '/targets',
  name: 'addTarget',
  summary: 'Add a target',
  about:
    'It is read-only unless `mode` says otherwise. What `settings` hold depends on `kind`. Nothing is asked of it before it has a credential.',
  permission: 'target.write',
  body: NewTarget.register(accepted, { id: 'NewTarget' }),
  status: 201,
  answer: TargetShape,
  run: async ({ house, caller, body }) => targetShape(await addTarget(house, caller, body)),
})

const get = operation({
  method: 'GET',
  path: '/targets/{id}',
  name: 'getTarget',
  summary: 'A target, how it is, and which credentials it has',
  permission: 'target.read',
  params,
  answer: TargetShape,
  isVersioned: true,
  run: async ({ house, caller, params: { id } }) => targetShape(await seeTarget(house, caller, id)),
})

const change = operation({
  method: 'PATCH',
  path: '/targets/{id}',
  name: 'changeTarget',
  summary: 'Change a target',
  about:
    'What is left out stays. Another host, scheme or port in `settings` voids the credentials: they were typed for the one before.',
  permission: 'target.write',
  reach: 'named',
  params,
  body: TargetEdit.register(accepted, { id: 'TargetEdit' }),
  answer: TargetShape,
  isVersioned: true,
  async run({ house, caller, params: { id }, body: edit, expected }) {
    return targetShape(await changeTarget(house, caller, id, { edit, expected }))
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/targets/{id}',
  name: 'removeTarget',
  summary: 'Remove a target and its credentials',
  permission: 'target.write',
  reach: 'named',
  params,
  isVersioned: true,
  async run({ house, caller, params: { id }, expected }) {
    await removeTarget(house, caller, id, expected)
    return undefined
  },
})

const check = operation({
  method: 'POST',
  path: '/targets/{id}/check',
  name: 'checkTarget',
  summary: 'Check a target now',
  about: 'Beside the schedule it has. The job ends with the state of its health.',
  permission: 'target.write',
  reach: 'named',
  params,
  status: 202,
  answer: StartedJobShape,
  run: async ({ house, caller, params: { id } }) =>
    startedJob(await requestCheck(house, caller, id)),
})

const set = operation({
  method: 'POST',
  path: '/targets/{id}/credentials',
  name: 'setCredential',
  summary: 'Give a target a credential',
  about:
    'The first of its purpose is in force at once; a later one is the `next`, until it was checked and promoted. It is sealed, and no answer shows it. `clientCertificate` goes with it, for a target that asks for one; where that alone says who we are, the kind of the credential is `none`.',
  permission: 'target.write',
  reach: 'named',
  params,
  body: NewCredential.register(accepted, { id: 'NewCredential' }),
  status: 201,
  answer: Credentials,
  async run({ house, caller, params: { id }, body }) {
    return credentialsShape(await setCredential(house, caller, id, body))
  },
})

const OfPurpose = z
  .strictObject({ purpose: z.enum(PURPOSES) })
  .register(accepted, { id: 'CredentialPurpose' })

const promote = operation({
  method: 'POST',
  path: '/targets/{id}/credentials/promote',
  name: 'promoteCredential',
  summary: 'Put the next credential in force',
  about:
    'Once a check found it good. What hangs on the one in force stands in `dependants` of the next one: read it first. Work under way goes on with the one before, which can be brought back for 24 hours.',
  permission: 'target.write',
  reach: 'named',
  params,
  body: OfPurpose,
  answer: Credentials,
  async run({ house, caller, params: { id }, body: { purpose } }) {
    return credentialsShape(await promoteCredential(house, caller, id, purpose))
  },
})

const revert = operation({
  method: 'POST',
  path: '/targets/{id}/credentials/revert',
  name: 'revertCredential',
  summary: 'Bring back the credential before',
  permission: 'target.write',
  reach: 'named',
  params,
  body: OfPurpose,
  answer: Credentials,
  async run({ house, caller, params: { id }, body: { purpose } }) {
    return credentialsShape(await revertCredential(house, caller, id, purpose))
  },
})

const take = operation({
  method: 'POST',
  path: '/targets/{id}/credentials/remove',
  name: 'removeCredential',
  summary: 'Take a credential away',
  permission: 'target.write',
  reach: 'named',
  params,
  body: z
    .strictObject({ purpose: z.enum(PURPOSES), slot: z.enum(SLOTS) })
    .register(accepted, { id: 'CredentialPlace' }),
  answer: Credentials,
  async run({ house, caller, params: { id }, body }) {
    return credentialsShape(await removeCredential(house, caller, id, body))
  },
})

export const TARGET_OPERATIONS = [list, add, get, change, remove, check, set, promote, revert, take]
