// Asking a target: what it tells of its rules since it was asked last, what it holds, which alerts were
// made. Nothing is written there.

import { readSchema } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type {
  Acceleration,
  Completeness,
  RuleRun,
  SchemaAnswer,
  SiemAlerts,
  SiemPort,
} from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import { addMs, DAY, HOUR, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { bucketsToAsk, NOTHING_TOLD, type Bucket, type Counts } from './sample.ts'
import { withFreshness } from './freshness.ts'
import { probeRules, type OwnMatches } from './probe.ts'
import { measureDelays } from './delays.ts'
import type { Outline } from './outline.ts'
import type { Known } from './rule-store.ts'
import type { Delay, Source, Watch } from './watch.ts'
import type { RuleId } from '#kernel/id.ts'

export interface Told {
  readonly bucket: Bucket
  readonly byRef: ReadonlyMap<string, RuleRun>
  readonly completeness: Completeness
  /** What it says of a rule that it does not name. */
  readonly otherwise: Counts
}

export interface Heard {
  readonly told: readonly Told[]
  readonly schema: SchemaAnswer | undefined
  readonly alerts: Alerts
  /** How late events come in, of what was measured at this look. */
  readonly delays: ReadonlyMap<string, Delay>
  /** Empty where no rule there reads one. */
  readonly accelerations: readonly Acceleration[]
  /** What its own query found, of rules that do not fire. */
  readonly own: ReadonlyMap<RuleId, OwnMatches>
}

type Alerts = Awaited<ReturnType<SiemAlerts['list']>>

interface Before {
  readonly watch: Watch | undefined
  readonly known: readonly Known[]
  readonly sources: readonly Source[]
}

/** What the target says, or why it does not. */
export async function listen(
  house: House,
  caller: Caller,
  target: Target,
  { watch: before, known, sources }: Before,
  signal: AbortSignal,
): Promise<Heard | AppError> {
  try {
    const port = await connectTarget(house, caller, target, { purpose: 'read' })
    const told: Told[] = []
    for (const bucket of bucketsToAsk(before?.sampledUntil ?? null, caller.now)) {
      signal.throwIfAborted()
      told.push(await askBucket(port, bucket, signal))
    }
    const schema = await whatItHolds(house, caller, { target, port, known }, signal)
    const outlines = known.map(({ outline }) => outline)
    const { now } = caller
    return {
      told,
      schema,
      delays: schema
        ? await measureDelays(house, port, { schema, outlines, sources, now }, signal)
        : new Map(),
      accelerations: await accelerationsOf(port, outlines, signal),
      own: await probeRules(house, port, { known, now: caller.now }, signal),
      alerts: await alertsOf(port, before, caller.now, signal),
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) return error
    throw error
  }
}

async function askBucket(port: SiemPort, bucket: Bucket, signal: AbortSignal): Promise<Told> {
  if (port.health === undefined) {
    const completeness = { kind: 'partial', reason: 'This kind does not tell.' } as const
    return { bucket, byRef: new Map(), completeness, otherwise: NOTHING_TOLD }
  }
  const { runs, completeness } = await port.health.runs(bucket, signal)
  const tellsRuns = runs.length === 0 || runs.some(({ ran }) => ran !== null)
  const isTold = completeness.kind === 'complete' && tellsRuns
  return {
    bucket,
    byRef: new Map(runs.map((run) => [run.ref, run])),
    completeness,
    // A whole answer that does not name a rule says that it did not run.
    otherwise: isTold
      ? { ...NOTHING_TOLD, ran: 0, failed: 0, skipped: 0, alerts: 0 }
      : NOTHING_TOLD,
  }
}

interface Asked {
  readonly target: Target
  readonly port: SiemPort
  readonly known: readonly Known[]
}

/** The sandbox is asked each time; others are asked by their check, which knows when that is due. */
async function whatItHolds(
  house: House,
  caller: Caller,
  { target, port, known }: Asked,
  signal: AbortSignal,
): Promise<SchemaAnswer | undefined> {
  if (target.kind === 'local') return port.schema(signal)
  const schema = (await readSchema(house, caller, target.id))?.answer
  if (schema === undefined) return undefined
  const outlines = known.map(({ outline }) => outline)
  return withFreshness(house, port, schema, { outlines, now: caller.now }, signal)
}

/** What is not told is no finding, and stops nothing. */
async function accelerationsOf(
  { health }: SiemPort,
  outlines: readonly Outline[],
  signal: AbortSignal,
): Promise<readonly Acceleration[]> {
  const isRead = outlines.some(({ models }) => (models ?? []).length > 0)
  if (!isRead || health?.accelerations === undefined) return []
  try {
    return await health.accelerations(signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) return []
    throw error
  }
}

const ALERTS_MAX = 1_000

/** Since the last look and a little before it: decisions come later than alerts. */
async function alertsOf(
  port: SiemPort,
  before: Watch | undefined,
  now: Instant,
  signal: AbortSignal,
): Promise<Alerts> {
  if (port.alerts === undefined) return { alerts: [], completeness: { kind: 'complete' } }
  const from = addMs(before?.sampledUntil ?? now, -(before?.sampledUntil ? HOUR : 7 * DAY))
  try {
    return await port.alerts.list({ from, to: now, limit: ALERTS_MAX }, signal)
  } catch (error) {
    signal.throwIfAborted()
    // It told how rules run: that the list is closed to us does not make it a target that is away.
    if (!(error instanceof AppError)) throw error
    const reason = `Its alerts are not told: ${error.message}`
    return { alerts: [], completeness: { kind: 'partial', reason } }
  }
}

/** What the newest part of the answer says of the last run of each. */
export function newestRuns(told: readonly Told[]): ReadonlyMap<string, RuleRun> {
  const newest = new Map<string, RuleRun>()
  for (const { byRef } of told) {
    for (const [ref, run] of byRef) {
      if (run.lastRunAt !== null || run.lastError !== null || !newest.has(ref)) newest.set(ref, run)
    }
  }
  return newest
}
