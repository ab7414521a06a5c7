// A block of a long file of events, matched in a worker thread: the lines of its matches ready to be
// written, and what correlations, which need all events in order, must see of it.

import { sha256Hex } from '#kernel/hash.ts'
import { collect, type Collection } from '#languages/sigma/collection.ts'
import { CorrelationRun, type Sighting } from '#languages/sigma/correlation-run.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { EventRun, type Match } from '#languages/sigma/run.ts'
import type { WorkerTask } from '#platform/worker.ts'
import { nameOf, placesOf, toMatch, type Places, type ReadFile } from './answers.ts'

/** Rules for threads that compile them for themselves. */
export interface PackedRules {
  /** A thread that holds the rules of this key compiled does not do it again. */
  readonly key: string
  /** Paths and texts as JSON, in memory that all threads share. */
  readonly bytes: SharedArrayBuffer
  readonly timeField: string | undefined
}

export interface BlockOfEvents {
  readonly rules: PackedRules
  /** Whole lines, one JSON object each. */
  readonly bytes: Uint8Array
  /** The number of the first one. */
  readonly firstLine: number
  readonly format: 'ndjson' | 'summary'
}

export interface MatchedBlock {
  /** Lines of matches: those up to each sighting's event, and last those after. */
  readonly texts: readonly string[]
  readonly sightings: readonly Sighting[]
  /** Matches by rule, for a summary. */
  readonly counts: ReadonlyMap<string, number>
  readonly lines: number
  readonly events: number
  /** Lines that are no JSON object. */
  readonly bad: number
  readonly untimed: number
}

export const matchBlock: WorkerTask<BlockOfEvents, MatchedBlock> = {
  worker: 'rules',
  name: 'rules.match-block',
}

interface RuleText {
  readonly path: string
  readonly text: string
}

export function packRules(files: readonly RuleText[], timeField: string | undefined): PackedRules {
  const texts = files.map(({ path, text }) => ({ path, text }))
  const packed = new TextEncoder().encode(JSON.stringify({ texts, timeField }))
  const bytes = new SharedArrayBuffer(packed.length)
  new Uint8Array(bytes).set(packed)
  return { key: sha256Hex(packed), bytes, timeField }
}

function unpackRules({ bytes, timeField }: PackedRules): BlockMatcher {
  const json = new TextDecoder().decode(new Uint8Array(bytes).slice())
  const { texts } = JSON.parse(json) as { texts: readonly RuleText[] }
  const files = texts.map(({ path, text }) => ({ path, outlines: parseSigma(text).outlines }))
  return new BlockMatcher(files, timeField)
}

/** The last rules stay compiled: the blocks of one file come one after another. */
let compiled: { readonly key: string; readonly matcher: BlockMatcher } | undefined

export function matchBlockHere({ rules, ...lines }: BlockOfEvents): MatchedBlock {
  const { key } = rules
  if (compiled?.key !== key) compiled = { key, matcher: unpackRules(rules) }
  return compiled.matcher.match(lines)
}

type Lines = Omit<BlockOfEvents, 'rules'>

export class BlockMatcher {
  readonly timeField: string | undefined
  readonly places: Places
  readonly collection: Collection
  readonly #run: EventRun

  constructor(files: readonly ReadFile[], timeField?: string) {
    this.timeField = timeField
    this.places = placesOf(files)
    const outlines = files.flatMap((file) => file.outlines)
    this.collection = collect(outlines.flatMap(({ document }) => document ?? []))
    const correlations = new CorrelationRun(this.collection)
    const options = timeField === undefined ? {} : { timeField }
    this.#run = new EventRun(this.collection, correlations, options)
  }

  get refused() {
    return this.#run.matcher.refused
  }

  match({ bytes, firstLine, format }: Lines): MatchedBlock {
    const untimedBefore = this.#run.untimedCount
    const counts = new Map<string, number>()
    const tell = (match: Match) => {
      if (format === 'ndjson') return [JSON.stringify(toMatch(match, this.places))]
      const name = nameOf(this.places, match.rule)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return []
    }
    const texts: string[] = []
    const sightings: Sighting[] = []
    let told: string[] = []
    let [events, bad, at] = [0, 0, firstLine]
    for (const line of linesOf(bytes, firstLine)) {
      const number = at++
      const event = readEvent(line)
      if (event === undefined) {
        if (line.trim() !== '') bad++
        continue
      }
      events++
      const { matches, sighting } = this.#run.next(event, sourceOf(event), number)
      told.push(...matches.flatMap(tell))
      if (sighting === undefined) continue
      sightings.push(sighting)
      texts.push(told.join('\n'))
      told = []
    }
    texts.push(told.join('\n'))
    const untimed = this.#run.untimedCount - untimedBefore
    return { texts, sightings, counts, lines: at - firstLine, events, bad, untimed }
  }
}

const LINE_END = 10
const BYTE_ORDER_MARK = '\ufeff'

/**
 * Each line is decoded by itself: one foreign letter would make a string of two bytes a character of
 * the whole block, which is slower to read.
 */
function* linesOf({ buffer, byteOffset, length }: Uint8Array, first: number): Generator<string> {
  const bytes = Buffer.from(buffer, byteOffset, length)
  let start = 0
  while (start < length) {
    const end = bytes.indexOf(LINE_END, start)
    const line = bytes.toString('utf8', start, end < 0 ? length : end)
    yield first === 0 && start === 0 && line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line
    start = end < 0 ? length : end + 1
  }
}

/** Undefined for what is no JSON object: one bad line must not end a run over millions. */
export function readEvent(line: string): object | undefined {
  try {
    const event: unknown = JSON.parse(line)
    return typeof event === 'object' && event !== null && !Array.isArray(event) ? event : undefined
  } catch {
    return undefined
  }
}
