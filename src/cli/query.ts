// `rulewright query lint|format|reads|guard`: what is wrong with a query, how it is printed, what it
// reads, and whether it only reads. Needs no data directory. Exit 1 when a query has errors, cannot
// be printed, or is refused.

import { formatQuery, guardQuery, lintQuery, readQuery } from '#domain/queries/actions.ts'
import { hasErrors, LineMap, type Problem, type Span } from '#kernel/problem.ts'
import type { QueryFacts, Range } from '#languages/query.ts'
import { Workers } from '#platform/worker.ts'
import { textFlag, type Arguments, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { QUERY_FLAGS, readQueries, type AskedQuery } from './query-input.ts'
import { textLine } from './rule-lint.ts'
import { EXIT, type ExitCode, type Shell } from './shell.ts'

export const queryLint: ProcessCommand = {
  name: 'query lint',
  about: 'say what is wrong with a query and what it costs',
  runsIn: 'process',
  operands: ['[FILE]'],
  flags: {
    ...QUERY_FLAGS,
    'fail-on': { value: 'SEVERITY', about: 'error or warning: what makes the exit code 1' },
  },
  run({ shell }, args) {
    const failOn = oneOf('--fail-on', textFlag(args, 'fail-on') ?? 'error', ['error', 'warning'])
    return forEach(shell, args, async (query, workers) => {
      const problems = await lintQuery(workers, query)
      const isBad = problems.some(({ severity }) => severity === 'error' || severity === failOn)
      return { isBad, json: { problems }, lines: textLines(query, problems) }
    })
  },
}

export const queryFormat: ProcessCommand = {
  name: 'query format',
  about: 'print a query the one way, comments kept',
  runsIn: 'process',
  operands: ['[FILE]'],
  flags: QUERY_FLAGS,
  run: ({ shell }, args) =>
    forEach(shell, args, async (query, workers) => {
      const { text, problems } = await formatQuery(workers, query)
      if (text !== null) return { isBad: false, json: { ok: true, query: text }, lines: [text] }
      return {
        isBad: true,
        json: { ok: false, problems },
        lines: [],
        notes: textLines(query, problems),
      }
    }),
}

export const queryReads: ProcessCommand = {
  name: 'query reads',
  about: 'say what a query reads: data, fields, time, effects and costs',
  runsIn: 'process',
  operands: ['[FILE]'],
  flags: QUERY_FLAGS,
  run: ({ shell }, args) =>
    forEach(shell, args, async (query, workers) => {
      const { facts, problems } = await readQuery(workers, query)
      const placed = facts && placeFacts(facts, query.text)
      return {
        isBad: facts === null || hasErrors(problems),
        json: { facts: placed, problems },
        lines: placed === null ? [] : [JSON.stringify(placed, null, 2)],
        notes: textLines(query, problems),
      }
    }),
}

export const queryGuard: ProcessCommand = {
  name: 'query guard',
  about: 'refuse a query that would do more than read',
  runsIn: 'process',
  operands: ['[FILE]'],
  flags: QUERY_FLAGS,
  run: ({ shell }, args) =>
    forEach(shell, args, async (query, workers) => {
      const { isAllowed, problems } = await guardQuery(workers, query)
      const lines = isAllowed ? ['allowed: it only reads'] : textLines(query, problems)
      return { isBad: !isAllowed, json: { allowed: isAllowed, problems }, lines }
    }),
}

interface Answer {
  /** Makes the exit code 1. */
  readonly isBad: boolean
  readonly json: object
  readonly lines: readonly string[]
  /** For standard error. */
  readonly notes?: readonly string[]
}

async function forEach(
  shell: Shell,
  args: Arguments,
  answer: (query: AskedQuery, workers: Workers) => Promise<Answer>,
): Promise<ExitCode> {
  const queries = await readQueries(shell, args)
  const workers = new Workers()
  try {
    let isBad = false
    for (const query of queries) {
      const said = await answer(query, workers)
      isBad ||= said.isBad
      if (query.id !== null) shell.out(JSON.stringify({ id: query.id, ...said.json }))
      else {
        for (const line of said.lines) shell.out(line)
        for (const line of said.notes ?? []) shell.err(line)
      }
      await shell.drained?.()
      shell.signal.throwIfAborted()
    }
    return isBad ? EXIT.problems : EXIT.fine
  } finally {
    await workers.close()
  }
}

function textLines({ path }: AskedQuery, problems: readonly Problem[]): readonly string[] {
  return problems.map((problem) => textLine(path, problem))
}

type Placed<T> = T extends Range
  ? Omit<T, keyof Range> & Span
  : T extends readonly (infer Item)[]
    ? readonly Placed<Item>[]
    : T

type PlacedFacts = { readonly [Key in keyof QueryFacts]: Placed<QueryFacts[Key]> }

/** Offsets become lines and columns, as everywhere outside. */
function placeFacts(facts: QueryFacts, text: string): PlacedFacts {
  const map = new LineMap(text)
  const place = <T extends Range>({ start, end, ...rest }: T) => ({
    ...rest,
    ...map.span(start, end),
  })
  const { sources, fields, commands, functions, scope, effects } = facts
  return {
    ...facts,
    sources: sources.map(place),
    fields: fields.map(place),
    commands: commands.map(place),
    functions: functions.map(place),
    scope: { ...scope, by: scope.by.map(place) },
    effects: effects.map(place),
  } as unknown as PlacedFacts
}
