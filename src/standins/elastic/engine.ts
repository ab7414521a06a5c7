// What a detection rule finds in documents over one window of time, by its type. Rules of machine learning
// find nothing here.

import type { Json } from '#kernel/json.ts'
import { flatten, valuesOf } from '#languages/evaluation.ts'
import type { SearchDocument } from '#standins/opensearch/cluster.ts'
import {
  compileLucene,
  compileQuery,
  type DocumentCheck,
  type Members,
} from '#standins/opensearch/query.ts'
import { matchingDocuments } from '#standins/opensearch/search.ts'
import { prepareEql, prepareEsql } from './async.ts'
import { ElasticError } from './errors.ts'
import { compileKuery } from './kuery.ts'
import { textOf } from './members.ts'
import type { Stack } from './stack.ts'

/** One alert: the documents it comes from, and what it says of them. */
export interface Finding {
  readonly from: readonly SearchDocument[]
  readonly source: Members
}

const INDEX_DEFAULT = ['logs-*']

/** Throws `ElasticError`, `QueryError`. */
export function runRule(stack: Stack, rule: Members, from: number, to: number): readonly Finding[] {
  const window = { range: { '@timestamp': { gte: from, lt: to, format: 'epoch_millis' } } }
  const pattern = ((rule['index'] as readonly string[] | undefined) ?? INDEX_DEFAULT).join(',')
  const inWindow = (documents: readonly SearchDocument[], check: DocumentCheck) => {
    const isIn = compileQuery(window)
    return documents.filter(({ source }) => {
      const fields = flatten(source)
      return isIn(fields) && check(fields)
    })
  }
  const all = matchingDocuments(stack, pattern)
  const type = textOf(rule['type'])
  switch (type) {
    case 'eql':
      return eqlFindings(stack, pattern, { ...rule, filter: window, size: 100 })
    case 'esql':
      return esqlFindings(stack, { ...rule, filter: window })
    case 'machine_learning':
      return []
    default:
      break
  }
  const check = checkOf(rule)
  const found = inWindow(all, check)
  switch (type) {
    case 'threshold':
      return thresholdFindings(found, rule['threshold'] as unknown as Threshold)
    case 'new_terms':
      return newTermsFindings(
        found,
        all.filter(({ source }) => check(flatten(source))),
        {
          fields: rule['new_terms_fields'] as readonly string[],
          from,
        },
      )
    case 'threat_match':
      return matchFindings(stack, found, rule)
    default:
      return found.map(alone)
  }
}

function alone(document: SearchDocument): Finding {
  return { from: [document], source: document.source as Members }
}

function checkOf({ query, language }: Members): DocumentCheck {
  const text = textOf(query)
  return language === 'lucene' ? compileLucene(text === '' ? '*' : text) : compileKuery(text)
}

function eqlFindings(stack: Stack, pattern: string, body: Members): readonly Finding[] {
  const { hits } = prepareEql(stack, pattern, body).run() as unknown as {
    hits: {
      events?: readonly { _id: string; _index: string }[]
      sequences?: readonly { events: readonly { _id: string; _index: string }[] }[]
    }
  }
  const documentOf = ({ _id, _index }: { _id: string; _index: string }) =>
    stack.documents.find(({ id, index }) => id === _id && index === _index)!
  const single = (hits.events ?? []).map((hit) => alone(documentOf(hit)))
  const sequences = (hits.sequences ?? []).map(({ events }): Finding => {
    const from = events.map(documentOf)
    return { from, source: from.at(-1)!.source as Members }
  })
  return [...single, ...sequences]
}

/** A row is an alert; where it names its document that is where it comes from. */
function esqlFindings(stack: Stack, body: Members): readonly Finding[] {
  const { columns, values } = prepareEsql(stack, body).run() as unknown as {
    columns: readonly { name: string }[]
    values: readonly (readonly Json[])[]
  }
  return values.map((row) => {
    const source = Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null]))
    const from = stack.documents.filter(({ id }) => id === source['_id'])
    return { from, source }
  })
}

interface Threshold {
  readonly field: readonly string[] | string
  readonly value: number
}

function keyOf(document: SearchDocument, names: readonly string[]): string | undefined {
  const fields = flatten(document.source)
  const values = names.map((name) => valuesOf(fields.get(name))[0])
  return values.includes(undefined) ? undefined : JSON.stringify(values)
}

function thresholdFindings(
  found: readonly SearchDocument[],
  { field, value }: Threshold,
): readonly Finding[] {
  const names = typeof field === 'string' ? [field] : field
  const groups = Map.groupBy(found, (document) => keyOf(document, names))
  return [...groups]
    .filter(([key, of]) => key !== undefined && of.length >= value)
    .map(([, of]) => ({ from: of, source: { 'kibana.alert.threshold_result.count': of.length } }))
}

function newTermsFindings(
  found: readonly SearchDocument[],
  history: readonly SearchDocument[],
  { fields, from }: { readonly fields: readonly string[]; readonly from: number },
): readonly Finding[] {
  const before = new Set(
    history
      .filter(({ source }) => Date.parse(textOf(source['@timestamp'] as Json)) < from)
      .map((document) => keyOf(document, fields)),
  )
  const groups = Map.groupBy(found, (document) => keyOf(document, fields))
  return [...groups]
    .filter(([key]) => key !== undefined && !before.has(key))
    .map(([, of]) => alone(of[0]!))
}

interface ThreatEntry {
  readonly field: string
  readonly value: string
}

function matchFindings(
  stack: Stack,
  found: readonly SearchDocument[],
  rule: Members,
): readonly Finding[] {
  const indicators = matchingDocuments(
    stack,
    (rule['threat_index'] as readonly string[]).join(','),
  ).map(({ source }) => flatten(source))
  const mappings = rule['threat_mapping'] as unknown as readonly {
    entries: readonly ThreatEntry[]
  }[]
  return found
    .filter(({ source }) => {
      const fields = flatten(source)
      return mappings.some(({ entries }) =>
        indicators.some((indicator) =>
          entries.every(({ field, value }) => {
            const known = fields.get(field)
            return known !== undefined && known !== null && known === indicator.get(value)
          }),
        ),
      )
    })
    .map(alone)
}

/** `now-6m` before `to`. Throws 400. */
export function windowStart(text: string, to: number): number {
  const [, count, unit] = /^now-(\d+)([smhd])$/.exec(text) ?? []
  if (unit === undefined)
    throw new ElasticError(400, 'parse_exception', `failed to parse [${text}]`)
  return to - Number(count) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit]!
}
