// Sigma over the sandbox: the rules of a text, correlations too, over the events of a range. The index
// leaves few blocks, these few lines, and only those are parsed and matched.

import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import { collect, type Collection } from '#languages/sigma/collection.ts'
import { CorrelationRun, type Sighting } from '#languages/sigma/correlation-run.ts'
import type { Fired } from '#languages/sigma/correlate.ts'
import { agrees } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { EventRun, type Match } from '#languages/sigma/run.ts'
import { readSource } from '#languages/events/source.ts'
import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { Needles } from './needles.ts'
import { countInRange, keyOf, parseEvent, scan, type ScannedEvent } from './scan.ts'

export interface SigmaSearch {
  readonly text: string
  readonly from: number
  readonly to: number
  /** Only events of blocks after this one. */
  readonly after?: number
  readonly matchesMax: number
  /** Asked now and then. */
  readonly isExpired: () => boolean
}

export interface SigmaMatch {
  readonly title: string
  readonly at: number
  /** Of the events behind it, oldest first. */
  readonly keys: readonly string[]
  /** What the rule looked at; of a correlation, what its events have in common. */
  readonly fields: Readonly<Record<string, Json>>
  /** The event; of a correlation the last one. */
  readonly event: Json
}

export interface SigmaFound {
  readonly matches: readonly SigmaMatch[]
  /** Events in the range and of the rules' log sources. */
  readonly scanned: number
  /** Events that had to be parsed. */
  readonly parsed: number
  readonly isCut: boolean
  readonly isExpired: boolean
  /** With an error nothing was searched. */
  readonly problems: readonly Problem[]
}

const EVENTS_BETWEEN_CHECKS = 2_048
const NOTHING: Omit<SigmaFound, 'problems'> = {
  matches: [],
  scanned: 0,
  parsed: 0,
  isCut: false,
  isExpired: false,
}

export function searchSigma(db: Connection, search: SigmaSearch): SigmaFound {
  const read = readRules(search.text)
  if ('problems' in read) return { ...NOTHING, problems: read.problems }
  const { rules } = read.collection
  const takes = (sourceText: string) => {
    const source = sourceText === '' ? undefined : readSource(sourceText)
    return source === undefined || rules.some(({ logsource }) => agrees(logsource, source))
  }
  const { from, to, after = 0 } = search
  const range = { from, to, after, takes }
  const run = new SandboxRun(read.collection, search.matchesMax)
  let [parsed, isExpired] = [0, false]
  for (const scanned of scan(db, { ...range, needles: Needles.ofRules(rules) })) {
    if (++parsed % EVENTS_BETWEEN_CHECKS === 0 && search.isExpired()) {
      isExpired = true
      break
    }
    run.next(scanned)
    if (run.isFull) break
  }
  const matches = run.finish()
  return {
    matches: matches.slice(0, search.matchesMax),
    scanned: countInRange(db, range),
    parsed,
    isCut: run.isFull || matches.length > search.matchesMax,
    isExpired,
    problems: [],
  }
}

export function readRules(
  text: string,
): { readonly collection: Collection } | { readonly problems: readonly Problem[] } {
  const { documents, problems } = parseSigma(text)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return { problems: errors }
  const collection = collect(documents)
  const across = [...collection.problems.values()].flat()
  if (across.length > 0) return { problems: across }
  if (collection.rules.length === 0) return { problems: [NO_RULE] }
  const { refused } = new EventRun(collection, new CorrelationRun(collection), {}).matcher
  return refused.length > 0 ? { problems: refused.flatMap((one) => one.problems) } : { collection }
}

const NO_RULE: Problem = {
  code: 'sigma/no-rule',
  severity: 'error',
  message: 'There is no rule in this text.',
}

/** Blocks come newest first and overlap: correlations get what was seen in the order of its time. */
class SandboxRun {
  readonly #correlations: CorrelationRun
  readonly #run: EventRun
  readonly #hasCorrelations: boolean
  readonly #max: number
  readonly #matches: SigmaMatch[] = []
  readonly #sightings: { readonly sighting: Sighting; readonly scanned: ScannedEvent }[] = []

  constructor(collection: Collection, max: number) {
    this.#correlations = new CorrelationRun(collection)
    this.#run = new EventRun(collection, this.#correlations, {})
    this.#hasCorrelations = collection.correlations.length > 0
    this.#max = max
  }

  /** More was found than is wanted; a correlation needs all there is. */
  get isFull(): boolean {
    return !this.#hasCorrelations && this.#matches.length > this.#max
  }

  next(scanned: ScannedEvent): void {
    const event = parseEvent(scanned)
    // Correlations need a time; it is the one the event was filed under.
    if (this.#hasCorrelations) event['@timestamp'] ??= scanned.at
    const seen = this.#run.next(event, scanned.source, this.#sightings.length)
    for (const match of seen.matches) this.#matches.push(matchOf(match, scanned, event))
    if (seen.sighting) this.#sightings.push({ sighting: seen.sighting, scanned })
  }

  /** Newest first. */
  finish(): readonly SigmaMatch[] {
    const ordered = this.#sightings.toSorted((a, b) => a.sighting.atMs - b.sighting.atMs)
    const fired = [
      ...ordered.flatMap(({ sighting }) => this.#correlations.add(sighting)),
      ...this.#correlations.finish(),
    ]
    const all = [...this.#matches, ...fired.map((one) => this.#firedOf(one))]
    return all.toSorted((a, b) => b.at - a.at)
  }

  #firedOf({ correlation, group, events, atMs }: Fired): SigmaMatch {
    const behind = events
      .map((index) => this.#sightings[index]!.scanned)
      .toSorted((a, b) => a.at - b.at)
    const last = behind.at(-1)
    return {
      title: titleOf(correlation),
      at: atMs,
      keys: behind.map(keyOf),
      fields: { ...group, events: behind.length },
      event: last ? (JSON.parse(last.text) as Json) : null,
    }
  }
}

function matchOf({ rule, fields }: Match, scanned: ScannedEvent, event: unknown): SigmaMatch {
  return {
    title: titleOf(rule),
    at: scanned.at,
    keys: [keyOf(scanned)],
    fields: fields as SigmaMatch['fields'],
    event: event as Json,
  }
}

function titleOf({ title, name }: SigmaDocument): string {
  return title || name || 'untitled'
}
