// Splunk's savedsearches.conf: a stanza for each query, scheduled and alerting when it finds anything.

import { MINUTE } from '#kernel/time.ts'
import type { Output, Schedule } from './output.ts'

/** Splunk's own scale of one to six. */
const SEVERITIES: Readonly<Record<string, number>> = {
  informational: 2,
  low: 3,
  medium: 4,
  high: 5,
  critical: 6,
}

export function savedSearches(outputs: readonly Output[]): string {
  return outputs.map(stanza).join('\n\n')
}

function stanza({ title, rule, query, schedule }: Output): string {
  const minutes = Math.ceil(schedule.windowMs / MINUTE)
  const settings = [
    ['description', rule.description ?? ''],
    ['search', query],
    ['enableSched', '1'],
    ['cron_schedule', cronOf(schedule)],
    ['dispatch.earliest_time', `-${minutes}m@m`],
    ['dispatch.latest_time', '@m'],
    ['alert_type', 'number of events'],
    ['alert_comparator', 'greater than'],
    ['alert_threshold', '0'],
    ['alert.track', '1'],
    ['alert.severity', String(SEVERITIES[rule.level ?? 'medium'] ?? 4)],
  ] as const
  const lines = settings.flatMap(([key, value]) =>
    value === '' ? [] : [`${key} = ${oneValue(value)}`],
  )
  return [`[${nameOf(title)}]`, ...lines].join('\n')
}

/** A name ends at its bracket, a value at its line unless a backslash stands before the break. */
function nameOf(title: string): string {
  return title.replaceAll(/[[\]]/g, '').replaceAll(/\s+/g, ' ').trim()
}

function oneValue(value: string): string {
  const lines = value.trim().split(/\r?\n/)
  // A line of its own that ends in a backslash would take the next one in; a space parts them.
  return lines.map((line) => (line.endsWith('\\') ? `${line} ` : line)).join(' \\\n')
}

/** The nearest schedule cron can say that is not less often. */
function cronOf({ everyMs }: Schedule): string {
  const minutes = Math.max(1, Math.floor(everyMs / MINUTE))
  if (minutes < 60) return `*/${divisorOf(60, minutes)} * * * *`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `0 */${divisorOf(24, hours)} * * *` : '0 0 * * *'
}

/** The largest number up to `most` that divides the whole: cron starts anew with each hour and day. */
function divisorOf(whole: number, most: number): number {
  let divisor = most
  while (whole % divisor !== 0) divisor--
  return divisor
}
