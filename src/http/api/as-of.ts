// What stood where at an instant, over REST: page by page, and as one signed file.

import { z } from 'zod'
import { ROLES } from '#domain/access/permission.ts'
import { shapeOf } from '#domain/deployments/as-of-shape.ts'
import { PLACEMENT_STATES } from '#domain/placements/placement.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { instant } from '#kernel/time.ts'
import { downloadOperation, operation } from './operation.ts'
import {
  idOf,
  InstantText,
  named,
  PAGE_QUERY,
  pageShape,
  RuleIdText,
  UserIdText,
} from './shapes.ts'

const TargetIdText = idOf(ID_PREFIXES.target)

const At = z.iso.datetime({ offset: true }).transform((text) => instant(Date.parse(text)))

const Body = z.record(z.string(), z.unknown())

const AsOfShape = z
  .strictObject({
    ruleId: RuleIdText,
    ruleTitle: z.string(),
    targetId: TargetIdText,
    targetName: z.string(),
    kind: z.string(),
    ref: z.string(),
    state: z.enum(PLACEMENT_STATES),
    ownership: z.enum(['observe', 'managed']),
    version: z.int(),
    hash: z.string(),
    body: Body,
    found: Body.nullable(),
    origin: z.enum(['baseline', 'deployment']),
    isSigned: z.boolean(),
    fromAt: InstantText,
    toAt: InstantText.nullable(),
    lastObservedAt: InstantText.nullable(),
    nextObservedAt: InstantText.nullable(),
    deploymentId: idOf(ID_PREFIXES.deployment).nullable(),
    change: z
      .strictObject({
        id: idOf(ID_PREFIXES.change),
        title: z.string(),
        hash: z.string(),
        inputs: z.record(z.string(), z.string()),
        waivers: z.array(z.strictObject({ code: z.string(), reason: z.string(), by: z.string() })),
        signatures: z.array(
          z.strictObject({
            userId: UserIdText,
            name: z.string(),
            role: z.enum(ROLES).nullable(),
            at: InstantText,
            hash: z.string(),
            isPasskey: z.boolean(),
          }),
        ),
      })
      .nullable(),
    exclusions: z.array(
      z.strictObject({
        id: idOf(ID_PREFIXES.exclusion),
        title: z.string(),
        contentHash: z.string(),
        endsAt: InstantText,
      }),
    ),
    dependencies: z
      .array(
        z.strictObject({
          kind: z.string(),
          name: z.string(),
          version: z.int(),
          hash: z.string().nullable(),
        }),
      )
      .nullable(),
  })
  .register(named, { id: 'AsOf' })
const AsOfPage = pageShape(AsOfShape)
  .extend({ policy: z.record(z.string(), z.unknown()).nullable() })
  .register(named, { id: 'AsOfPage' })

const list = operation({
  method: 'GET',
  path: '/deployments/as-of',
  name: 'listAsOf',
  summary: 'What stood where at an instant, and who had approved it',
  about:
    'Of one target or of all: each rule with the body that was to stand there, what stood there while it drifted, the change that put it there with its waivers and signatures, exclusions in force, and what it built on; with the policies of then. Without an instant, now. What no longer can be told is null. Between `lastObservedAt` and `nextObservedAt` nobody looked.',
  permission: 'deployment.read',
  query: z.strictObject({ ...PAGE_QUERY, at: At.optional(), target: TargetIdText.optional() }),
  answer: AsOfPage,
  async run({ house, caller, query: { at = caller.now, target: targetId, limit, cursor } }) {
    const [{ asOf }, { policyAt }] = await Promise.all([
      import('#domain/deployments/as-of-actions.ts'),
      import('#domain/deployments/as-of-log.ts'),
    ])
    const { items, next } = await asOf(house, caller, { at, targetId, limit, cursor })
    const policy = await policyAt(house, caller, at)
    return { items: items.map(shapeOf), next, policy: policy && { ...policy } }
  },
})

const bundle = downloadOperation({
  method: 'GET',
  path: '/deployments/as-of/bundle',
  name: 'downloadAsOf',
  summary: 'The same as one signed file',
  about:
    'Lines of JSON behind a statement that the key of the audit log signs; `rulewright audit verify --bundle` proves it offline.',
  permission: 'deployment.read',
  query: z.strictObject({ at: At, target: TargetIdText.optional() }),
  types: ['application/x-ndjson'],
  async run({ house, caller, query: { at, target: targetId } }) {
    const { makeBundle } = await import('#domain/deployments/as-of-bundle.ts')
    const lines = await makeBundle(house, caller, { at, targetId })
    return { name: 'as-of.ndjson', type: 'application/x-ndjson', chunks: chunksOf(lines) }
  },
})

async function* chunksOf(lines: readonly string[]) {
  yield* lines
}

/** Before the deployment of that id. */
export const AS_OF_OPERATIONS = [list, bundle]
