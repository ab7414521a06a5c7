// The newest events of the sandbox, for people: all of them, or those with a text in any value or in
// one field.

import type { Json } from '#kernel/json.ts'
import { EventView, FieldTable } from '#languages/sigma/event.ts'
import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { Needles } from './needles.ts'
import { eventsOf, keyOf, parseEvent, type ScannedEvent } from './scan.ts'
import { listBlocks, readGrams } from './store.ts'

export interface EventFilter {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** Folded or not: case does not count. */
  readonly text?: string
  /** Where the text stands; any field when absent. */
  readonly field?: string
  readonly limit: number
}

export interface ListedEvent {
  readonly key: string
  readonly at: number
  readonly logSource: string
  readonly event: Json
}

export function listNewest(db: Connection, filter: EventFilter): readonly ListedEvent[] {
  const { limit, text } = filter
  const needles = text === undefined || text === '' ? undefined : Needles.ofText(text.toLowerCase())
  const accepts = testOf(filter)
  let found: ListedEvent[] = []
  for (const block of listBlocks(db, filter)) {
    // Blocks overlap: it is over when none that is left can hold one as new as the last that is shown.
    if (found.length >= limit && block.maxAt <= found[limit - 1]!.at) break
    if (needles?.mayHold(readGrams(db, block.id)) === false) continue
    for (const one of eventsOf(db, block, { ...filter, ...(needles && { needles }) })) {
      const event = parseEvent(one)
      if (accepts(event)) found.push(listed(one, block.sourceText, event))
    }
    found = found.toSorted((a, b) => b.at - a.at).slice(0, limit)
  }
  return found
}

function listed(scanned: ScannedEvent, logSource: string, event: object): ListedEvent {
  return { key: keyOf(scanned), at: scanned.at, logSource, event: event as Json }
}

function testOf({ text, field }: EventFilter): (event: object) => boolean {
  if (text === undefined || text === '') {
    if (field === undefined) return () => true
  }
  const wanted = (text ?? '').toLowerCase()
  const table = new FieldTable()
  const slot = field === undefined ? undefined : table.slotOf(field)
  const view = new EventView(table)
  return (event) => {
    view.load(event)
    if (slot === undefined) return view.whole.includes(wanted)
    return view.foldedAt(slot).some((one) => one.includes(wanted))
  }
}
