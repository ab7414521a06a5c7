// Runs an EQL query over events in memory: event queries and sequences, with `head` and `tail`.
// Samples, joins and events that must not happen are refused by name.
// Source: elastic.co/docs, EQL search and EQL syntax reference, read 2026-11.

import { hasErrors, type Checked } from '#kernel/problem.ts'
import {
  Budget,
  refusable,
  Refusal,
  unsupported,
  type EvaluateOptions,
  type EventRecord,
} from '#languages/evaluation.ts'
import { readDocument, type ElasticMapping } from '#languages/elastic-documents.ts'
import { compileEqlCondition } from './condition.ts'
import { parseEql } from './parse.ts'
import { findSequences, type EqlDocument, type EqlMatchedSequence } from './sequence.ts'
import type { EqlEventFilter, EqlPipe, EqlQuery } from './tree.ts'

export interface EqlEvaluateOptions extends EvaluateOptions {
  readonly mapping?: ElasticMapping
  /** What `process where …` is compared with; `event.category` unless given. */
  readonly categoryField?: string
  /** `@timestamp` unless given. */
  readonly timestampField?: string
}

/** In the order of their time; the events of sequences stand in `sequences` alone. */
export interface EqlAnswer {
  readonly events: readonly EventRecord[]
  readonly sequences: readonly EqlMatchedSequence[]
}

/** `text` is the query. A field that no event has counts as mapped and empty. */
export function evaluateEql(
  text: string,
  events: Iterable<EventRecord>,
  options: EqlEvaluateOptions,
): Checked<EqlAnswer> {
  const { value: query, problems } = parseEql(text)
  if (query === undefined || hasErrors(problems)) return { problems }
  return refusable('eql', text, () => {
    const budget = new Budget(options)
    const compile = filterCompiler(options.categoryField ?? 'event.category')
    const answer = run(query, read(events, options, budget), compile, budget)
    return { value: answer, problems }
  })
}

function run(
  query: EqlQuery,
  documents: Iterable<EqlDocument>,
  compile: ReturnType<typeof filterCompiler>,
  budget: Budget,
): EqlAnswer {
  if (query.kind === 'sample') throw unsupported('“sample”', query)
  if (query.kind === 'event') {
    const check = compile(query.filter)
    const found: EqlDocument[] = []
    for (const document of documents) {
      if (check(document)) found.push(document)
      budget.holdRows(found.length)
    }
    const ordered = inOrder(found).map(({ event }) => event)
    return { events: applyPipes(ordered, query.pipes), sequences: [] }
  }
  const ordered = inOrder(budget.collect(documents))
  const sequences = budget.collect(findSequences(query, ordered, compile, budget))
  return { events: [], sequences: applyPipes(sequences, query.pipes) }
}

/** By time; events of one instant, and those without a time, stay as they came. */
function inOrder(documents: readonly EqlDocument[]): readonly EqlDocument[] {
  return documents.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

function* read(
  events: Iterable<EventRecord>,
  { mapping, timestampField = '@timestamp' }: EqlEvaluateOptions,
  budget: Budget,
): Generator<EqlDocument> {
  const types: ElasticMapping = new Map([[timestampField, 'date'], ...(mapping ?? [])])
  for (const event of events) {
    budget.step()
    const fields = readDocument(event, types)
    const at = fields.get(timestampField)
    yield { event, fields, at: typeof at === 'number' ? at : Number.POSITIVE_INFINITY }
  }
}

function filterCompiler(categoryField: string) {
  return ({ category, condition }: EqlEventFilter): ((document: EqlDocument) => boolean) => {
    const holds = compileEqlCondition(condition)
    if (category.name === 'any') return ({ fields }) => holds(fields) === true
    return ({ fields }) => {
      const own = fields.get(categoryField) ?? null
      const isOfCategory = Array.isArray(own) ? own.includes(category.name) : own === category.name
      return isOfCategory && holds(fields) === true
    }
  }
}

function applyPipes<T>(found: readonly T[], pipes: readonly EqlPipe[]): readonly T[] {
  return pipes.reduce((rest, pipe) => {
    const [given] = pipe.arguments
    const count = given?.kind === 'literal' ? given.value : undefined
    if (pipe.name !== 'head' && pipe.name !== 'tail')
      throw unsupported(`The pipe ${pipe.name}`, pipe)
    if (typeof count !== 'number') throw new Refusal('wrong-arguments', 'A number is needed.', pipe)
    return pipe.name === 'head'
      ? rest.slice(0, count)
      : rest.slice(Math.max(0, rest.length - count))
  }, found)
}
