// What fits the operations about upstreams.

import { systemCaller } from '#domain/access/system.ts'
import { addUpstream, bringBundle } from '#domain/rules/upstreams/actions.ts'
import { followJob } from '#cli/demo/follow-job.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}

const NEW = {
  path: 'new.yml',
  text: 'title: New\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n',
}
/** Broken, so that the job that follows writes no rule. */
const BROKEN = { path: 'broken.yml', text: 'title: Broken' }

let count = 0

async function planned({ app }: World, place: Workspace, file = BROKEN): Promise<string> {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const about = { name: `Upstream ${count++}`, address: null, licence: null, author: null }
  const { id } = await addUpstream(app.house, caller, about)
  const bundle = { files: [file], label: null, commit: null }
  await followJob(app.house, caller, await bringBundle(app.house, caller, id, bundle))
  return id
}

export const UPSTREAM_INPUTS = {
  listUpstreams: async () => ({}),
  addUpstream: async () => ({ json: { name: `Upstream ${count++}`, licence: 'MIT' } }),
  getUpstream: async (...at: [World, Workspace]) => ({ id: await planned(...at) }),
  bringUpstreamBundle: async (...at: [World, Workspace]) => ({
    id: await planned(...at),
    query: '?label=r2',
    json: { files: [BROKEN] },
  }),
  listUpstreamPlan: async (...at: [World, Workspace]) => ({
    id: await planned(...at),
    query: '?finding=broken&limit=2',
  }),
  planUpstream: async (...at: [World, Workspace]) => ({ id: await planned(...at) }),
  chooseUpstreamItem: async (world: World, place: Workspace) => ({
    id: await planned(world, place, NEW),
    n: 1,
    json: { choice: 'add' },
  }),
  applyUpstreamPlan: async (...at: [World, Workspace]) => ({
    id: await planned(...at),
    json: { addsNew: false },
  }),
}
