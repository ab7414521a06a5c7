// Alerts of analytics rules one by one, with the classification of the incident that they were closed with.
// An incident is classified as a whole, so each alert in it is. Both tables hold a row for each change.

import type { Completeness, Disposition, SiemAlert, SiemAlerts } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, parseInstant, type Instant } from '#kernel/time.ts'
import type { Logs } from './logs.ts'

const OF_RULES = `SecurityAlert
| where ProviderName in ("ASI Scheduled Alerts", "ASI NRT Alerts")`

const BY_RULE = `| extend RuleIds = parse_json(tostring(parse_json(ExtendedProperties)["Analytic Rule Ids"]))
| mv-expand RuleIds
| extend RuleId = tostring(RuleIds)
| where isnotempty(RuleId)
| summarize Made = min(TimeGenerated) by SystemAlertId, RuleId`

const DECIDED = `SecurityIncident
| summarize arg_max(TimeGenerated, Status, Classification, AlertIds) by IncidentNumber
| where Status == "Closed" and isnotempty(Classification)
| mv-expand AlertId = AlertIds
| project AlertId = tostring(AlertId), Classification, TimeGenerated`

/** What is decided later than that after an alert is not asked for. */
const DECIDED_WITHIN_DAYS = 30
const IDS_AT_ONCE = 500
const SECONDS_MAX = 120

interface Range {
  readonly from: Instant
  readonly to: Instant
  readonly limit: number
}

export function openAlerts(logs: Logs): SiemAlerts {
  return {
    async list(range, signal) {
      const top = (column: string) => `| top ${range.limit + 1} by ${column} desc`
      const made = await ask(logs, `${OF_RULES}\n${BY_RULE}\n${top('Made')}`, range, signal)
      const decided = await ask(logs, `${DECIDED}\n${top('TimeGenerated')}`, range, signal)
      const dispositions = new Map(
        decided.rows.map(([id, said]) => [textIn(id), DISPOSITION_OF.get(textIn(said))] as const),
      )
      const known = new Set(made.rows.map(([id]) => textIn(id)))
      const older = [...dispositions.keys()].filter((id) => !known.has(id))
      const found = [...made.rows, ...(await whichAre(logs, older, range, signal))]
      return {
        alerts: found.flatMap((row) => alertOf(row, dispositions)).toSorted((a, b) => b.at - a.at),
        completeness: together([made, decided], range.limit),
      }
    },
  }
}

/** The rules and times of alerts that were made before the range and decided within it. */
async function whichAre(
  logs: Logs,
  ids: readonly string[],
  { from, to, limit }: Range,
  signal: AbortSignal,
): Promise<Table['rows']> {
  const rows: (readonly Json[])[] = []
  const range = { from: addMs(from, -DECIDED_WITHIN_DAYS * DAY), to, limit }
  // They go into the query: nothing but an id may.
  const safe = ids.filter((id) => /^[\w-]{1,100}$/.test(id))
  for (let at = 0; at < safe.length; at += IDS_AT_ONCE) {
    const list = safe.slice(at, at + IDS_AT_ONCE).map((id) => `"${id}"`)
    const text = `${OF_RULES}\n| where SystemAlertId in (${list.join(', ')})\n${BY_RULE}`
    rows.push(...(await ask(logs, text, range, signal)).rows)
  }
  return rows
}

interface Table {
  readonly rows: readonly (readonly Json[])[]
  readonly completeness: Completeness
}

/** A workspace without the table holds nothing of it, and that is said. */
async function ask(logs: Logs, text: string, range: Range, signal: AbortSignal): Promise<Table> {
  try {
    const what = 'alerts with what was decided about them'
    return await logs.ask({ text, range, secondsMax: SECONDS_MAX, what, signal })
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'invalid')) throw error
    const table = text.slice(0, text.indexOf('\n'))
    return { rows: [], completeness: { kind: 'partial', reason: `The workspace has no ${table}.` } }
  }
}

function alertOf(
  [remoteId, ref, made]: readonly Json[],
  dispositions: ReadonlyMap<string, Disposition | undefined>,
): readonly SiemAlert[] {
  const at = parseInstant(textIn(made))
  if (at === undefined) return []
  const id = textIn(remoteId)
  return [{ remoteId: id, ref: textIn(ref), at, disposition: dispositions.get(id) ?? null }]
}

function together(tables: readonly Table[], limit: number): Completeness {
  const lacking = tables.find(({ completeness }) => completeness.kind !== 'complete')
  if (lacking !== undefined) return lacking.completeness
  const isCut = tables.some(({ rows }) => rows.length > limit)
  return isCut
    ? { kind: 'truncated', limit: `${limit.toLocaleString('en')} alerts` }
    : { kind: 'complete' }
}

const DISPOSITION_OF: ReadonlyMap<string, Disposition> = new Map([
  ['TruePositive', 'true_positive'],
  ['BenignPositive', 'benign_true_positive'],
  ['FalsePositive', 'false_positive'],
  ['Undetermined', 'undetermined'],
])

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
