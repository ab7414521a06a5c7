// What fits the operations about searches. Those that are there already were never asked, so that no job
// of theirs changes them meanwhile.

import { systemCaller } from '#domain/access/system.ts'
import { keepRows, partOf } from '#domain/searches/evidence.ts'
import { NewPin } from '#domain/searches/input.ts'
import { pinRow } from '#domain/searches/pins.ts'
import { saveSearch } from '#domain/searches/saved-actions.ts'
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
  readonly holder: 'ada' | 'vera'
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
        savedId: null,
        bytesMax: 1_000_000,
        scannedMax: null,
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

/** Of whoever holds the token: what is somebody else's only admins may change. */
export const plantSaved = async ({ app, holder }: World, place: Workspace) => {
  const id = await plantSearch(app, place, 'failed')
  const caller = { ...callerIn(app, place), actor: app.cast[holder].userId }
  const wish = { name: 'Kept', isShared: true, cron: null }
  return { id: (await saveSearch(app.house, caller, id, wish)).id }
}

async function withRow({ app }: World, place: Workspace): Promise<{ readonly id: SearchId }> {
  const id = await plantSearch(app, place, 'succeeded')
  const { scope, now } = callerIn(app, place)
  const keeping = { searchId: id, part: partOf({ position: 1, attempt: 1 }), days: 7, at: now }
  const columns = [{ name: 'host', type: null }]
  const completeness = { kind: 'complete' } as const
  await keepRows(app.house, scope, keeping, 0, { columns, rows: [['a']], next: null, completeness })
  return { id }
}

export const SEARCH_INPUTS = {
  listSearches: async () => ({ query: '?limit=2&words=planted&state=short' }),
  listSavedSearches: async () => ({}),
  saveSearch: async (world: World, place: Workspace) => ({
    ...(await failed(world, place)),
    json: { name: 'Kept', isShared: true, cron: '5 * * * *' },
  }),
  getSavedSearch: plantSaved,
  changeSavedSearch: async (world: World, place: Workspace) => ({
    ...(await plantSaved(world, place)),
    json: { isPaused: true },
  }),
  removeSavedSearch: plantSaved,
  askSavedSearch: plantSaved,
  listPinnedRows: failed,
  pinRow: async (world: World, place: Workspace) => ({
    ...(await withRow(world, place)),
    json: { position: 1, row: 0, columns: ['host'], note: 'why' },
  }),
  unpinRow: async (world: World, place: Workspace) => {
    const { id } = await withRow(world, place)
    const pin = NewPin.parse({ position: 1, row: 0, columns: ['host'] })
    const { number } = await pinRow(world.app.house, callerIn(world.app, place), id, pin)
    return { id, n: number }
  },
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
