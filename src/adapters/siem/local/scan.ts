// Events of a range of time, read out of their blocks: those that their block, their line or their time
// does not already rule out.

import { readSource } from '#languages/events/source.ts'
import type { EventSource } from '#languages/sigma/match.ts'
import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { unpackLines, unpackTimes } from './block.ts'
import type { Needles } from './needles.ts'
import { listBlocks, readBlock, readGrams, type BlockFilter, type BlockHead } from './store.ts'

export interface ScannedEvent {
  readonly block: number
  /** In its block. */
  readonly place: number
  readonly at: number
  readonly source: EventSource | undefined
  readonly text: string
}

export interface ScanFilter extends BlockFilter {
  readonly needles?: Needles
}

/** Blocks newest first; events of a block in the order they came. */
export function* scan(
  db: Connection,
  { needles: given, ...range }: ScanFilter,
): Generator<ScannedEvent> {
  const needles = given?.isEmpty ? undefined : given
  const filter = { ...range, ...(needles && { needles }) }
  for (const block of listBlocks(db, filter)) {
    if (needles?.mayHold(readGrams(db, block.id)) === false) continue
    yield* eventsOf(db, block, filter)
  }
}

/** Events in the range: whole blocks are counted by their row, others by their times. */
export function countInRange(db: Connection, filter: BlockFilter): number {
  return listBlocks(db, filter).reduce((sum, { id, minAt, maxAt, eventCount }) => {
    if (minAt >= filter.from && maxAt < filter.to) return sum + eventCount
    const times = unpackTimes(readBlock(db, id)!.times)
    return sum + times.filter((at) => at >= filter.from && at < filter.to).length
  }, 0)
}

/** Those of one block; in the order they came. */
export function* eventsOf(
  db: Connection,
  { id, sourceText, isPlain }: BlockHead,
  { from, to, needles }: ScanFilter,
): Generator<ScannedEvent> {
  const packed = readBlock(db, id)
  if (packed === undefined) return // removed meanwhile by age
  const bytes = unpackLines(packed.lines)
  const times = unpackTimes(packed.times)
  const text = bytes.toString(isPlain === 1 ? 'latin1' : 'utf8')
  const starts = startsOf(text, times.length)
  const wanted = needles && isPlain === 1 ? needles.linesOf(text.toLowerCase(), starts) : undefined
  const source = sourceText === '' ? undefined : readSource(sourceText)
  for (let place = 0; place < times.length; place++) {
    const at = times[place]!
    if (at < from || at >= to || wanted?.[place] === 0) continue
    const end = (starts[place + 1] ?? text.length) - 1
    yield { block: id, place, at, source, text: text.slice(starts[place], end) }
  }
}

/** Names the event as long as it is there. */
export function keyOf({ block, place }: ScannedEvent): string {
  return `${block}-${place}`
}

function startsOf(text: string, count: number): readonly number[] {
  const starts: number[] = [0]
  for (let at = text.indexOf('\n'); starts.length < count; at = text.indexOf('\n', at + 1)) {
    starts.push(at + 1)
  }
  return starts
}

export function parseEvent({ text }: ScannedEvent): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>
}
