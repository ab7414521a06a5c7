// From what is kept of the rules of one target to a judgement of each. Pure.

import type { NamedPlacement } from '#domain/placements/placement.ts'
import type { Acceleration, RuleRun } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import type { RuleId } from '#kernel/id.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { Figures } from './figures.ts'
import { missedHours, type Gap } from './gaps.ts'
import { alertsPerDay, judge, type Facts } from './health.ts'
import type { Known } from './rule-store.ts'
import type { OwnMatches } from './probe.ts'
import { sumOf, type Counts, type Sample } from './sample.ts'
import { laggingOf } from './lagging.ts'
import { delayOf, flowOf, sourcesOf } from './sources.ts'
import type { Source, Watch } from './watch.ts'

/** As many days of samples are looked at. */
export const SAMPLES_JUDGED_DAYS = 30
const MISSED_DAYS = 7

/** What judging needs of the samples of one rule. */
export interface Digest {
  readonly day: Counts
  readonly month: Counts
  readonly oldest: Instant | null
  /** Of the last week, those in which it did not run. */
  readonly idle: readonly Sample[]
}

/** Of the last days, oldest first. */
export function digestOf(samples: readonly Sample[], now: Instant): Digest {
  return {
    day: sumOf(samples.filter(({ at }) => at > now - DAY)),
    month: sumOf(samples),
    oldest: samples[0]?.at ?? null,
    idle: samples.filter(({ at, ran }) => ran === 0 && at > now - MISSED_DAYS * DAY),
  }
}

export interface ToJudge {
  readonly now: Instant
  readonly target: Pick<Target, 'kind'>
  readonly watch: Watch
  /** In the same order as `rules`. */
  readonly placements: readonly NamedPlacement[]
  readonly rules: readonly Known[]
  /** By series. */
  readonly digests: ReadonlyMap<number, Digest>
  readonly gaps: readonly Gap[]
  readonly sources: readonly Source[]
  /** The target told everything that it holds, at this very look. */
  readonly isSchemaWhole: boolean
  /** Rules whose own tests pass. */
  readonly tested: ReadonlySet<RuleId>
  /** Alerts per day that a rule may make, where a budget is over it. */
  readonly budgets: ReadonlyMap<RuleId, number>
  /** What its own query found, of rules that were asked at this look. */
  readonly own: ReadonlyMap<RuleId, OwnMatches>
  readonly accelerations: readonly Acceleration[]
  /** By ref: what the target says of the last run. */
  readonly newest: ReadonlyMap<string, RuleRun>
}

export interface JudgedRule {
  readonly known: Known
  readonly missed: readonly Instant[]
}

export function judgeRules(given: ToJudge): readonly JudgedRule[] {
  const gaps = Map.groupBy(given.gaps, ({ series }) => series)
  const feeds = feedsOf(given)
  return given.rules.map((rule, at) =>
    judgeOne(given, rule, given.placements[at]!, {
      digest: given.digests.get(rule.series)!,
      gaps: gaps.get(rule.series) ?? [],
      feeds: feeds.get(rule.series) ?? null,
    }),
  )
}

interface Own {
  readonly digest: Digest
  readonly gaps: readonly Gap[]
  readonly feeds: Facts['feeds']
}

function judgeOne(given: ToJudge, rule: Known, placement: NamedPlacement, own: Own): JudgedRule {
  const { now, target, watch } = given
  const { outline } = rule
  const { oldest, idle } = own.digest
  const watchedFrom = oldest === null ? rule.watchedFrom : minOf(rule.watchedFrom, oldest)
  const missed = missedHours({
    samples: idle,
    since: maxOf(placement.since, addMs(now, -MISSED_DAYS * DAY)),
    now,
    everyMs: outline.everyMs,
    gaps: own.gaps,
  })
  const read = sourcesOf(target.kind, outline.reads, given.sources)
  const figures = figuresOf(given, rule, placement, { ...own, read, missed, watchedFrom })
  const judged = judge({
    now,
    placement: placement.state,
    away: watch.state === 'away' ? watch : undefined,
    watchedFrom,
    everyMs: outline.everyMs,
    windowMs: outline.windowMs,
    day: figures.day,
    month: figures.month,
    lastRunAt: figures.lastRunAt,
    lastError: figures.lastError,
    missedHours: missed.length,
    sources: read ?? null,
    ...whatIsGone(given, rule, read, figures.fields),
    ownMatches: figures.own !== null && figures.own.at > now - DAY ? figures.own.found : null,
    isTested: given.tested.has(rule.ruleId),
    delay: figures.delay,
    lagging: laggingOf(outline, given.accelerations, now),
    budgetPerDay: figures.budgetPerDay,
    feeds: own.feeds,
  })
  const since = judged.state === rule.state ? rule.since : now
  return { known: { ...rule, ...judged, since, judgedAt: now, watchedFrom, figures }, missed }
}

interface Seen extends Own {
  readonly read: readonly Source[] | undefined
  readonly missed: readonly Instant[]
  readonly watchedFrom: Instant
}

function figuresOf(
  { now, target, watch, newest, budgets, own }: ToJudge,
  { ruleId, outline, figures: before }: Known,
  { ref }: NamedPlacement,
  { digest: { day, month }, read, missed, watchedFrom }: Seen,
): Figures {
  const run = newest.get(ref)
  const columns = columnsOf(read)
  const had = new Set([...before.fields, ...outline.fields.filter((name) => columns.has(name))])
  return {
    day: withoutSandboxLag(target, day),
    month: withoutSandboxLag(target, month),
    perDay: alertsPerDay({ month, now, watchedFrom }),
    lastRunAt: run?.lastRunAt ?? before.lastRunAt,
    lastError: run === undefined ? before.lastError : run.lastError,
    budgetPerDay: budgets.get(ruleId) ?? null,
    missedHours: missed.length,
    delay: delayOf(read),
    sources: (read ?? []).map(({ name }) => name),
    flow: watch.state === 'away' ? 'unknown' : flowOf(read, now),
    fields: outline.fields.filter((name) => had.has(name)),
    own: own.get(ruleId) ?? before.own,
  }
}

/** Only an answer that names everything says that something is gone. */
function whatIsGone(
  { isSchemaWhole, sources }: ToJudge,
  rule: Known,
  read: readonly Source[] | undefined,
  fields: readonly string[],
): Pick<Facts, 'goneSources' | 'lostFields'> {
  if (!isSchemaWhole) return { goneSources: [], lostFields: [] }
  const columns = columnsOf(read)
  return {
    goneSources: read?.length === 0 && sources.length > 0 ? [sourceName(rule)] : [],
    lostFields: columns.size > 0 ? fields.filter((name) => !columns.has(name)) : [],
  }
}

function columnsOf(read: readonly Source[] | undefined): ReadonlySet<string> {
  return new Set((read ?? []).flatMap((source) => source.columns))
}

/** Events of samples are of long ago; that says nothing of how late a rule runs. */
function withoutSandboxLag({ kind }: Pick<Target, 'kind'>, counts: Counts): Counts {
  return kind === 'local' ? { ...counts, lagMs: null } : counts
}

function sourceName({ outline: { reads } }: Known): string {
  const { logSource, indexes, sourcetypes, tables } = reads
  const words = logSource
    ? Object.entries(logSource).map(([key, value]) => `${key} ${value}`)
    : [...tables, ...indexes, ...sourcetypes]
  return words.join(', ')
}

/** Who reads the matches of rules that make no alerts, by their series. */
function feedsOf({ rules, digests }: ToJudge): ReadonlyMap<number, NonNullable<Facts['feeds']>> {
  const readers = new Map<string, Known[]>()
  for (const rule of rules) {
    for (const name of rule.outline.refersTo) {
      readers.set(name, [...(readers.get(name) ?? []), rule])
    }
  }
  return new Map(
    rules.flatMap(({ series, outline }) => {
      const own = new Set(outline.names.flatMap((name) => readers.get(name) ?? []))
      const isFeed = outline.output === 'risk' || outline.output === 'building_block'
      if (!isFeed && own.size === 0) return []
      const { alerts } = sumOf([...own].map((reader) => digests.get(reader.series)!.month))
      // Risk is read by what sums it up, which names no rule.
      const count = outline.output === 'risk' && own.size === 0 ? null : own.size
      return [[series, { rules: count, alerts }] as const]
    }),
  )
}

const minOf = (a: Instant, b: Instant): Instant => (a < b ? a : b)
const maxOf = (a: Instant, b: Instant): Instant => (a > b ? a : b)
