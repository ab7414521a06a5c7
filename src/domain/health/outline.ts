// What judging needs to know of a rule as it stands somewhere: how often it runs, how far back it looks,
// what it reads and whether it makes alerts. Read once for each version and kept. Loaded by the job that
// looks, because it brings the reader of rules along.

import { readObserved } from '#languages/rule-formats/observed/observed.ts'
import { nextSlot } from '#platform/jobs/schedule.ts'
import { readRuleText, type RuleContent } from '#domain/rules/content.ts'
import { readUses } from '#domain/rules/mappings/survey-task.ts'
import { getVersion } from '#domain/rules/reading.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { readQuery } from '#domain/queries/actions.ts'
import type { QueryLanguage, TimeBounds } from '#languages/query.ts'
import { DAY, HOUR, instant, MINUTE, parseDuration } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Reads } from './sources.ts'

export interface Outline {
  /** Digest of the body that it was read of. */
  readonly hash: string
  readonly everyMs: number
  /** Null: each run sees whatever came in since the last. */
  readonly windowMs: number | null
  /** What its matches become: those of `risk` and `building_block` are for other rules. */
  readonly output: RuleContent['output']['kind']
  /** What other rules may call it by. */
  readonly names: readonly string[]
  /** Rules that it builds on, as written. */
  readonly refersTo: readonly string[]
  readonly reads: Reads
  readonly fields: readonly string[]
  /** Data models that it reads by their summaries. */
  readonly models: readonly string[]
  /** What stands there, for asking the target; null where that cannot be told. */
  readonly query: { readonly language: QueryLanguage | 'sigma'; readonly text: string } | null
}

const EVERY_USUAL_MS = HOUR
/** As the writers assume where a rule does not say how far it looks back. */
const BEYOND_USUAL_MS = 10 * MINUTE

interface Read extends Pick<Outline, 'reads' | 'fields' | 'models'> {
  /** Which time of an event its query bounds. */
  readonly basis: TimeBounds['basis']
}

/** Counted up when an outline tells more: those that are kept are read again. */
const FORM = 2

/** Of what an outline was read of: the body that stands there. */
export function outlineMark({ hash }: Pick<NamedPlacement, 'hash'>): string {
  return `${FORM} ${hash}`
}

/** Of the version that stands there. */
export async function outlineOf(
  house: House,
  caller: Caller,
  placement: NamedPlacement,
): Promise<Outline> {
  const { ruleId, version, kind } = placement
  const { text } = await getVersion(house, caller, ruleId, version)
  const { value: content } = readRuleText(text)
  const query = queryOf(placement)
  const read: Read = { reads: NOTHING, fields: [], models: [], basis: null }
  if (kind === 'local') Object.assign(read, await readsOfSigma(house, text))
  else if (query !== null) Object.assign(read, await readsOfQuery(house, query))
  const everyMs = everyOf(content)
  const window = parseDuration(content?.schedule?.window ?? '')
  const { basis, ...known } = read
  return {
    ...known,
    hash: outlineMark(placement),
    everyMs,
    // The sandbox shows each rule every event once, as does what asks by the time of coming in.
    windowMs:
      kind === 'local' || basis === 'ingest' || isByIngest(placement)
        ? null
        : (window ?? everyMs + BEYOND_USUAL_MS),
    output: content?.output.kind ?? 'alert',
    names: [ruleId, ...[content?.sigmaId, content?.name].flatMap((name) => name ?? [])],
    refersTo: content?.refersTo ?? [],
    query,
  }
}

const NOTHING: Reads = { logSource: null, indexes: [], sourcetypes: [], tables: [] }

function everyOf(content: RuleContent | undefined): number {
  const { every, cron } = content?.schedule ?? {}
  if (cron === undefined) return parseDuration(every ?? '') ?? EVERY_USUAL_MS
  try {
    const timetable = { cron, timeZone: 'UTC' }
    const first = nextSlot(timetable, instant(0))
    return Math.min(DAY, nextSlot(timetable, first) - first)
  } catch {
    // No pattern that ever comes: the linter told.
    return EVERY_USUAL_MS
  }
}

/** What the vendor runs by the time of coming in, whatever the query says. */
function isByIngest({ kind, body }: NamedPlacement): boolean {
  if (kind === 'sentinel') return body['kind'] === 'NRT'
  return kind === 'elastic' && body['timestamp_override'] === 'event.ingested'
}

function queryOf({ kind, ref, ruleTitle: name, raw, body }: NamedPlacement): Outline['query'] {
  if (kind !== 'local') return readObserved(kind, { ref, name, raw, body }).query
  const { rule, others } = body
  if (typeof rule !== 'string') return null
  const more = Array.isArray(others) ? others.filter((one) => typeof one === 'string') : []
  return { language: 'sigma', text: [rule, ...more].join('\n---\n') }
}

async function readsOfSigma(house: House, text: string) {
  const asked = { texts: [text], kind: 'local' as const }
  const [use] = await house.workers.run(readUses, asked, { timeoutMs: 30_000 })
  if (use === null || use === undefined) return {}
  const { fields, logsource } = use
  const isNamed = Object.keys(logsource).length > 0
  return { fields, reads: { ...NOTHING, logSource: isNamed ? logsource : null } }
}

async function readsOfQuery(house: House, query: NonNullable<Outline['query']>) {
  if (query.language === 'sigma') return {}
  const { facts } = await readQuery(house.workers, { language: query.language, text: query.text })
  if (facts === null) return {}
  const named = (kind: string) => [
    ...new Set(facts.sources.filter((one) => one.kind === kind).map(({ name }) => name)),
  ]
  const reads: Reads = {
    logSource: null,
    indexes: named('index'),
    sourcetypes: named('sourcetype'),
    tables: named('table'),
  }
  const asksSummaries = facts.commands.some(({ name }) => name.toLowerCase() === 'tstats')
  return {
    reads,
    fields: [...new Set(facts.fields.map(({ name }) => name))],
    models: asksSummaries ? named('datamodel').map((name) => name.split('.', 1)[0]!) : [],
    basis: facts.time.basis,
  }
}
