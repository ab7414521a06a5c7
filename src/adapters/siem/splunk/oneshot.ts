// Small searches of the product's own: run and answered in one call, nothing left behind.

import type { Json } from '#kernel/json.ts'
import { SECOND } from '#kernel/time.ts'
import type { SplunkClient } from './client.ts'
import { tidy } from './failures.ts'
import { readAs, rows } from './replies.ts'
import type { SplunkSettings } from './settings.ts'

export interface Oneshot {
  /** Ready to be sent: begins with `search` or a pipe. */
  readonly search: string
  /** Epoch seconds, or Splunk's own words. */
  readonly from?: string
  readonly to?: string
  readonly rowsMax: number
  readonly secondsMax: number
  readonly what: string
}

export interface OneshotAnswer {
  readonly rows: readonly Readonly<Record<string, Json>>[]
  /** What Splunk says is missing. */
  readonly warnings: readonly string[]
}

export async function runOneshot(
  client: SplunkClient,
  { app }: SplunkSettings,
  { search, from, to, rowsMax, secondsMax, what }: Oneshot,
  signal: AbortSignal,
): Promise<OneshotAnswer> {
  const { hasV2 } = await client.version(signal)
  const reply = await client.send({
    method: 'POST',
    path: `/servicesNS/nobody/${encodeURIComponent(app)}/search/${hasV2 ? 'v2/' : ''}jobs`,
    form: {
      search,
      exec_mode: 'oneshot',
      output_mode: 'json_rows',
      count: String(rowsMax),
      max_count: String(rowsMax),
      max_time: String(secondsMax),
      ...(from !== undefined && { earliest_time: from }),
      ...(to !== undefined && { latest_time: to }),
    },
    what,
    firstByteMs: (secondsMax + 30) * SECOND,
    signal,
  })
  const read = readAs(rows, reply.body ?? { fields: [], rows: [] }, what)
  const names = read.fields.map((field) => (typeof field === 'string' ? field : field.name))
  return {
    rows: read.rows.map((row) =>
      Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])),
    ),
    warnings: read.messages
      .filter(({ type }) => /^(?:WARN|ERROR|FATAL)$/.test(type))
      .map(({ text }) => tidy(text)),
  }
}
