// Which of the things that a target holds a rule reads, and whether events still come into them. Pure.

import type { SchemaAnswer, SiemKind } from '#domain/targets/port.ts'
import { readSource } from '#languages/events/source.ts'
import { agrees } from '#languages/sigma/match.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { isStopped, QUIET_UNKNOWN_MS, type Lateness } from './health.ts'
import type { Delay, Source } from './watch.ts'

/** As the rule or its query names it; nothing in any of them: it cannot be told. */
export interface Reads {
  readonly logSource: {
    readonly product?: string
    readonly category?: string
    readonly service?: string
  } | null
  readonly indexes: readonly string[]
  readonly sourcetypes: readonly string[]
  readonly tables: readonly string[]
}

/**
 * What is known of a target's sources after it told what it holds. What it no longer names stays, with
 * the last that was seen of it: an index without recent events is left out of some answers.
 */
export function updateSources(
  before: readonly Source[],
  answer: SchemaAnswer,
  {
    targetId,
    now,
    delays = new Map(),
  }: {
    readonly targetId: TargetId
    readonly now: Instant
    /** What was measured at this look. */
    readonly delays?: ReadonlyMap<string, Delay>
  },
): readonly Source[] {
  const known = new Map(before.map((source) => [source.name, source]))
  return answer.tables.map(({ name, columns, lastSeenAt }) => {
    const old = known.get(name)
    return {
      targetId,
      name,
      lastSeenAt: lastSeenAt ?? old?.lastSeenAt ?? null,
      seenAt: now,
      quietMs: quietOf(old, lastSeenAt, now),
      columns: columns.length > 0 ? columns.map((one) => one.name) : (old?.columns ?? []),
      delay: delays.get(name) ?? old?.delay ?? null,
    }
  })
}

/**
 * How long it may be silent: what it was at most before it came back, and while little is known a third
 * of a day. Shrinks slowly, so that one busy hour does not make a quiet night a finding.
 */
function quietOf(old: Source | undefined, lastSeenAt: Instant | null, now: Instant): number {
  if (old === undefined || old.lastSeenAt === null || lastSeenAt === null) {
    return old?.quietMs ?? QUIET_UNKNOWN_MS
  }
  if (lastSeenAt <= old.lastSeenAt) return old.quietMs
  const silent = Math.max(0, Math.min(lastSeenAt, now) - old.lastSeenAt)
  return Math.max(silent, Math.round(old.quietMs * 0.98))
}

/** Undefined where the rule does not say what it reads; empty where the target holds none of it. */
export function sourcesOf<Named extends Pick<Source, 'name'>>(
  kind: SiemKind,
  reads: Reads,
  sources: readonly Named[],
): readonly Named[] | undefined {
  const { logSource, indexes, sourcetypes, tables } = reads
  if (kind === 'local') {
    if (logSource === null) return undefined
    const wanted = { ...logSource, custom: {} }
    return sources.filter(({ name }) => {
      const source = readSource(name)
      return source !== undefined && agrees(wanted, source)
    })
  }
  if (kind === 'splunk') {
    if (indexes.length === 0 && sourcetypes.length === 0) return undefined
    return sources.filter(({ name }) => {
      const index = /index=("?)(.*?)\1 sourcetype=/.exec(name)?.[2] ?? ''
      const sourcetype = /sourcetype=("?)(.*)\1$/.exec(name)?.[2] ?? ''
      return isAmong(indexes, index) && isAmong(sourcetypes, sourcetype)
    })
  }
  const names = [...tables, ...indexes]
  return names.length === 0 ? undefined : sources.filter(({ name }) => isAmong(names, name))
}

/** Names may hold `*`; no names take everything. */
function isAmong(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.some((one) => fits(one.toLowerCase(), name.toLowerCase()))
}

/** In time linear in both: the pattern is of whoever wrote the rule. */
function fits(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(head)) return false
  const tail = rest.pop()!
  let at = head.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - tail.length >= at && text.endsWith(tail)
}

/** Stopped when all stopped: a rule over several still sees what comes into one of them. */
export function flowOf(
  sources: readonly Source[] | undefined,
  now: Instant,
): 'flowing' | 'stopped' | 'unknown' {
  if (sources === undefined || sources.length === 0) return 'unknown'
  if (sources.every((source) => isStopped(source, now))) return 'stopped'
  const isFresh = (source: Source) => source.lastSeenAt !== null && !isStopped(source, now)
  return sources.some(isFresh) ? 'flowing' : 'unknown'
}

/** The worst of what a rule reads; null where none of it was measured. */
export function delayOf(sources: readonly Source[] | undefined): Lateness | null {
  const measured = (sources ?? []).flatMap(({ delay }) => delay ?? [])
  const worst = (of: readonly (number | null)[]) => {
    const told = of.flatMap((ms) => ms ?? [])
    return told.length === 0 ? null : Math.max(...told)
  }
  const p95Ms = worst(measured.map((one) => one.p95Ms))
  return p95Ms === null ? null : { p95Ms, p99Ms: worst(measured.map((one) => one.p99Ms)) }
}
