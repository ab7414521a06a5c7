// `/workspace` and `/policies`: the name of the workspace of this token, and what it has decided about
// itself. What asks less of changes waits for another admin, who confirms it at a screen.

import { z } from 'zod'
import {
  changePolicy,
  dropProposal,
  readPolicy,
  readProposal,
  renameWorkspace,
} from '#domain/workspaces/policy-actions.ts'
import { WorkspaceName } from '#domain/workspaces/input.ts'
import { Policy } from '#domain/workspaces/policy.ts'
import { formatInstant } from '#kernel/time.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import { operation } from './operation.ts'
import { accepted, InstantText, instantOrNull, named } from './shapes.ts'

// What groups ask beyond it is theirs: `/groups/{id}/policy`.
const OwnPolicy = Policy.omit({ groups: true })
type OwnPolicy = z.infer<typeof OwnPolicy>

const PolicyShape = z
  .strictObject({
    version: z.int(),
    policy: OwnPolicy,
    changedAt: InstantText.nullable(),
    changedBy: z.string().nullable(),
    waiting: z
      .strictObject({ policy: OwnPolicy, askedAt: InstantText, askedBy: z.string() })
      .nullable(),
  })
  .register(named, { id: 'WorkspacePolicy' })

const get = operation({
  method: 'GET',
  path: '/policies',
  name: 'getPolicies',
  summary: 'What this workspace has decided about itself',
  about: '`waiting` would ask less of changes and waits for another admin.',
  permission: 'policy.read',
  answer: PolicyShape,
  isVersioned: true,
  async run({ house, caller }) {
    const { policy, version, changedAt, changedBy } = await readPolicy(house, caller)
    const waiting = await readProposal(house, caller)
    return {
      version,
      policy: own(policy),
      changedAt: instantOrNull(changedAt),
      changedBy,
      waiting: waiting
        ? {
            policy: own(waiting.policy),
            askedAt: formatInstant(waiting.askedAt),
            askedBy: waiting.askedBy,
          }
        : null,
    }
  },
})

// A policy that is left out stays: here none has the value of a new workspace.
const bare = Object.entries(OwnPolicy.shape).map(([name, schema]) => [
  name,
  schema.unwrap().optional(),
])
const PolicyEdit = (
  z.strictObject(Object.fromEntries(bare)) as unknown as z.ZodType<Partial<OwnPolicy>>
).refine((edit) => Object.keys(edit).length > 0, 'names nothing to change')

const PolicyOutcome = z
  .strictObject({ version: z.int(), policy: OwnPolicy, isPending: z.boolean() })
  .register(named, { id: 'WorkspacePolicyOutcome' })

const change = operation({
  method: 'PATCH',
  path: '/policies',
  name: 'changePolicies',
  summary: 'Change policies of this workspace',
  about:
    'What is left out stays. `isPending` says that it would ask less of changes and waits for another admin; then `policy` is what goes on being in force. Needs a fresh proof of the person behind this token.',
  permission: 'policy.change',
  body: PolicyEdit.register(accepted, { id: 'WorkspacePolicyEdit' }),
  answer: PolicyOutcome,
  isVersioned: true,
  needsProof: true,
  async run({ house, caller, body, expected }) {
    const now = await readPolicy(house, caller)
    const version = isAmong(expected, now.version) ? now.version : -1
    const wish = { policy: { ...now.policy, ...body }, version }
    const { row, isPending } = await changePolicy(house, caller, wish)
    return { version: row.version, policy: own(row.policy), isPending }
  },
})

const drop = operation({
  method: 'DELETE',
  path: '/policies/waiting',
  name: 'dropPolicies',
  summary: 'Drop the policies that wait for another admin',
  permission: 'policy.change',
  async run({ house, caller }) {
    await dropProposal(house, caller)
    return undefined
  },
})

const rename = operation({
  method: 'PATCH',
  path: '/workspace',
  name: 'renameWorkspace',
  summary: 'Give this workspace another name',
  about: 'Its address stays.',
  permission: 'workspace.rename',
  body: z.strictObject({ name: WorkspaceName }).register(accepted, { id: 'WorkspaceRenaming' }),
  async run({ house, caller, body }) {
    await renameWorkspace(house, caller, body)
    return undefined
  },
})

function own({ groups: _, ...policy }: Policy): OwnPolicy {
  return policy
}

function isAmong(expected: ExpectedVersion, version: number): boolean {
  return expected === 'any' || expected.has(String(version))
}

export const WORKSPACE_OPERATIONS = [get, change, drop, rename]
