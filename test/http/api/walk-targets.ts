// What fits the operations about targets. None leads anywhere: nothing listens at the address.

import { systemCaller } from '#domain/access/system.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { promoteCredential, setCredential } from '#domain/targets/credentials.ts'
import { updateCredential } from '#domain/targets/credential-store.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}
type At = readonly [world: World, place: Workspace]

const SETTINGS = { url: 'https://127.0.0.1:9' }
const CREDENTIAL = { kind: 'token', token: 'secret' } as const
let count = 0

const callerIn = ({ app }: World, place: Workspace): Caller =>
  systemCaller(app.house, 'test', undefined, place.id)

async function newTarget(...[world, place]: At): Promise<TargetId> {
  const input = { name: `splunk-${count++}`, kind: 'splunk', settings: SETTINGS }
  const caller = callerIn(world, place)
  return (await addTarget(world.app.house, caller, NewTarget.parse(input))).target.id
}

/** With a credential in force and, after a check that found it good, a next one. */
async function withNext(...at: At): Promise<TargetId> {
  const [world, place] = at
  const id = await newTarget(...at)
  const caller = callerIn(world, place)
  const { house } = world.app
  let found: Awaited<ReturnType<typeof setCredential>> = []
  for (let times = 0; times < 2; times++) {
    found = await setCredential(house, caller, id, { purpose: 'read', credential: CREDENTIAL })
    await world.app.runner.drain()
  }
  const next = found.find(({ slot }) => slot === 'next')!
  const fine = { checkedAt: caller.now, problem: null }
  await house.db.write(caller, (tx) => updateCredential(tx, next.id, fine))
  return id
}

const READ = { purpose: 'read' }
const FIRST = { 'If-Match': '"1"' }

export const TARGET_INPUTS = {
  listTargets: async () => ({ query: '?limit=2' }),
  addTarget: async () => ({
    json: { name: `splunk-${count++}`, kind: 'splunk', settings: SETTINGS },
  }),
  getTarget: async (...at: At) => ({ id: await newTarget(...at) }),
  changeTarget: async (...at: At) => ({
    id: await newTarget(...at),
    json: { mode: 'read_write' },
    headers: FIRST,
  }),
  removeTarget: async (...at: At) => ({ id: await newTarget(...at), headers: FIRST }),
  checkTarget: async (...at: At) => ({ id: await newTarget(...at) }),
  // Of a target that was found to be away already: the check that follows finds nothing new.
  setCredential: async (...at: At) => ({
    id: await withNext(...at),
    json: { purpose: 'write', credential: CREDENTIAL },
  }),
  promoteCredential: async (...at: At) => ({ id: await withNext(...at), json: READ }),
  revertCredential: async (...at: At) => {
    const [world, place] = at
    const id = await withNext(...at)
    await promoteCredential(world.app.house, callerIn(world, place), id, 'read')
    return { id, json: READ }
  },
  removeCredential: async (...at: At) => ({
    id: await withNext(...at),
    json: { ...READ, slot: 'next' },
  }),
}
