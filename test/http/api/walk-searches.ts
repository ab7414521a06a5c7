// What fits the operations about searches. Those that are there already were never asked, so that no job
// of theirs changes them meanwhile.

import { systemCaller } from '#domain/access/system.ts'
import type { SegmentState } from '#domain/searches/search.ts'
import { insertSearch, UNASKED } from '#domain/searches/store.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { ID_PREFIXES, makeId, type SearchId } from '#kernel/id.ts'
import { addMs, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}

const callerIn = ({ house }: TestApp, place: Workspace): Caller =>
  systemCaller(house, 'test', undefined, place.id)

async function localTarget(app: TestApp, place: Workspace) {
  const { items } = await listTargets(app.house, callerIn(app, place), { limit: 100 })
  return items.find(({ target }) => target.kind === 'local')!.target
}

/** One segment on the sandbox of the workspace, in this state, with no job behind it. */
export async function plantSearch(
  app: TestApp,
  place: Workspace,
  state: SegmentState,
  title = 'Planted',
): Promise<SearchId> {
  const caller = callerIn(app, place)
  const { id: targetId, name, kind } = await localTarget(app, place)
  const id = makeId(ID_PREFIXES.search, caller.now, app.house.random(10))
  const question = { language: 'spl', text: 'index=main' } as const
  await app.house.db.write(caller, (tx) =>
    insertSearch(
      tx,
      {
        ...question,
        id,
        title,
        ruleId: null,
        purpose: '',
        fromAt: addMs(caller.now, -HOUR),
        toAt: caller.now,
        rowsMax: 100,
        secondsMax: 60,
        evidenceDays: 7,
        isSaved: 0,
        createdAt: caller.now,
        createdBy: caller.actor,
      },
      [
        {
          ...UNASKED,
          ...question,
          position: 1,
          targetId,
          targetName: name,
          kind,
          state,
          jobId: null,
          endedAt: state === 'queued' ? null : caller.now,
        },
      ],
    ),
  )
  return id
}

const failed = async ({ app }: World, place: Workspace) => ({
  id: await plantSearch(app, place, 'failed'),
})

export const SEARCH_INPUTS = {
  listSearches: async () => ({ query: '?limit=2&saved=no' }),
  startSearch: async ({ app }: World, place: Workspace) => ({
    json: {
      question: { language: 'spl', text: 'index=main' },
      targets: [(await localTarget(app, place)).id],
      last: '1h',
    },
  }),
  getSearch: failed,
  cancelSearch: async ({ app }: World, place: Workspace) => ({
    id: await plantSearch(app, place, 'queued'),
  }),
  retrySearchSegment: async (world: World, place: Workspace) => ({
    ...(await failed(world, place)),
    n: 1,
  }),
  deleteSearch: failed,
  listSearchRows: async (world: World, place: Workspace) => ({
    ...(await failed(world, place)),
    query: '?limit=2&words=a',
  }),
  exportSearchRows: async (world: World, place: Workspace) => ({
    ...(await failed(world, place)),
    query: '?format=ndjson',
  }),
}
