// Events on their way into blocks: gathered by log source, then packed.

import type { EventObject } from '#languages/events/format.ts'
import { logSourceOf } from '#languages/events/log-source.ts'
import { timeOf } from '#languages/events/read.ts'
import { writeSource } from '#languages/events/source.ts'
import type { EventSource } from '#languages/sigma/match.ts'
import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { BLOCK_BYTES_MAX, BLOCK_EVENTS_MAX, packLines, packTimes } from './block.ts'
import { gramsOf } from './grams.ts'
import { saveFields, type FieldRow } from './import-store.ts'
import { addBlock } from './store.ts'

interface Lot {
  texts: string[]
  times: number[]
  chars: number
}

export interface BatchOptions {
  readonly importId: string
  /** The log source of all events; empty: each says its own. */
  readonly sourceText: string
  /** The time of events that say none. */
  readonly now: number
}

const FIELDS_MAX = 2_000
const DEPTH_MAX = 4

export class Batch {
  eventCount = 0
  untimedCount = 0
  readonly #db: Connection
  readonly #options: BatchOptions
  readonly #lots = new Map<string, Lot>()
  readonly #fields = new Map<string, Map<string, FieldRow>>()

  constructor(db: Connection, options: BatchOptions) {
    this.#db = db
    this.#options = options
  }

  add(event: EventObject, text: string): void {
    const source = this.#options.sourceText || textOf(logSourceOf(event))
    const own = timeOf(event)
    const at = Math.trunc(own ?? this.#options.now)
    if (own === undefined) this.untimedCount++
    this.eventCount++
    this.#note(source, event, at)
    let lot = this.#lots.get(source)
    if (lot === undefined) this.#lots.set(source, (lot = { texts: [], times: [], chars: 0 }))
    lot.texts.push(text)
    lot.times.push(at)
    lot.chars += text.length
    if (lot.texts.length >= BLOCK_EVENTS_MAX || lot.chars >= BLOCK_BYTES_MAX) {
      this.#pack(source, lot)
      this.#lots.delete(source)
    }
  }

  /** Packs what is left. */
  flush(): void {
    for (const [source, lot] of this.#lots) this.#pack(source, lot)
    this.#lots.clear()
    saveFields(
      this.#db,
      [...this.#fields.values()].flatMap((fields) => [...fields.values()]),
    )
    this.#fields.clear()
  }

  #pack(sourceText: string, { texts, times }: Lot): void {
    const lines = Buffer.from(`${texts.join('\n')}\n`)
    const { bits, isPlain } = gramsOf(lines)
    addBlock(this.#db, {
      sourceText,
      importId: this.#options.importId,
      minAt: times.reduce((least, one) => Math.min(least, one)),
      maxAt: times.reduce((most, one) => Math.max(most, one)),
      eventCount: times.length,
      byteCount: lines.length,
      isPlain,
      grams: bits,
      times: packTimes(times),
      lines: packLines(lines),
    })
  }

  #note(sourceText: string, event: EventObject, lastSeenAt: number): void {
    let fields = this.#fields.get(sourceText)
    if (fields === undefined) this.#fields.set(sourceText, (fields = new Map()))
    noteFields(fields, { sourceText, lastSeenAt }, event, '', 0)
  }
}

function noteFields(
  fields: Map<string, FieldRow>,
  row: Pick<FieldRow, 'sourceText' | 'lastSeenAt'>,
  object: EventObject,
  prefix: string,
  depth: number,
): void {
  for (const key in object) {
    if (!Object.hasOwn(object, key)) continue
    const value = object[key]
    const name = prefix === '' ? key : `${prefix}.${key}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < DEPTH_MAX) {
      noteFields(fields, row, value as EventObject, name, depth + 1)
    } else if (!fields.has(name) && fields.size < FIELDS_MAX && name.length <= 300) {
      fields.set(name, { ...row, name, type: typeNamed(value) })
    }
  }
}

function typeNamed(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return typeof value
}

/** The same few objects come back for most events. */
const written = new WeakMap<EventSource, string>()

function textOf(source: EventSource | undefined): string {
  if (source === undefined) return ''
  const known = written.get(source)
  if (known !== undefined) return known
  const text = writeSource(source)
  written.set(source, text)
  return text
}
