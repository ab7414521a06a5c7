// Rules deployed to the sandbox, as any SIEM has them: listed, read back, written once, with a number
// that grows with each write. They run by themselves: see run-rules.ts.

import type {
  ObservedRule,
  RuleBody,
  RuleRun,
  SiemAlerts,
  SiemHealth,
  SiemRules,
} from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { instant, SECOND, type Instant } from '#kernel/time.ts'
import { sigmaOf } from '#languages/rule-formats/write/local.ts'
import type { TaskLimits, Workers } from '#platform/worker.ts'
import { LocalRuleBody, noticesOf } from './rule-body.ts'
import type { RuleRow, RuleRunRow } from './rule-store.ts'
import {
  checkSigmaTask,
  findRuleTask,
  listAlertsMadeTask,
  listRulesTask,
  listRunsTask,
  removeRuleTask,
  saveRuleTask,
} from './tasks.ts'

interface Place {
  readonly workers: Workers
  readonly file: string
  readonly now: () => Instant
}

const within = (signal: AbortSignal): TaskLimits => ({ timeoutMs: 30 * SECOND, signal })

export function localRules({ workers, file, now }: Place): SiemRules {
  const find = async (ref: string, signal: AbortSignal) =>
    workers.run(findRuleTask, { file, ref }, within(signal))
  const save = async (
    rule: { readonly ref: string; readonly body: string; readonly isEnabled: number },
    etag: number,
    signal: AbortSignal,
  ) => {
    const write = { file, rule: { ...rule, changedAt: now() }, etag }
    const saved = await workers.run(saveRuleTask, write, within(signal))
    if (saved === null) throw new AppError('stale', 'The rule was changed meanwhile.')
    return observed(saved)
  }
  return {
    async list(signal) {
      const rows = await workers.run(listRulesTask, { file }, within(signal))
      return { rules: rows.map(observed), completeness: { kind: 'complete' } }
    },
    async read(ref, signal) {
      const row = await find(ref, signal)
      return row === undefined ? null : observed(row)
    },
    async put({ ref, body, replaces }, signal) {
      const own = readBody(body)
      const [problem] = await workers.run(checkSigmaTask, { text: sigmaOf(own) }, within(signal))
      if (problem) throw new AppError('invalid', `The rule cannot run here: ${problem.message}`)
      const isEnabled = (own.enabled ?? replaces?.isEnabled ?? true) ? 1 : 0
      return save({ ref, body: JSON.stringify(own), isEnabled }, etagOf(replaces), signal)
    },
    async remove(ref, replaces, signal) {
      const asked = { file, ref, etag: etagOf(replaces) }
      if (await workers.run(removeRuleTask, asked, within(signal))) return
      throw new AppError('stale', 'The rule was changed or removed meanwhile.')
    },
    async setEnabled(ref, isEnabled, signal) {
      const row = await find(ref, signal)
      if (row === undefined) throw new AppError('not_found', 'The rule is not there.')
      const own = { ...readBody(JSON.parse(row.body) as RuleBody), enabled: isEnabled }
      const write = { ref, body: JSON.stringify(own), isEnabled: isEnabled ? 1 : 0 }
      return save(write, row.etag, signal)
    },
    normalise: (body) => readBody(body) as RuleBody,
  }
}

function readBody(body: RuleBody): LocalRuleBody {
  const read = LocalRuleBody.safeParse(body)
  if (read.success) return read.data
  throw new AppError('invalid', 'A rule of the sandbox has a title and its Sigma.')
}

function etagOf(rule: ObservedRule | null): number {
  return rule === null ? 0 : Number(rule.etag)
}

function observed({ ref, body, isEnabled, etag, changedAt }: RuleRow): ObservedRule {
  const raw = JSON.parse(body) as Json
  const own = LocalRuleBody.parse(raw)
  return {
    ref,
    name: own.title,
    isEnabled: isEnabled === 1,
    raw,
    normalised: own as RuleBody,
    etag: String(etag),
    changedAt: instant(changedAt),
    changedBy: null,
    notices: noticesOf(own),
  }
}

export function localHealth({ workers, file }: Place): SiemHealth {
  return {
    async runs({ from, to }, signal) {
      const rows = await workers.run(listRunsTask, { file, from, to }, within(signal))
      const byRule = Map.groupBy(rows, ({ ref }) => ref)
      return {
        runs: [...byRule].map(([ref, own]) => runOf(ref, own)),
        completeness: { kind: 'complete' },
      }
    },
  }
}

export function localAlerts({ workers, file }: Place): SiemAlerts {
  return {
    async list({ from, to, limit }, signal) {
      const asked = { file, from, to, limit }
      const rows = await workers.run(listAlertsMadeTask, asked, within(signal))
      return {
        alerts: rows.map(({ ref, dedupKey, recordedAt }) => ({
          remoteId: dedupKey,
          ref,
          at: instant(recordedAt),
          disposition: null,
        })),
        completeness:
          rows.length < limit
            ? { kind: 'complete' }
            : { kind: 'truncated', limit: `${limit} alerts` },
      }
    },
  }
}

/** `rows` in the order of their times. */
function runOf(ref: string, rows: readonly RuleRunRow[]): RuleRun {
  const last = rows.at(-1)
  const sum = (of: (row: RuleRunRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  const lags = rows.flatMap(({ lagMs }) => lagMs ?? [])
  return {
    ref,
    ran: rows.length,
    failed: rows.filter(({ error }) => error !== null).length,
    skipped: 0,
    alerts: sum(({ alertCount }) => alertCount),
    latencyMs: rows.length === 0 ? null : Math.round(sum(({ tookMs }) => tookMs) / rows.length),
    lagMs: lags.length === 0 ? null : Math.max(...lags),
    lastRunAt: last ? instant(last.ranAt) : null,
    lastError: last?.error ?? null,
  }
}
