// A sandbox with something in it: sample events, and an import with a line that could not be read.

import { importEvents, newImportId } from '#domain/events/import.ts'
import { EVENT_STORE } from '#domain/events/port.ts'
import { DAY, instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { attackStory } from '#src/starter/story.ts'

export async function fillSandbox(house: House, caller: Caller): Promise<void> {
  const events = attackStory(instant(caller.now - DAY)).map(({ event }) => JSON.stringify(event))
  await bring(house, caller, 'story.ndjson', [...events, 'no event', ''].join('\n'))
}

/** Each as it is, with its time in `@timestamp`. */
export async function bringEvents(
  house: House,
  caller: Caller,
  events: readonly object[],
): Promise<void> {
  const lines = events.map((event) => JSON.stringify(event))
  await bring(house, caller, 'events.ndjson', lines.join('\n'))
}

async function bring(house: House, caller: Caller, name: string, text: string): Promise<void> {
  const store = house.ports.get(EVENT_STORE)
  const { workspaceId } = caller.scope
  const id = newImportId(house, caller)
  await store.receive(workspaceId, id, chunksOf(text))
  const file = { id, name, path: store.receivedPath(workspaceId, id), logSource: '' }
  const { signal } = new AbortController()
  const watch = { signal, progress: () => {}, isOver: async () => true }
  await importEvents(house, caller, file, watch)
}

async function* chunksOf(text: string) {
  yield Buffer.from(text)
}
