// Exclusions written into a query that a rule brings in a target's own words: at the one place where they
// mean the same as leaving the events out, right behind where the query reads them. What is written is a
// proposal with a proof to be run: over the cases of the rule it must find what the query finds when the
// excluded events are not there. Pure.

import type { QueryLanguage } from '#languages/query.ts'
import type { Problem } from '#kernel/problem.ts'
import { allOf } from '#languages/predicate.ts'
import { printPredicate } from '#languages/sigma/convert.ts'
import { examplesOf } from '#languages/sigma/examples/rule.ts'
import { lower } from '#languages/sigma/lower.ts'
import { Matcher } from '#languages/sigma/match.ts'
import type { Detections, SigmaFilter, SigmaRule } from '#languages/sigma/rule.ts'
import type { SoundCase } from '#domain/rules/testing/case.ts'
import { refuseExclusion } from './exclusion.ts'

type Event = Readonly<Record<string, unknown>>

export interface Trial {
  readonly events: readonly Event[]
  /** Without those that are excluded. */
  readonly kept: readonly Event[]
  /** Which of the exclusions take one away, by their order. */
  readonly by: readonly number[]
}

export interface OwnQueryProof {
  readonly language: QueryLanguage
  readonly before: string
  readonly after: string
  /** Titles of the exclusions, in their order. */
  readonly titles: readonly string[]
  readonly trials: readonly Trial[]
}

/** Cases are many; each is run three times while somebody waits. */
const CASES_MAX = 10

export function excludeInQuery(
  query: string,
  language: QueryLanguage | undefined,
  filters: readonly SigmaFilter[],
  cases: readonly SoundCase[],
): OwnQueryProof | Problem {
  const place = language === undefined ? undefined : PLACES[language]
  if (language === undefined || !place) {
    const message = 'The rule has a query of its own here, in a language that is not run here.'
    return refuseExclusion('exclusion/own-language', message, HINT)
  }
  const lowered = filters.map(({ detections }) => lower(detections))
  const [problem] = lowered.flatMap(({ problems }) => problems)
  if (problem) return problem
  const printed = printPredicate(
    allOf(lowered.flatMap(({ predicates }) => predicates)),
    place.print,
  )
  const [unsaid] = printed.problems
  if (unsaid || printed.query === undefined) {
    const why = unsaid?.message ?? ''
    const message = `The exclusion cannot be said in the rule's own query. ${why}`.trim()
    return refuseExclusion('exclusion/own-words', message, HINT)
  }
  const after = place.write(query, printed.query)
  if (after === undefined) {
    const message = "The rule's own query has no place where an exclusion could safely stand."
    return refuseExclusion('exclusion/own-place', message, HINT)
  }
  const titles = filters.map(({ title }) => title.slice(0, 200).toWellFormed())
  return { language, before: query, after, titles, trials: trialsOf(filters, cases) }
}

export const HINT = 'Write the exclusion into the query by hand, then end it here.'

interface Place {
  readonly print: 'spl' | 'kusto' | 'esql' | 'eql'
  /** Undefined where the query has no such place. `keep` is what our printer says of the predicate. */
  readonly write: (query: string, keep: string) => string | undefined
}

const PLACES: Partial<Readonly<Record<QueryLanguage, Place>>> = {
  spl: {
    print: 'spl',
    write(query, keep) {
      const [head, rest] = splitAtPipe(query)
      return head.trim() === '' ? undefined : `${head.trimEnd()} | search ${keep}${rest}`
    },
  },
  kusto: {
    print: 'kusto',
    write(query, keep) {
      const [head, rest] = splitAtPipe(query)
      return /^\s*[A-Za-z_]\w*\s*$/.test(head)
        ? `${head.trimEnd()}\n| where ${keep}${rest}`
        : undefined
    },
  },
  esql: {
    print: 'esql',
    write(query, keep) {
      const [head, rest] = splitAtPipe(query)
      const [, condition] = / \| where ([^]*)$/.exec(keep) ?? []
      return /^\s*from\s/i.test(head) && condition !== undefined
        ? `${head.trimEnd()} | where ${condition}${rest}`
        : undefined
    },
  },
  eql: {
    print: 'eql',
    write(query, keep) {
      const [head, rest] = splitAtPipe(query)
      const [, category, condition] = /^\s*([\w"`*]+)\s+where\s+([^]*)$/i.exec(head) ?? []
      const [, kept] = /^any where ([^]*)$/.exec(keep) ?? []
      return category !== undefined && kept !== undefined && !/^sequence$/i.test(category)
        ? `${category} where (${condition!.trim()}) and (${kept})${rest}`
        : undefined
    },
  },
}

/** At the first pipe that stands in no quotes and no brackets; the rest begins with it. */
function splitAtPipe(query: string): readonly [head: string, rest: string] {
  let depth = 0
  let quote: string | undefined
  for (let at = 0; at < query.length; at += 1) {
    const char = query[at]!
    if (quote !== undefined) {
      if (char === '\\') at += 1
      else if (char === quote) quote = undefined
    } else if (`"'\``.includes(char)) quote = char
    else if ('([{'.includes(char)) depth += 1
    else if (')]}'.includes(char)) depth -= 1
    else if (char === '|' && depth === 0) {
      return [query.slice(0, at), ` ${query.slice(at)}`]
    }
  }
  return [query, '']
}

/** The cases as they are, and those that fire with each exclusion's own values laid over them. */
function trialsOf(filters: readonly SigmaFilter[], cases: readonly SoundCase[]): readonly Trial[] {
  const keepers = filters.map((filter) => new Matcher([asRule(filter, filter.detections)]))
  const judge = (events: readonly Event[]): Trial => {
    const by = keepers.flatMap((keeper, at) =>
      events.some((event) => keeper.match(event).length === 0) ? [at] : [],
    )
    const kept = events.filter((event) => keepers.every((keeper) => keeper.match(event).length > 0))
    return { events, kept, by }
  }
  const chosen = cases.slice(0, CASES_MAX)
  const firing = chosen.filter(({ expect }) => expect === 'match')
  const laidOver = filters.flatMap((filter) => {
    const { match } = examplesOf(turned(filter.detections))
    if (match === undefined) return []
    return firing.map(({ events }) => events.map((event) => ({ ...event, ...match })))
  })
  return [...chosen.map(({ events }) => events), ...laidOver].map(judge)
}

function asRule({ rules: _, ...rest }: SigmaFilter, detections: Detections): SigmaRule {
  return { ...rest, kind: 'rule', detections }
}

/** What the filter takes away, as a detection. */
function turned({ searches, conditions }: Detections): Detections {
  return {
    searches,
    conditions: conditions.map((condition) => {
      const { start, end } = condition.tree
      return { ...condition, tree: { kind: 'not', of: condition.tree, start, end } }
    }),
  }
}
