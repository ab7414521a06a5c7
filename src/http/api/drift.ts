// Drift over REST: what was found to differ on targets, what is to become of it, and looking again now.

import { z } from 'zod'
import { DRIFT_KINDS, DRIFT_STATES, type Drift } from '#domain/deployments/drift.ts'
import { DriftFilter, DriftWish, PruneWish, ScanWish } from '#domain/deployments/drift-input.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import {
  accepted,
  idOf,
  instantOrNull,
  InstantText,
  JobIdText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'

const actions = () => import('#domain/deployments/drift-actions.ts')

const TargetIdText = idOf(ID_PREFIXES.target)
const params = z.strictObject({ id: idOf(ID_PREFIXES.drift) })

const DriftShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.drift),
    targetId: TargetIdText,
    targetName: z.string(),
    targetKind: z.string(),
    kind: z.enum(DRIFT_KINDS),
    ruleId: RuleIdText.nullable(),
    ruleTitle: z.string().nullable(),
    ownership: z.enum(['observe', 'managed']).nullable(),
    dependencyId: idOf(ID_PREFIXES.dependency).nullable(),
    name: z.string(),
    state: z.enum(DRIFT_STATES),
    fields: z.array(z.strictObject({ name: z.string(), ours: z.unknown(), theirs: z.unknown() })),
    observedHash: z.string().nullable(),
    before: z.enum(['soaking', 'live', 'paused']),
    notices: z.array(z.string()),
    remoteChangedAt: InstantText.nullable(),
    remoteChangedBy: z.string().nullable(),
    foundAt: InstantText,
    seenAt: InstantText,
    wanted: z.enum(['redeploy', 'unmanage']).nullable(),
    changeId: idOf(ID_PREFIXES.change).nullable(),
    endedAt: InstantText.nullable(),
    endedBy: z.string().nullable(),
  })
  .register(named, { id: 'Drift' })
const DriftPage = pageShape(DriftShape).register(named, { id: 'DriftPage' })

function driftShape(drift: Drift): z.input<typeof DriftShape> {
  return {
    ...drift,
    fields: drift.fields.map((field) => ({ ...field })),
    notices: [...drift.notices],
    remoteChangedAt: instantOrNull(drift.remoteChangedAt),
    foundAt: formatInstant(drift.foundAt),
    seenAt: formatInstant(drift.seenAt),
    endedAt: instantOrNull(drift.endedAt),
  }
}

const list = operation({
  method: 'GET',
  path: '/drift',
  name: 'listDrift',
  summary: 'Where targets are not as they should be',
  about:
    'Newest first. Each finding names the fields that differ with both values, in the one spelling of the vendor: defaults and order are no drift.',
  permission: 'drift.read',
  query: z.strictObject({ ...PAGE_QUERY, ...DriftFilter.shape }),
  answer: DriftPage,
  async run({ house, caller, query: { limit, cursor, ...filter } }) {
    const { listDrift } = await actions()
    const { items, next } = await listDrift(house, caller, { filter, limit, cursor })
    return { items: items.map(driftShape), next }
  },
})

const get = operation({
  method: 'GET',
  path: '/drift/{id}',
  name: 'getDrift',
  summary: 'One finding of drift',
  permission: 'drift.read',
  params,
  answer: DriftShape,
  async run({ house, caller, params: { id } }) {
    const { getDrift } = await actions()
    return driftShape(await getDrift(house, caller, id))
  },
})

const ScanShape = z
  .strictObject({
    items: z.array(z.strictObject({ targetId: TargetIdText, jobId: JobIdText })),
  })
  .register(named, { id: 'DriftScan' })

const scan = operation({
  method: 'POST',
  path: '/drift/scan',
  name: 'scanDrift',
  summary: 'Look at targets again now',
  about:
    'At the one that is named, or with null at each on which something of the workspace stands. A job for each target reads all its rules and compares; nothing is written there.',
  permission: 'drift.resolve',
  body: ScanWish.register(accepted, { id: 'DriftScanWish' }),
  answer: ScanShape,
  async run({ house, caller, body }) {
    const { scanDrift } = await actions()
    const scans = await scanDrift(house, caller, body)
    return { items: scans.map((one) => ({ ...one })) }
  },
})

const ResolvedShape = z
  .strictObject({
    drift: DriftShape,
    changeId: idOf(ID_PREFIXES.change).nullable(),
    deploymentId: idOf(ID_PREFIXES.deployment).nullable(),
    version: z.int().nullable(),
  })
  .register(named, { id: 'DriftResolved' })

const resolve = operation({
  method: 'POST',
  path: '/drift/{id}/resolve',
  name: 'resolveDrift',
  summary: 'Decide what becomes of a finding of drift',
  about:
    '`adopt` takes over into a new version of the rule what was changed there; where both sides changed the same it answers 409 and names the places, until `prefer` says whose counts. `redeploy` puts back what is to stand there: at once, by a deployment, where those bytes were signed and stood there live, else by a change. `unmanage` opens a change that lets go of the rule.',
  permission: 'drift.resolve',
  reach: 'named',
  params,
  body: DriftWish.register(accepted, { id: 'DriftWish' }),
  answer: ResolvedShape,
  async run({ house, caller, params: { id }, body }) {
    const { resolveDrift } = await import('#domain/deployments/drift-resolving.ts')
    const { drift, ...rest } = await resolveDrift(house, caller, { ...body, id })
    return { drift: driftShape(drift), ...rest }
  },
})

const Forgotten = z
  .strictObject({
    ruleId: RuleIdText,
    ruleTitle: z.string(),
    targetId: TargetIdText,
    targetName: z.string(),
    targetKind: z.string(),
    name: z.string(),
    ref: z.string(),
    version: z.int(),
    isEnabled: z.boolean().nullable(),
    seenAt: InstantText,
  })
  .register(named, { id: 'Forgotten' })
const ForgottenPage = pageShape(Forgotten).register(named, { id: 'ForgottenPage' })

const forgotten = operation({
  method: 'GET',
  path: '/drift/forgotten',
  name: 'listForgotten',
  summary: 'What is ours on targets, and was forgotten',
  about:
    'Objects that this installation made, by their mark and their id, while the rule has no place there; as the last reading of each target found them. What somebody else made, what a person let go of and what is adopted is never among them.',
  permission: 'drift.read',
  query: z.strictObject({ target: TargetIdText.optional(), ...PAGE_QUERY }),
  answer: ForgottenPage,
  async run(call) {
    const { house, caller, query } = call
    const { listForgotten } = await import('#domain/adoption/forgotten.ts')
    const all = await listForgotten(house, caller, { targetId: query.target })
    const shown = all.map((one) => ({ ...one, seenAt: formatInstant(one.seenAt) }))
    const place = `forgotten ${query.target ?? ''}`
    return pageIn(call, place, shown, ({ targetId, ref }) => `${targetId} ${ref}`)
  },
})

const PrunedShape = z
  .strictObject({ changeId: idOf(ID_PREFIXES.change), items: z.int() })
  .register(named, { id: 'DriftPruned' })

const prune = operation({
  method: 'POST',
  path: '/drift/prune',
  name: 'pruneForgotten',
  summary: 'Open a change that removes what was forgotten',
  about:
    'At the target that is named, or with null at all. Nothing is removed before that change is deployed, and only while each object is the very one that it names.',
  permission: 'drift.resolve',
  body: PruneWish.register(accepted, { id: 'DriftPruneWish' }),
  answer: PrunedShape,
  async run({ house, caller, body }) {
    const { pruneForgotten } = await import('#domain/deployments/pruning.ts')
    const { id: changeId, itemCount: items } = await pruneForgotten(house, caller, body)
    return { changeId, items }
  },
})

/** Words before `/drift/{id}`. */
export const DRIFT_OPERATIONS = [list, scan, forgotten, prune, get, resolve]
