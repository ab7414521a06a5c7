// What there is to search: index and source type, cheaply from the index itself, and for the busiest of
// them the fields of a few recent events.

import type { SchemaAnswer, SchemaTable } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { instant, SECOND, type Instant } from '#kernel/time.ts'
import type { SplunkClient } from './client.ts'
import { runOneshot } from './oneshot.ts'
import { quoted } from './query-text.ts'
import type { SplunkSettings } from './settings.ts'

const RANGE = '-24h'
const TABLES_MAX = 1_000
/** Looking at events costs more than looking at the index. */
const WITH_FIELDS_MAX = 20
const EVENTS_LOOKED_AT = 200
const FIELDS_MAX = 500

export async function readSchema(
  client: SplunkClient,
  settings: SplunkSettings,
  signal: AbortSignal,
): Promise<SchemaAnswer> {
  const { rows, warnings } = await runOneshot(
    client,
    settings,
    {
      search:
        '| tstats count max(_time) as last where index=* by index sourcetype | sort 0 - count',
      from: RANGE,
      to: 'now',
      rowsMax: TABLES_MAX,
      secondsMax: 60,
      what: 'the indexes and source types',
    },
    signal,
  )
  const tables: SchemaTable[] = []
  for (const [at, row] of rows.entries()) {
    const [index, sourcetype] = [row['index'], row['sourcetype']].map(textOf)
    if (index === undefined || sourcetype === undefined) continue
    const scope = `index=${word(index)} sourcetype=${word(sourcetype)}`
    const columns = at < WITH_FIELDS_MAX ? await fieldsOf(client, settings, scope, signal) : []
    tables.push({ name: scope, columns, lastSeenAt: instantOf(row['last']) })
  }
  const [missing] = warnings
  if (missing !== undefined) return { tables, completeness: { kind: 'partial', reason: missing } }
  if (rows.length < TABLES_MAX) return { tables, completeness: completenessOf(rows.length) }
  return { tables, completeness: { kind: 'truncated', limit: `${TABLES_MAX} source types` } }
}

function completenessOf(count: number): SchemaAnswer['completeness'] {
  if (count <= WITH_FIELDS_MAX) return { kind: 'complete' }
  const limit = `fields of the ${WITH_FIELDS_MAX} busiest source types`
  return { kind: 'truncated', limit }
}

async function fieldsOf(
  client: SplunkClient,
  settings: SplunkSettings,
  scope: string,
  signal: AbortSignal,
): Promise<SchemaTable['columns']> {
  const { rows } = await runOneshot(
    client,
    settings,
    {
      search: `search ${scope} | head ${EVENTS_LOOKED_AT} | fieldsummary maxvals=1 | fields field count numeric_count`,
      from: RANGE,
      to: 'now',
      rowsMax: FIELDS_MAX,
      secondsMax: 30,
      what: 'the fields of a source type',
    },
    signal,
  )
  return rows.flatMap((row) => {
    const name = textOf(row['field'])
    if (name === undefined) return []
    const isNumber = Number(row['count']) > 0 && row['count'] === row['numeric_count']
    return [{ name, type: isNumber ? 'number' : 'string' }]
  })
}

function word(text: string): string {
  return /^[\w:.-]+$/.test(text) ? text : quoted(text)
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function instantOf(value: Json | undefined): Instant | null {
  const seconds = Number(textOf(value))
  return Number.isFinite(seconds) && seconds > 0 ? instant(Math.round(seconds * SECOND)) : null
}
