// What fits the operations about changes.

import { systemCaller } from '#domain/access/system.ts'
import { openChange, submitChange } from '#domain/changes/actions.ts'
import type { Change } from '#domain/changes/change.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { nextTurn } from '#platform/turns.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}
type At = readonly [world: World, place: Workspace]

const TEXT = `title: To be deployed
logsource: {category: process_creation, product: windows}
detection: {selection: {Image: 'a.exe'}, condition: selection}
`

const callerIn = ([{ app }, place]: At) => systemCaller(app.house, 'test', undefined, place.id)

async function newItem(...at: At) {
  const [{ app }] = at
  const given = { text: TEXT, origin: 'written', reason: '' } as const
  const { rule } = await createRule(app.house, callerIn(at), given)
  await nextTurn()
  const { items } = await listTargets(app.house, callerIn(at), { limit: 50 })
  const local = items.find(({ target }) => target.kind === 'local')!
  return { ruleId: rule.id, targetId: local.target.id }
}

async function newChange(...at: At): Promise<Change> {
  const given = {
    title: 'A change',
    why: '',
    origin: 'rules',
    items: [await newItem(...at)],
  } as const
  const change = await openChange(at[0].app.house, callerIn(at), given)
  await nextTurn()
  return change
}

/** What is changed here is put back: others of this walk deploy without tests and review. */
async function setPolicy(at: At, change: Partial<Policy>): Promise<void> {
  const { house } = at[0].app
  const { policy, version } = await readPolicy(house, callerIn(at))
  await changePolicy(house, callerIn(at), { policy: { ...policy, ...change }, version })
  await nextTurn()
}

/** Handed in, where a personal token may sign. */
async function submitted(...at: At): Promise<Change> {
  await setPolicy(at, { tokensMaySign: true })
  const { id } = await newChange(...at)
  const change = await submitChange(at[0].app.house, callerIn(at), id, { expected: 'any' })
  await nextTurn()
  return change
}

const versioned = ({ id, version }: Change) => ({ id, headers: { 'If-Match': `"${version}"` } })

export const CHANGE_INPUTS = {
  listChanges: async () => ({ query: '?limit=2&state=open' }),
  openChange: async (...at: At) => ({
    json: { title: 'A change', why: 'because', items: [await newItem(...at)] },
  }),
  getChange: async (...at: At) => ({ id: (await newChange(...at)).id }),
  editChange: async (...at: At) => ({
    ...versioned(await newChange(...at)),
    json: { title: 'Another title' },
  }),
  submitChange: async (...at: At) => ({ id: (await newChange(...at)).id }),
  refreshChange: async (...at: At) => ({ id: (await newChange(...at)).id }),
  withdrawChange: async (...at: At) => ({ id: (await newChange(...at)).id }),
  signChange: async (...at: At) => {
    const { id, hash } = await submitted(...at)
    return { id, json: { decision: 'reject', hash, comment: 'Not before the holidays.' } }
  },
  listChangeSignatures: async (...at: At) => ({ id: (await newChange(...at)).id }),
  waiveChangeProblem: async (...at: At) => {
    await setPolicy(at, { testGate: true })
    const { id } = await newChange(...at)
    await setPolicy(at, { testGate: false })
    return { id, json: { number: 1, code: 'change/tests', reason: 'There is no sample yet.' } }
  },
  commentChange: async (...at: At) => ({
    id: (await newChange(...at)).id,
    json: { text: 'Is it so?' },
  }),
}
