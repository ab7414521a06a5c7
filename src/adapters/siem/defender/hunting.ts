// One call of advanced hunting: a query and a range of time, and rows by column. Values arrive as .NET
// writes them: booleans as signed bytes, dynamic values as JSON in a text.

import type { Json } from '#kernel/json.ts'
import { SECOND, type Instant } from '#kernel/time.ts'
import { readAs, type GraphClient } from './client.ts'
import { huntingAnswer } from './replies.ts'

/** What one call gives at most, whatever is found. */
export const CALL_ROWS_MAX = 100_000
/** Defender ends a query after so long by itself. */
const CALL_SECONDS_MAX = 600
/** For the way there and back. */
const MARGIN_SECONDS = 30

export interface HuntingTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly Json[])[]
}

export interface HuntingCall {
  readonly text: string
  readonly from: Instant
  readonly to: Instant
  /** How long to wait for an answer. */
  readonly seconds?: number
  /** `write` is sent once: a query that took ten minutes is not asked again by itself. */
  readonly effect?: 'read' | 'write'
  readonly what: string
}

export async function hunt(
  client: GraphClient,
  { text, from, to, seconds = CALL_SECONDS_MAX, effect = 'read', what }: HuntingCall,
  signal: AbortSignal,
): Promise<HuntingTable> {
  const reply = await client.send({
    method: 'POST',
    path: '/v1.0/security/runHuntingQuery',
    body: { Query: text, Timespan: `${written(from)}/${written(to)}` },
    effect,
    firstByteMs: (Math.min(seconds, CALL_SECONDS_MAX) + MARGIN_SECONDS) * SECOND,
    what,
    signal,
  })
  const { schema, results } = readAs(huntingAnswer, reply.body, what)
  const columns = schema.map(({ name, type }) => ({ name, type: typeOf(type) }))
  return {
    columns,
    rows: results.map((row) => columns.map(({ name, type }) => valueOf(row[name] ?? null, type))),
  }
}

export function written(at: Instant): string {
  return new Date(at).toISOString()
}

const TYPES: Readonly<Record<string, string>> = {
  boolean: 'bool',
  datetime: 'datetime',
  double: 'real',
  dynamic: 'dynamic',
  guid: 'guid',
  int32: 'int',
  int64: 'long',
  object: 'dynamic',
  sbyte: 'bool',
  sqldecimal: 'decimal',
  string: 'string',
  timespan: 'timespan',
}

/** Kusto's name of a type; one that is new stays as it came. */
function typeOf(type: string | null): string {
  if (type === null) return 'string'
  const name = type.replace(/^(?:System\.|Edm\.|#)/, '').toLowerCase()
  return TYPES[name] ?? name
}

function valueOf(value: Json, type: string): Json {
  if (type === 'bool') {
    if (value === 1 || value === '1') return true
    return value === 0 || value === '0' ? false : value
  }
  if (type !== 'dynamic' || typeof value !== 'string') return value
  try {
    return JSON.parse(value) as Json
  } catch {
    return value // a plain text in a dynamic column
  }
}
