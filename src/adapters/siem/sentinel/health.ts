// How rules fared: their runs from SentinelHealth, which somebody has to turn on, and their alerts from
// SecurityAlert. What a table does not tell is unknown, never zero.

import type { Completeness, RuleRun, SiemHealth } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { parseInstant } from '#kernel/time.ts'
import type { Logs, LogsAnswer } from './logs.ts'

const RUNS = `SentinelHealth
| where SentinelResourceType == "Analytics Rule" and OperationName endswith "analytics rule run"
| summarize Ran = count(), Failed = countif(Status == "Failure"), arg_max(TimeGenerated, Status, Reason, Description) by SentinelResourceId`

// An alert is written again whenever it changes.
const ALERTS = `SecurityAlert
| where ProviderName in ("ASI Scheduled Alerts", "ASI NRT Alerts")
| extend RuleIds = parse_json(tostring(parse_json(ExtendedProperties)["Analytic Rule Ids"]))
| mv-expand RuleIds
| extend RuleId = tostring(RuleIds)
| distinct SystemAlertId, RuleId
| summarize Alerts = count() by RuleId`

export function openHealth(logs: Logs): SiemHealth {
  return {
    async runs(range, signal) {
      const ask = (text: string, what: string) =>
        askTable(logs, { text, range, secondsMax: 120, what, signal })
      const ran = await ask(RUNS, 'the runs of rules')
      const alerted = await ask(ALERTS, 'the alerts of rules')
      const alerts = new Map(
        (alerted?.rows ?? []).map((row) => [lower(row['RuleId']), numberIn(row['Alerts'])]),
      )
      const unseen = new Set(alerts.keys())
      const runs = (ran?.rows ?? []).flatMap((row): RuleRun[] => {
        const ref = /\/alertRules\/([^/]+)$/i.exec(textIn(row['SentinelResourceId']))?.[1]
        if (ref === undefined) return []
        unseen.delete(ref.toLowerCase())
        return [runOf(ref, row, alerted && (alerts.get(ref.toLowerCase()) ?? 0))]
      })
      const others = [...unseen].filter((ref) => ref !== '')
      return {
        runs: [...runs, ...others.map((ref) => ({ ...UNKNOWN, ref, alerts: alerts.get(ref)! }))],
        completeness: worst(ran, alerted),
      }
    },
  }
}

const UNKNOWN = {
  ran: null,
  failed: null,
  skipped: null,
  latencyMs: null,
  lagMs: null,
  lastRunAt: null,
  lastError: null,
} as const

interface Table {
  readonly rows: readonly Readonly<Record<string, Json>>[]
  readonly completeness: Completeness
}

/** null: the workspace does not have the table. */
async function askTable(logs: Logs, question: Parameters<Logs['ask']>[0]): Promise<Table | null> {
  try {
    const { columns, rows, completeness } = await logs.ask(question)
    return { rows: rows.map((row) => recordOf(columns, row)), completeness }
  } catch (error) {
    const isMissing = error instanceof AppError && error.code === 'invalid'
    if (isMissing) return null
    throw error
  }
}

function recordOf(
  columns: LogsAnswer['columns'],
  row: readonly Json[],
): Readonly<Record<string, Json>> {
  return Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null]))
}

function runOf(ref: string, row: Readonly<Record<string, Json>>, alerts: number | null): RuleRun {
  const isFine = textIn(row['Status']) === 'Success'
  const said = textIn(row['Reason']) || textIn(row['Description'])
  return {
    ...UNKNOWN,
    ref,
    ran: numberIn(row['Ran']),
    failed: numberIn(row['Failed']),
    alerts,
    lastRunAt: parseInstant(textIn(row['TimeGenerated'])) ?? null,
    lastError: isFine || said === '' ? null : said,
  }
}

function worst(ran: Table | null, alerted: Table | null): Completeness {
  if (ran === null || ran.rows.length === 0) {
    const reason =
      'SentinelHealth tells of no run: health monitoring is off in the settings of Sentinel, or no rule has run.'
    return { kind: 'partial', reason }
  }
  if (alerted === null) return { kind: 'partial', reason: 'The workspace has no SecurityAlert.' }
  return ran.completeness.kind === 'complete' ? alerted.completeness : ran.completeness
}

function numberIn(value: Json | undefined): number | null {
  const number = Number(value ?? Number.NaN)
  return Number.isFinite(number) ? number : null
}

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function lower(value: Json | undefined): string {
  return textIn(value).toLowerCase()
}
