// The sample events as each vendor keeps them: in its own names and places, by the tables that our
// pipelines compile rules with. So what a rule asks there and what lies there agree.

import type { EventRecord } from '#languages/evaluation.ts'
import type { SourceRow } from '#languages/sigma/pipelines/sources.ts'

/** As `src/starter` writes them. */
export interface SampleEvent {
  readonly logsource: Readonly<Partial<Record<'product' | 'category' | 'service', string>>>
  /** RFC 3339. */
  readonly '@timestamp': string
  readonly [field: string]: unknown
}

export interface PlacedEvent {
  readonly row: SourceRow
  readonly atMs: number
  /** The computer it is about, where it is about one. */
  readonly host: string | undefined
  readonly fields: EventRecord
}

/** Those for which the vendor has a place, in their order. */
export function placeEvents(
  rows: readonly SourceRow[],
  events: readonly SampleEvent[],
): readonly PlacedEvent[] {
  return events.flatMap((event) => {
    const row = rows.find((one) => fits(one, event.logsource))
    if (row === undefined) return []
    const { logsource: _, '@timestamp': at, ...fields } = event
    const column = new Columns(row)
    for (const [name, value] of Object.entries(fields)) column.take(name, value)
    const host = typeof fields['Computer'] === 'string' ? fields['Computer'] : undefined
    return [{ row, atMs: Date.parse(at), host, fields: { ...marksOf(row), ...column.done() } }]
  })
}

function fits({ when, isExact }: SourceRow, logsource: SampleEvent['logsource']): boolean {
  const count = Object.keys(logsource).length
  return when.some((keys) => {
    const named = Object.entries(keys)
    return (
      named.every(([key, value]) => logsource[key as keyof typeof keys] === value) &&
      (isExact !== true || named.length === count)
    )
  })
}

/** What marks events of this place: where a rule accepts several, the last. */
function marksOf({ where = {} }: SourceRow): EventRecord {
  return Object.fromEntries(
    Object.entries(where).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.at(-1) : value,
    ]),
  )
}

/** `bag(Column).a.b` is a path into a column, `json(Column).a` into a text of JSON, `xml(…)` into XML. */
const PATH = /^(bag|json|xml)\((\w+)\)\.(.+)$/

class Columns {
  readonly #row: SourceRow
  readonly #columns: Record<string, unknown> = {}
  readonly #texts = new Map<string, Record<string, unknown>>()
  readonly #xml = new Map<string, string>()

  constructor(row: SourceRow) {
    this.#row = row
  }

  take(name: string, value: unknown): void {
    const { fields = {}, prefixes = {}, same, restPrefix } = this.#row
    const isBag = typeof value === 'object' && value !== null && !Array.isArray(value)
    const mapped = firstOf(fields[name])
    if (mapped !== undefined) this.#put(mapped, isBag ? JSON.stringify(value) : value)
    if (isBag) {
      for (const [key, inner] of Object.entries(value)) this.take(`${name}.${key}`, inner)
      return
    }
    if (mapped !== undefined) return
    const prefix = Object.keys(prefixes).find((one) => name.startsWith(one))
    if (prefix !== undefined) {
      this.#put(`${firstOf(prefixes[prefix])!}${name.slice(prefix.length)}`, value)
    } else if (same === undefined || same.includes(name)) this.#put(name, value)
    else if (restPrefix !== undefined) this.#put(`${restPrefix}${name}`, value)
  }

  done(): EventRecord {
    const texts = [...this.#texts].map(([name, bag]) => [name, JSON.stringify(bag)])
    const xml = [...this.#xml].map(([name, data]) => [name, `<EventData>${data}</EventData>`])
    return { ...this.#columns, ...Object.fromEntries([...texts, ...xml]) }
  }

  #put(column: string, value: unknown): void {
    const [, kind, name = '', path = ''] = PATH.exec(column) ?? []
    if (kind === undefined) this.#columns[column] = value
    else if (kind === 'xml') {
      const data = `<Data Name="${path}">${escape(String(value))}</Data>`
      this.#xml.set(name, (this.#xml.get(name) ?? '') + data)
    } else setIn(this.#bag(kind, name), path.split('.'), value)
  }

  #bag(kind: string, name: string): Record<string, unknown> {
    if (kind === 'bag') return (this.#columns[name] ??= {}) as Record<string, unknown>
    const known = this.#texts.get(name) ?? {}
    this.#texts.set(name, known)
    return known
  }
}

function setIn(bag: Record<string, unknown>, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) bag[head] = value
  else setIn((bag[head] ??= {}) as Record<string, unknown>, rest, value)
}

function firstOf(names: string | readonly string[] | undefined): string | undefined {
  return typeof names === 'object' ? names[0] : names
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The same story at another site: its own hosts, and so much later. */
export function elsewhere(
  events: readonly SampleEvent[],
  { site, laterMs }: { readonly site: string; readonly laterMs: number },
): readonly SampleEvent[] {
  const moved = (host: unknown) =>
    typeof host === 'string' ? host.replace(/^(wks|srv|web)-/, `$1-${site}-`) : host
  return events.map((event) => ({
    ...event,
    ...('Computer' in event && { Computer: moved(event['Computer']) }),
    '@timestamp': new Date(Date.parse(event['@timestamp']) + laterMs).toISOString(),
  }))
}
