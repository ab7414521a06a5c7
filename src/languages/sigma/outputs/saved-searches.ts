// Splunk's savedsearches.conf: a stanza for each query, scheduled and alerting when it finds anything.

import { DAY, HOUR, MINUTE } from '#kernel/time.ts'
import { DOOR_NAMES, writeSplunk } from '#languages/rule-formats/write/splunk.ts'
import type { Output, Schedule } from './output.ts'
import { bodiesOf, type VendorFile, type WrittenOutput } from './written.ts'

export function savedSearches(outputs: readonly Output[]): VendorFile {
  const { written, problems } = bodiesOf(outputs, { language: 'spl', write: writeSplunk, fit })
  return { text: written.map(stanza).join('\n\n'), problems }
}

/** The file calls some fields otherwise than the door. */
const FILE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(DOOR_NAMES).map(([file, door]) => [door, file]),
)
/** What people read first stands first. */
const FIRST = ['description', 'search', 'is_scheduled', 'cron_schedule']

function stanza({ output, body }: WrittenOutput): string {
  const rest = Object.keys(body).filter((key) => !FIRST.includes(key) && key !== 'disabled')
  const lines = [...FIRST, ...rest].flatMap((key) => {
    const value = body[key]
    if (typeof value !== 'string' || value === '') return []
    return [`${FILE_NAMES.get(key) ?? key} = ${oneValue(value)}`]
  })
  return [`[${nameOf(output.title)}]`, ...lines].join('\n')
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
function fit({ everyMs, windowMs }: Schedule): Schedule {
  const minutes = Math.max(1, Math.floor(everyMs / MINUTE))
  const hours = Math.floor(minutes / 60)
  const every =
    minutes < 60 ? divisorOf(60, minutes) * MINUTE : hours < 24 ? divisorOf(24, hours) * HOUR : DAY
  return { everyMs: every, windowMs }
}

/** The largest number up to `most` that divides the whole: cron starts anew with each hour and day. */
function divisorOf(whole: number, most: number): number {
  let divisor = most
  while (whole % divisor !== 0) divisor--
  return divisor
}
