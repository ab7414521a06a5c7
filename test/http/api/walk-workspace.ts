// What fits the operations about a workspace itself: policies, name, invitations, its sandbox and its log;
// and what takes an offer or leaves an upstream.

import { invite } from '#domain/access/invitations.ts'
import { systemCaller } from '#domain/access/system.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addUpstream, applyPlan, bringBundle, listPlan } from '#domain/rules/upstreams/actions.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { followJob } from '#cli/demo/follow-job.ts'
import { nextTurn } from '#platform/turns.ts'
import type { TestApp } from '#test/support/start-app.ts'
import { TARGET_INPUTS } from './walk-targets.ts'

interface World {
  readonly app: TestApp
}
type At = readonly [world: World, place: Workspace]

let count = 0

const callerIn = ([{ app }, place]: At) => systemCaller(app.house, 'test', undefined, place.id)

async function newInvitation(...at: At) {
  const input = { email: `i${count++}@acme.example`, role: 'viewer' } as const
  const whole = { ...input, isApprover: false, isAuditor: false }
  const { link } = await invite(at[0].app.house, callerIn(at), whole, (token) => token)
  return { id: link.id }
}

/** A rule that came from an upstream and follows it. */
async function following(...at: At) {
  const [{ app }] = at
  const caller = callerIn(at)
  const about = { name: `Left ${count++}`, address: null, licence: null, author: null }
  const { id } = await addUpstream(app.house, caller, about)
  const text = `title: Left ${count++}\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n`
  const bundle = { files: [{ path: 'a.yml', text }], label: null, commit: null }
  await followJob(app.house, caller, await bringBundle(app.house, caller, id, bundle))
  await followJob(app.house, caller, await applyPlan(app.house, caller, id, { addsNew: true }))
  const { items } = await listPlan(app.house, caller, id, { limit: 1 })
  return { id: items[0]!.ruleId! }
}

const NATIVE = `title: Root
rulewright:
  implementations:
    splunk: {type: query, query: 'index=aws sourcetype=aws:cloudtrail eventName=ConsoleLogin', settings: {dispatch.earliest_time: -60m}}
`

async function nativeRule(...at: At) {
  const given = { text: NATIVE, origin: 'written', reason: '' } as const
  const { rule } = await createRule(at[0].app.house, callerIn(at), given)
  await nextTurn()
  return { id: rule.id }
}

export const WORKSPACE_INPUTS = {
  getPolicies: async () => ({}),
  changePolicies: async (...at: At) => {
    const { version } = await readPolicy(at[0].app.house, callerIn(at))
    // Longer than any token of the walk lives.
    return { json: { tokenDays: 400 + count++ }, headers: { 'If-Match': `"${version}"` } }
  },
  dropPolicies: async () => ({}),
  renameWorkspace: async () => ({ json: { name: `Renamed ${count++}` } }),
  listInvitations: async () => ({ query: '?limit=2' }),
  renewInvitation: newInvitation,
  endInvitation: newInvitation,
  listEvents: async () => ({ query: '?limit=2&q=whoami' }),
  addEvents: async () => ({ json: { events: [{ Image: 'C:\\whoami.exe' }] } }),
  addSampleEvents: async () => ({}),
  getSandbox: async () => ({}),
  deleteEvents: async () => ({}),
  exportAudit: async () => ({ query: '?format=ndjson' }),
  leaveUpstream: following,
  addDetection: async (...at: At) => ({ ...(await nativeRule(...at)), json: { kind: 'splunk' } }),
  getTargetSchema: TARGET_INPUTS.getTarget,
}
