// What fits the operations about what stands on a target.

import { systemCaller } from '#domain/access/system.ts'
import { insertObserved } from '#domain/adoption/store.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TargetId } from '#kernel/id.ts'
import { observedRow } from '#test/support/observed-row.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}
type At = readonly [world: World, place: Workspace]

let count = 0

/** Nobody can sign in there, so a job that asks it ends before it has anything to tell. */
async function newTarget(...[{ app }, place]: At): Promise<TargetId> {
  const settings = { url: 'https://127.0.0.1:9' }
  const input = { name: `observed-${count++}`, kind: 'splunk', settings }
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  return (await addTarget(app.house, caller, NewTarget.parse(input))).target.id
}

async function withRule(...at: At): Promise<TargetId> {
  const [{ app }, place] = at
  const targetId = await newTarget(...at)
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const row = observedRow(app, { targetId, ref: 'nobody/search/Seen', name: 'Seen' })
  await app.house.db.write(caller, (tx) => insertObserved(tx, [row]))
  return targetId
}

export const ADOPTION_INPUTS = {
  pullTarget: async (...at: At) => ({ id: await newTarget(...at) }),
  adoptRules: async (...at: At) => ({
    id: await newTarget(...at),
    json: { filter: { adopted: 'no' } },
  }),
  releaseRules: async (...at: At) => ({
    id: await newTarget(...at),
    json: { filter: { adopted: 'yes' } },
  }),
  giveDependency: async (...at: At) => ({
    json: {
      target: await newTarget(...at),
      kind: 'macro',
      name: 'unseen',
      definition: { definition: 'index=main', arguments: [] },
    },
  }),
  listObservedRules: async (...at: At) => ({
    id: await withRule(...at),
    query: '?limit=2&enabled=yes&sort=-changedAt',
  }),
  listDependencies: async () => ({ query: '?limit=2' }),
  findRuleByRef: async (...at: At) => ({
    query: `?target=${await withRule(...at)}&ref=nobody%2Fsearch%2FSeen`,
  }),
}
