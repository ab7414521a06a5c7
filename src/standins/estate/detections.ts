// The families of families.ts, one by one, and how each is written down as a query: in a vendor's own
// names, which are those of our pipelines, and as people write queries, not as our compiler does.

import type { SourceRow } from '#languages/sigma/pipelines/sources.ts'
import { LOGS, type Family, type Log, type Way } from './families.ts'
import { OTHER_FAMILIES } from './other-families.ts'
import { PROCESS_FAMILIES } from './process-families.ts'

export interface Detection {
  /** `Memory of LSASS written by ProcDump`. */
  readonly name: string
  readonly family: Family
  readonly log: Log
  readonly tests: readonly (readonly [field: string, way: Way, value: string])[]
}

export function listDetections(): readonly Detection[] {
  return [...PROCESS_FAMILIES, ...OTHER_FAMILIES].flatMap((family) => {
    const log: Log = LOGS[family.log]
    return family.variations.map(([name, ...values]) => ({
      name: `${family.of} ${name}`,
      family,
      log,
      tests: log.fields.map(([field, way], at) => [field, way, values[at]!] as const),
    }))
  })
}

/** A number below `below` that a text always gets again: what differs differs as if by chance. */
export function rollOf(text: string, below: number): number {
  let hash = 0x81_1c_9d_c5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93)
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % below
}

export function oneOf<T>(from: readonly T[], text: string): T {
  return from[rollOf(text, from.length)]!
}

/** Of version 4 by its looks; the same for the same name. */
export function uuidOf(name: string): string {
  const hex = [0, 1, 2, 3].map((part) =>
    rollOf(`${part} ${name}`, 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  )
  const text = hex.join('')
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-8${text.slice(17, 20)}-${text.slice(20)}`
}

/** Where a vendor keeps the log; undefined: nowhere. */
export function placeOf(rows: readonly SourceRow[], { logsource }: Log): SourceRow | undefined {
  const keys = Object.entries(logsource)
  return rows.find(({ when }) =>
    when.some(
      (one) =>
        Object.keys(one).length === keys.length &&
        keys.every(([key, value]) => one[key as keyof typeof one] === value),
    ),
  )
}

/** `bag(EventData).Image`, or the name itself where the vendor has no other. */
export function columnOf({ fields = {}, same, restPrefix }: SourceRow, field: string): string {
  const mapped = fields[field]
  if (mapped !== undefined) return typeof mapped === 'object' ? mapped[0]! : mapped
  return same?.includes(field) || restPrefix === undefined ? field : `${restPrefix}${field}`
}

// ── Splunk ───────────────────────────────────────────────────────────────────────────────────────

/** The search before its first pipe, without an index. */
export function splFilter(row: SourceRow, { tests }: Detection): string {
  const marks = Object.entries(row.where ?? {}).map(([name, value]) => {
    const one: unknown = Array.isArray(value) ? value.at(-1) : value
    return typeof one === 'number' ? `${name}=${one}` : `${name}="${String(one)}"`
  })
  const asked = tests.map(([field, way, value]) => {
    const text = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
    return `${columnOf(row, field)}="${way === 'is' ? text : way === 'ends' ? `*${text}` : `*${text}*`}"`
  })
  return [...marks, ...asked].join(' ')
}

// ── Kusto ────────────────────────────────────────────────────────────────────────────────────────

export function kustoColumn(row: SourceRow, field: string): string {
  const column = columnOf(row, field)
  const [, kind, name = '', path = ''] = /^(bag|json|xml)\((\w+)\)\.(.+)$/.exec(column) ?? []
  if (kind === 'bag') return `tostring(${name}.${path})`
  if (kind === 'json') return `tostring(parse_json(${name}).${path})`
  if (kind === 'xml') return `extract('Name="${path}">([^<]*)', 1, ${name})`
  return column
}

/** A table and what is asked of it, to be gone on with. */
export function kustoFilter(row: SourceRow, { tests }: Detection): string {
  const marks = Object.entries(row.where ?? {}).map(([name, value]) => {
    const one: unknown = Array.isArray(value) ? value[0] : value
    return `${name} == ${typeof one === 'number' ? one : JSON.stringify(one)}`
  })
  const asked = tests.map(([field, way, value]) => {
    const isNumber = way === 'is' && /^(?:EventID|ResultType|ErrorCode)$/.test(columnOf(row, field))
    const word = way === 'is' ? '==' : way === 'ends' ? 'endswith' : 'contains'
    const isText = !isNumber || columnOf(row, field) === 'ResultType'
    return `${kustoColumn(row, field)} ${word} ${isText ? JSON.stringify(value) : value}`
  })
  const table = String(row.state?.['query_table'])
  return [table, ...[...marks, ...asked].map((one) => `| where ${one}`)].join('\n')
}

// ── Elastic ──────────────────────────────────────────────────────────────────────────────────────

/** In Kibana's own language; Lucene reads it, too. */
export function kueryFilter(row: SourceRow, { tests }: Detection): string {
  const escape = (text: string) => text.replaceAll(/[\\():<>"*]/g, '\\$&')
  const marks = Object.entries(row.where ?? {}).map(([name, value]) => {
    const all = [value].flat().map((one) => JSON.stringify(one))
    return `${name}:${all.length === 1 ? all[0] : `(${all.join(' or ')})`}`
  })
  const asked = tests.map(([field, way, value]) => {
    const text = escape(value)
    const pattern = way === 'is' ? JSON.stringify(value) : way === 'ends' ? `*${text}` : `*${text}*`
    return `${columnOf(row, field)}:${pattern}`
  })
  return [...marks, ...asked].join(' and ')
}

export function esqlFilter(row: SourceRow, { tests }: Detection): string {
  const marks = Object.entries(row.where ?? {}).map(([name, value]) => {
    const all = [value].flat().map((one) => JSON.stringify(one))
    return all.length === 1 ? `${name} == ${all[0]}` : `${name} IN (${all.join(', ')})`
  })
  const asked = tests.map(([field, way, value]) => {
    const column = columnOf(row, field)
    if (way === 'is') return `${column} == ${JSON.stringify(value)}`
    const pattern = value.replaceAll('\\', '\\\\')
    return `${column} LIKE ${JSON.stringify(way === 'ends' ? `*${pattern}` : `*${pattern}*`)}`
  })
  const indexes = (row.state!['index'] as readonly string[]).join(', ')
  return [
    `FROM ${indexes} METADATA _id, _index, _version`,
    `| WHERE ${[...marks, ...asked].join(' AND ')}`,
  ].join('\n')
}

/** Of any kind of event: what marks them is among the tests. */
export function eqlFilter(row: SourceRow, { tests }: Detection): string {
  const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  const marks = Object.entries(row.where ?? {}).map(([name, value]) => {
    const all = [value].flat().map((one) => quoted(String(one)))
    return all.length === 1 ? `${name} == ${all[0]}` : `${name} in (${all.join(', ')})`
  })
  const asked = tests.map(([field, way, value]) => {
    const pattern = way === 'is' ? value : way === 'ends' ? `*${value}` : `*${value}*`
    return `${columnOf(row, field)} : ${quoted(pattern)}`
  })
  return `any where ${[...marks, ...asked].join(' and ')}`
}

// ── Sigma ────────────────────────────────────────────────────────────────────────────────────────

/** OpenSearch keeps rules as Sigma; its own tags come first. */
export function sigmaText(detection: Detection, author: string, id: string): string {
  const { name, family, log, tests } = detection
  const modifier = { is: '', ends: '|endswith', has: '|contains' }
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  return [
    `title: ${quoted(name)}`,
    `id: ${id}`,
    `description: ${quoted(`Kept by ${author} since the laboratory has its own cluster.`)}`,
    'status: test',
    `author: ${author}`,
    'date: 2025/03/14',
    'references: []',
    'tags:',
    `  - attack.${family.technique.toLowerCase()}`,
    'logsource:',
    ...Object.entries(log.logsource).map(([key, value]) => `  ${key}: ${value}`),
    'detection:',
    '  selection:',
    ...tests.map(([field, way, value]) => `    ${field}${modifier[way]}: ${quoted(value)}`),
    '  condition: selection',
    'falsepositives: []',
    `level: ${family.level}`,
    '',
  ].join('\n')
}
