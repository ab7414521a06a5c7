// The verdict of a printed query over events, by an engine that knows nothing of the backend: the
// house's evaluators for SPL, ES|QL and EQL, the interpreters beside this file for Lucene and Kusto.
// Column types are chosen as a mapping would have them: a field that is only ever compared with
// numbers holds numbers, one that is only compared with networks holds addresses, any other text.

import type { ElasticMapping, ElasticType } from '#languages/elastic-documents.ts'
import { evaluateEql } from '#languages/eql/evaluate.ts'
import { evaluateEsql } from '#languages/esql/evaluate.ts'
import { valuesOf, flatten, type EventRecord, type Value } from '#languages/evaluation.ts'
import type { Predicate } from '#languages/predicate.ts'
import { evaluateSpl } from '#languages/spl/evaluate.ts'
import { interpretKusto, type KustoRow, type KustoValue } from './kusto.ts'
import { interpretLucene } from './lucene.ts'
import { isOnly, testsByField } from './near-misses.ts'
import type { Backend } from '#languages/sigma/names.ts'

/** The places of the events the queries find together, or why they cannot be run. */
export type Verdict = ReadonlySet<number> | { readonly refusal: string }

const ID = 'proof_id'
const NOW = Date.UTC(2026, 10, 22)

export function verdictOf(
  backend: Backend,
  queries: readonly string[],
  predicates: readonly Predicate[],
  events: readonly EventRecord[],
): Verdict {
  const found = new Set<number>()
  try {
    const run = RUNNERS[backend](predicates)
    for (const query of queries) for (const at of run(query, events)) found.add(at)
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) }
  }
  return found
}

type Run = (query: string, events: readonly EventRecord[]) => readonly number[]

const RUNNERS: Readonly<Record<Backend, (predicates: readonly Predicate[]) => Run>> = {
  spl: () => (query, events) => {
    const { value, problems } = evaluateSpl(query, numbered(events), { now: NOW })
    if (value === undefined) throw new Error(problems[0]!.message)
    return value.rows.map((row) => row[ID] as number)
  },
  esql: (predicates) => {
    const mapping = mappingOf(predicates)
    return (query, events) => {
      const fullText = (text: string) => {
        const check = interpretLucene(text, { ips: new Set() })
        return (row: ReadonlyMap<string, Value>) => check(documentOf(row))
      }
      const { value, problems } = evaluateEsql(query, numbered(events), {
        now: NOW,
        mapping,
        fullText,
      })
      if (value === undefined) throw new Error(problems[0]!.message)
      return value.rows.map((row) => row[ID] as number)
    }
  },
  eql: (predicates) => {
    const mapping = mappingOf(predicates)
    return (query, events) => {
      const { value, problems } = evaluateEql(query, numbered(events), { now: NOW, mapping })
      if (value === undefined) throw new Error(problems[0]!.message)
      return value.events.map((event) => event[ID] as number)
    }
  },
  lucene: (predicates) => {
    const ips = networkFields(predicates)
    return (query, events) => {
      const check = interpretLucene(query, { ips })
      return events.flatMap((event, at) => (check(documentOf(flatten(event))) ? [at] : []))
    }
  },
  kusto: (predicates) => {
    const numbers = fieldsOf(mappingOf(predicates), 'double')
    return (query, events) => {
      const check = interpretKusto(query, numbers)
      return events.flatMap((event, at) => (check(kustoRow(event, numbers)) ? [at] : []))
    }
  },
}

function numbered(events: readonly EventRecord[]): readonly EventRecord[] {
  return events.map((event, at) => ({ ...event, [ID]: at }))
}

function documentOf(row: ReadonlyMap<string, Value>): ReadonlyMap<string, readonly unknown[]> {
  return new Map(
    [...row].filter(([name]) => name !== ID).map(([name, value]) => [name, valuesOf(value)]),
  )
}

export function mappingOf(predicates: readonly Predicate[]): ElasticMapping {
  const types = [...testsByField(predicates)].map(([field, tests]): [string, ElasticType] => {
    if (
      isOnly(tests, 'number', 'compare', 'null', 'exists') &&
      tests.some(({ kind }) => kind === 'number' || kind === 'compare')
    ) {
      return [field, 'double']
    }
    if (isOnly(tests, 'boolean', 'null', 'exists') && tests.some(({ kind }) => kind === 'boolean'))
      return [field, 'boolean']
    if (isOnly(tests, 'cidr', 'null', 'exists') && tests.some(({ kind }) => kind === 'cidr'))
      return [field, 'ip']
    return [field, 'keyword']
  })
  return new Map(types)
}

/** Also those compared with other texts: an index would hold such a field twice. */
function networkFields(predicates: readonly Predicate[]): ReadonlySet<string> {
  const fields = [...testsByField(predicates)]
  return new Set(
    fields.filter(([, tests]) => tests.some(({ kind }) => kind === 'cidr')).map(([name]) => name),
  )
}

function fieldsOf(mapping: ElasticMapping, wanted: ElasticType): ReadonlySet<string> {
  return new Set([...mapping].filter(([, type]) => type === wanted).map(([name]) => name))
}

function kustoRow(event: EventRecord, numbers: ReadonlySet<string>): KustoRow {
  return new Map(
    [...flatten(event)].map(([name, value]): [string, KustoValue] => {
      if (value === null) return [name, null]
      if (typeof value === 'object') return [name, JSON.stringify(value)]
      if (!numbers.has(name)) return [name, String(value)]
      return [name, /^-?\d+(?:\.\d+)?$/.test(String(value)) ? Number(value) : null]
    }),
  )
}
