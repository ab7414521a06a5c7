// What the query DSL finds in documents, as far as the product asks: booleans, ranges of time, terms, and
// query strings by the house's own Lucene reader. Texts compare without case and whole.

import { hasErrors } from '#kernel/problem.ts'
import type { Json } from '#kernel/json.ts'
import { flatten, valuesOf, type EventRecord, type Fields } from '#languages/evaluation.ts'
import { fromLucene } from '#languages/lucene-regex.ts'
import { parseLucene } from '#languages/lucene/parse.ts'
import type { LuceneNode, LuceneValue } from '#languages/lucene/tree.ts'
import { ANY, type TextPattern } from '#languages/predicate.ts'
import { compileRegex } from '#languages/regex.ts'
import { compilePattern, foldPattern } from '#languages/sigma/test.ts'

export type DocumentCheck = (document: Fields) => boolean
export type Members = { readonly [key: string]: Json }

/** The query cannot be read; the text is what the server says of it. */
export class QueryError extends Error {}

export function compileQuery(query: Json | undefined): DocumentCheck {
  if (query === undefined) return () => true
  const [[kind, body] = ['match_all', {}]] = Object.entries(query as Members)
  switch (kind) {
    case 'match_all':
      return () => true
    case 'bool':
      return compileBool(body as Members)
    case 'query_string':
      return compileQueryString(body as unknown as QueryString)
    case 'match':
    case 'match_phrase': {
      const [[field, wanted] = ['', null]] = Object.entries(body as Members)
      return compileMatch([field], textIn(wanted))
    }
    case 'multi_match': {
      const { fields = ['*'], query: wanted } = body as unknown as QueryString
      return compileMatch(fields, wanted)
    }
    case 'nested':
      return compileQuery((body as Members)['query'])
    case 'range':
      return compileRange(body as Members)
    case 'exists': {
      const { field } = body as { field: string }
      return (document) => valuesOf(document.get(field)).length > 0
    }
    case 'term':
    case 'terms': {
      const [[field, wanted] = ['', null]] = Object.entries(body as Members)
      const texts = (Array.isArray(wanted) ? (wanted as Json[]) : [wanted]).map((one) =>
        JSON.stringify(one),
      )
      return (document) =>
        valuesOf(document.get(field)).some((value) => texts.includes(JSON.stringify(value)))
    }
    default:
      throw new QueryError(`unknown query [${kind}]`)
  }
}

function compileBool(body: Members): DocumentCheck {
  const of = (key: string) => {
    const given = body[key]
    const list = given === undefined ? [] : Array.isArray(given) ? (given as Json[]) : [given]
    return list.map(compileQuery)
  }
  const [must, not, should] = [[...of('must'), ...of('filter')], of('must_not'), of('should')]
  return (document) =>
    must.every((check) => check(document)) &&
    !not.some((check) => check(document)) &&
    (should.length === 0 || should.some((check) => check(document)))
}

function compileRange(body: Members): DocumentCheck {
  const [[field, given] = ['', {}]] = Object.entries(body)
  const limits = Object.entries(given as Members).filter(([key]) => /^[gl]te?$/.test(key))
  const tests = limits.map(([key, limit]) => {
    const bound = timeOf(limit)
    return (value: number) =>
      (value > bound && key.startsWith('g')) ||
      (value < bound && key.startsWith('l')) ||
      (value === bound && key.endsWith('e'))
  })
  return (document) =>
    valuesOf(document.get(field)).some((value) => {
      const at = timeOf(value)
      return tests.every((test) => test(at))
    })
}

interface QueryString {
  readonly query: string
  readonly fields?: readonly string[]
}

/** One word or pattern with fields beside it; anything else is Lucene. */
function compileQueryString({ query, fields }: QueryString): DocumentCheck {
  if (fields === undefined) return compileLucene(query)
  const checks = fields.map((field) =>
    compileLucene(`${field.replaceAll(/[ :()\\]/g, String.raw`\$&`)}:${query}`),
  )
  return (document) => checks.some((check) => check(document))
}

function textIn(wanted: Json): string {
  if (typeof wanted !== 'object' || wanted === null) return String(wanted)
  return (wanted as { query: string }).query
}

/** Names of fields may be patterns. */
function compileMatch(fields: readonly string[], wanted: string): DocumentCheck {
  const names = fields.map((field) => compilePattern(foldPattern(patternOf(field))))
  const text = wanted.toLowerCase()
  return (document) =>
    [...document].some(
      ([name, value]) =>
        names.some((fits) => fits(name.toLowerCase())) &&
        valuesOf(value).some((one) => String(one).toLowerCase() === text),
    )
}

function patternOf(field: string): TextPattern {
  return field
    .split(/(\*)/)
    .flatMap((part): TextPattern => (part === '' ? [] : part === '*' ? [ANY] : [part]))
}

/** Numbers are themselves; a text may be a number or a date. */
export function timeOf(value: unknown): number {
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value : ''
  return text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : Date.parse(text)
}

/** Throws `QueryError`. */
export function compileLucene(text: string): DocumentCheck {
  const { value, problems } = parseLucene(text)
  const wrong = problems.find(({ severity }) => severity === 'error')
  if (value === undefined || hasErrors(problems)) {
    throw new QueryError(`Failed to parse query [${text}]: ${wrong?.message ?? ''}`)
  }
  return compileNode(value)
}

function compileNode(node: LuceneNode): DocumentCheck {
  switch (node.kind) {
    case 'everything':
      return () => true
    case 'and':
    case 'or': {
      const checks = node.items.map(compileNode)
      return node.kind === 'and'
        ? (document) => checks.every((check) => check(document))
        : (document) => checks.some((check) => check(document))
    }
    case 'not': {
      const check = compileNode(node.item)
      return (document) => !check(document)
    }
    case 'must':
      return compileNode(node.item)
    case 'clauses':
      return compileClauses(node.items)
    case 'exists':
      return (document) => valuesOf(document.get(node.field.name)).length > 0
    case 'test': {
      const check = compileValue(node.value)
      const { field } = node
      if (field === null) {
        return (document) => [...document.values()].some((value) => valuesOf(value).some(check))
      }
      return (document) => valuesOf(document.get(field.name)).some(check)
    }
  }
}

function compileClauses(items: readonly LuceneNode[]): DocumentCheck {
  const must = items.filter(({ kind }) => kind === 'must').map(compileNode)
  const not = items.filter(({ kind }) => kind === 'not').map(compileNode)
  const rest = items.filter(({ kind }) => kind !== 'must' && kind !== 'not').map(compileNode)
  return (document) =>
    [...must, ...not].every((check) => check(document)) &&
    (must.length > 0 || rest.length === 0 || rest.some((check) => check(document)))
}

function compileValue(value: LuceneValue): (value: unknown) => boolean {
  switch (value.kind) {
    case 'text': {
      const check = compilePattern(foldPattern(value.pattern))
      return (found) => check(String(found).toLowerCase())
    }
    case 'regex': {
      const compiled = compileRegex(`^(?:${fromLucene(value.pattern)})$`, ['s'])
      if ('refusal' in compiled) throw new QueryError(compiled.refusal)
      return (found) => compiled.test(String(found))
    }
    case 'range': {
      const { low, high, includesLow, includesHigh } = value
      return (found) => {
        const at = timeOf(found)
        const isAbove = low === null || (includesLow ? at >= timeOf(low) : at > timeOf(low))
        return isAbove && (high === null || (includesHigh ? at <= timeOf(high) : at < timeOf(high)))
      }
    }
  }
}

export function fieldsOf(source: EventRecord): Fields {
  return flatten(source)
}
