// What fits the operations about drift.

import { systemCaller } from '#domain/access/system.ts'
import { insertDrift } from '#domain/deployments/drift-store.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { ID_PREFIXES, makeId, type DriftId, type TargetId } from '#kernel/id.ts'
import { plantForgotten } from '#test/support/observed-row.ts'
import type { TestApp } from '#test/support/start-app.ts'

type At = readonly [world: { readonly app: TestApp }, place: Workspace]

async function localOf(...[{ app }, place]: At): Promise<TargetId> {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const { items } = await listTargets(app.house, caller, { limit: 1 })
  return items[0]!.target.id
}

/** Of a dependency, so that it needs no rule. */
async function newDrift(...at: At): Promise<DriftId> {
  const [{ app }, place] = at
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const { now } = caller
  const id = makeId(ID_PREFIXES.drift, now, app.house.random(10))
  const targetId = await localOf(...at)
  await app.house.db.write(caller, (tx) =>
    insertDrift(tx, {
      id,
      targetId,
      kind: 'dependency',
      ruleId: null,
      dependencyId: makeId(ID_PREFIXES.dependency, now, app.house.random(10)),
      name: 'macro sysmon',
      state: 'found',
      fields: JSON.stringify([{ name: 'definition', ours: 'index=a', theirs: 'index=b' }]),
      observedHash: 'h',
      observed: '"index=b"',
      before: 'live',
      notices: '[]',
      remoteChangedAt: null,
      remoteChangedBy: null,
      foundAt: now,
      seenAt: now,
      wanted: null,
      changeId: null,
      endedAt: null,
      endedBy: null,
    }),
  )
  return id
}

let planted = 0

async function withForgotten(...at: At): Promise<TargetId> {
  const [{ app }, place] = at
  const targetId = await localOf(...at)
  await plantForgotten(app, place.id, { targetId, title: `Forgotten ${planted++}` })
  return targetId
}

export const DRIFT_INPUTS = {
  listForgotten: async (...at: At) => ({ query: `?target=${await withForgotten(...at)}` }),
  pruneForgotten: async (...at: At) => ({ json: { targetId: await withForgotten(...at) } }),
  listAsOf: async () => ({ query: '?at=2026-11-21T09:00:00.000Z&limit=2' }),
  downloadAsOf: async () => ({ query: '?at=2026-11-21T09:00:00.000Z' }),
  listDrift: async () => ({ query: '?limit=2&state=all&kind=dependency' }),
  getDrift: async (...at: At) => ({ id: await newDrift(...at) }),
  resolveDrift: async (...at: At) => ({ id: await newDrift(...at), json: { resolution: 'adopt' } }),
  scanDrift: async (...at: At) => ({ json: { targetId: await localOf(...at) } }),
}
