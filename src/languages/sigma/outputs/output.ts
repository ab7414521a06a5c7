// What output formats are made from: a converted document with what its rule says about itself, and when
// it shall run.

import { sha256Hex } from '#kernel/hash.ts'
import { HOUR, MINUTE, parseDuration } from '#kernel/time.ts'
import { plainOf } from '#languages/sigma/pipeline-state.ts'
import type { Metadata, SigmaCorrelation, SigmaRule } from '#languages/sigma/rule.ts'
import { toData, valueOf } from '#languages/sigma/yaml.ts'

export interface Output {
  readonly rule: Metadata
  /** Unique among the queries of one run: a rule with several conditions has several. */
  readonly title: string
  /** The rule's own id when it is a UUID, else one made from what identifies the query. */
  readonly uuid: string
  readonly query: string
  /** Where the query looks, as pipelines say it; empty when they say nothing. */
  readonly indexes: readonly string[]
  readonly schedule: Schedule
}

/** `windowMs` is how far back each run looks; it is never shorter than the time between two. */
export interface Schedule {
  readonly everyMs: number
  readonly windowMs: number
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** One for each query of a document. */
export function outputsOf(
  document: SigmaRule | SigmaCorrelation,
  queries: readonly string[],
  indexes: readonly string[],
): readonly Output[] {
  const schedule = scheduleOf(document)
  return queries.map((query, at) => {
    const title = at === 0 ? document.title : `${document.title} (${at + 1})`
    const isOwn = at === 0 && document.id !== undefined && UUID.test(document.id)
    const uuid = isOwn ? document.id.toLowerCase() : uuidFrom(`${document.id ?? ''}\n${title}`)
    return { rule: document, title, uuid, query, indexes, schedule }
  })
}

/** The same text gives the same UUID (version 8: made by its maker's own rule). */
function uuidFrom(text: string): string {
  const hex = sha256Hex(text)
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ]
  return [...parts, hex.slice(20, 32)].join('-')
}

/** Every hour, a little further back than that: events arrive late. */
const EVERY_MS = HOUR
const DELAY_MS = 10 * MINUTE

/** As `rulewright: {schedule: {every, window}}` says; a correlation sees at least its own timespan. */
function scheduleOf(document: SigmaRule | SigmaCorrelation): Schedule {
  const node = valueOf(document.root, 'rulewright')
  const own = node && (toData(node) as { schedule?: Readonly<Record<string, unknown>> } | null)
  const read = (key: string) => parseDuration(plainOf(own?.schedule?.[key]))
  const everyMs = read('every') ?? EVERY_MS
  const needed = document.kind === 'correlation' ? document.timespanSeconds * 1_000 : 0
  const windowMs = Math.max(read('window') ?? everyMs + DELAY_MS, everyMs, everyMs + needed)
  return { everyMs, windowMs }
}
