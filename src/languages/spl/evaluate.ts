// Runs an SPL search over events in memory. Fields are those the events have: nothing is extracted from
// raw text, and indexes and source types count where an event says its own. Subsearches see the same
// events. Source: Splunk Search Reference and Search Manual, 9.x and 10.x, read 2026-11.

import { hasErrors, type Checked } from '#kernel/problem.ts'
import {
  answerOf,
  Budget,
  flatten,
  refusable,
  Refusal,
  unsupported,
  type Answer,
  type EvaluateOptions,
  type EventRecord,
  type Fields,
} from '#languages/evaluation.ts'
import { readDate } from '#languages/elastic-documents.ts'
import { compileCondition, compileEval } from './compute.ts'
import { convert } from './convert-step.ts'
import { expandSearch, type Expansion } from './expand.ts'
import { compileTerm } from './filter.ts'
import { append, inputlookup, join, lookup, makeresults, multisearch } from './join-steps.ts'
import { NO_MACROS, readMacros, type SplMacros } from './macro.ts'
import { parseSpl } from './parse.ts'
import {
  bin,
  dedup,
  fields,
  fillnull,
  head,
  makemv,
  mvexpand,
  regex,
  rename,
  reverse,
  rex,
  sort,
  table,
  tail,
} from './row-steps.ts'
import { common, compileStats } from './stats-steps.ts'
import type { Step, StepScope } from './step.ts'
import { tstats } from './tstats.ts'
import type { SplCommand, SplEval, SplFilter, SplPlain, SplSearch } from './tree.ts'
import { numberIn } from './values.ts'

export interface SplEvaluateOptions extends EvaluateOptions {
  readonly lookups?: ReadonlyMap<string, readonly EventRecord[]>
  readonly macros?: SplMacros
  /** What becomes `_time` where an event has none: `@timestamp` unless given. */
  readonly timestampField?: string
}

export function evaluateSpl(
  text: string,
  events: Iterable<EventRecord>,
  options: SplEvaluateOptions,
): Checked<Answer> {
  const { value: written, problems } = parseSpl(text)
  if (written === undefined || hasErrors(problems)) return { problems }
  return refusable('spl', text, () => {
    const expansion = expandSearch(text, readMacros(options.macros ?? NO_MACROS))
    const isSame = expansion.text === text
    const search = isSame ? written : readExpanded(expansion)
    const budget = new Budget(options)
    let held: readonly EventRecord[] | undefined
    // Read a second time only where a subsearch does.
    const isOnce = !expansion.text.includes('[')
    const read = () => {
      if (isOnce) return events
      held ??= budget.collect(events)
      return held
    }
    const source = () => rowsOf(read(), options, budget)
    try {
      const rows = budget.collect(run(search, source, expansion.text, options, budget))
      return { value: answerOf(rows), problems }
    } catch (error) {
      // What is refused inside a macro is refused where it is called.
      const isPlaced = error instanceof Refusal && error.range !== undefined && !isSame
      if (!isPlaced) throw error
      throw new Refusal(error.code, error.message, expansion.place(error.range))
    }
  })
}

function readExpanded({ text }: Expansion): SplSearch {
  const { value, problems } = parseSpl(text)
  if (value !== undefined && !hasErrors(problems)) return value
  throw new Refusal('macro', 'With its macros written out this search cannot be read.')
}

function* rowsOf(
  events: Iterable<EventRecord>,
  { timestampField = '@timestamp' }: SplEvaluateOptions,
  budget: Budget,
): Generator<Fields> {
  for (const event of events) {
    budget.step()
    const row = flatten(event)
    for (const [name, value] of row) {
      if (value === null) row.delete(name)
      else if (typeof value === 'boolean') row.set(name, String(value))
    }
    const written = row.get('_time') ?? row.get(timestampField)
    const at = numberIn(written) ?? (typeof written === 'string' ? fromIso(written) : undefined)
    if (at !== undefined) row.set('_time', at)
    yield row
  }
}

function fromIso(text: string): number | undefined {
  const at = readDate(text)
  return at === null ? undefined : at / 1_000
}

function run(
  search: SplSearch,
  source: () => Iterable<Fields>,
  text: string,
  options: SplEvaluateOptions,
  budget: Budget,
): Iterable<Fields> {
  const scope: StepScope = {
    text,
    now: options.now / 1_000,
    budget,
    lookups: options.lookups ?? new Map(),
    runSubsearch: ({ search: inner }) => budget.collect(run(inner, source, text, options, budget)),
  }
  const [first] = search.commands
  let rows: Iterable<Fields> = first && isGenerating(first) ? [] : source()
  for (const command of search.commands) rows = compileCommand(command, scope)(rows)
  return rows
}

function isGenerating({ name }: SplCommand): boolean {
  return name === 'makeresults' || name === 'inputlookup' || name === 'multisearch'
}

type CompilePlain = (command: SplPlain, scope: StepScope) => Step

const PLAIN: Readonly<Record<string, CompilePlain>> = {
  append,
  bin,
  bucket: bin,
  convert,
  dedup,
  fields,
  fillnull,
  head,
  inputlookup,
  join,
  lookup,
  makemv,
  makeresults,
  multisearch,
  mvexpand,
  rare: common,
  regex,
  reverse,
  rex,
  sort,
  table,
  tail,
  top: common,
}

function compileCommand(command: SplCommand, scope: StepScope): Step {
  switch (command.kind) {
    case 'search':
    case 'where':
      return filter(command, scope)
    case 'eval':
      if (command.name !== 'eval')
        throw unsupported(`The command ${command.name}`, command.nameRange)
      return evaluate(command, scope)
    case 'stats':
      return command.name === 'tstats' ? tstats(command, scope) : compileStats(command, scope)
    case 'rename':
      return rename(command, scope)
    case 'macro':
      throw unsupported(`The macro ${command.name}`, command)
    case 'plain': {
      const compile = PLAIN[command.name]
      if (compile === undefined) throw unsupported(`The command ${command.name}`, command.nameRange)
      return compile(command, scope)
    }
  }
}

function filter({ kind, condition }: SplFilter, scope: StepScope): Step {
  if (condition === null) return (rows) => rows
  const holds = isTerm(kind, condition)
    ? compileTerm(condition, scope)
    : compileCondition(condition, scope)
  return function* (rows) {
    for (const row of rows) {
      scope.budget.step()
      if (holds(row) === true) yield row
    }
  }
}

type Condition = NonNullable<SplFilter['condition']>
type Term = Parameters<typeof compileTerm>[0]

function isTerm(kind: SplFilter['kind'], _condition: Condition): _condition is Term {
  return kind === 'search'
}

/** A result that is null takes the field away. */
function evaluate({ assignments }: SplEval, scope: StepScope): Step {
  const compiled = assignments.map(({ target, value }) => {
    if (target.name.includes('{')) throw unsupported('A field whose name is computed', target)
    return { name: target.name, of: compileEval(value, scope), value }
  })
  return function* (rows) {
    for (const row of rows) {
      scope.budget.step()
      for (const { name, of, value } of compiled) {
        const result = of(row)
        if (typeof result === 'boolean') throw unsupported('A field that is true or false', value)
        if (result === null) row.delete(name)
        else row.set(name, result)
      }
      yield row
    }
  }
}
