// What an offer reads from a query of the simple kind: where it looks, and which field tests an event
// must pass. Anything else a query does is refused by name: an offer is made only where nothing is lost.

import type { Predicate, Test, TextPattern } from '#languages/predicate.ts'
import { allOf, ANY, anyOf, not, ONE } from '#languages/predicate.ts'

/** A query read for an offer. */
export interface SimpleQuery {
  /** The query up to its last filter: what follows only shapes what is shown. */
  readonly filterText: string
  /** The table, or nothing where the tests alone say where to look. */
  readonly table: string | null
  /** In the names of the place. */
  readonly filter: Predicate
  /** What the query says beside the logic, and a rule says elsewhere: an index, a time window. */
  readonly scope: readonly string[]
  /** What events must hold to pass that scope. */
  readonly scopeFields: Readonly<Record<string, string>>
}

/** Why no offer is made: a word to count by, and a sentence for people. */
export interface NoOffer {
  readonly code: NoOfferCode
  readonly message: string
}

export const NO_OFFER_CODES = [
  'unreadable',
  'computes',
  'aggregates',
  'macro',
  'several_sources',
  'free_text',
  'operator',
  'field',
  'log_source',
  'not_evaluated',
  'differs',
] as const
export type NoOfferCode = (typeof NO_OFFER_CODES)[number]

/** Ends the reading of a query. */
export class Declined extends Error {
  override readonly name = 'Declined'
  readonly code: NoOfferCode

  constructor(code: NoOfferCode, message: string) {
    super(message)
    this.code = code
  }
}

export function fieldTest(field: string, test: Test): Predicate {
  return { kind: 'test', field, test }
}

export interface TextTest {
  readonly text: string
  readonly isCased: boolean
  /** Characters that stand for others. */
  readonly any?: string
  readonly one?: string
  readonly how?: 'equals' | 'contains' | 'startswith' | 'endswith'
}

export function textTest(field: string, { text, isCased, any, one, how }: TextTest): Predicate {
  const parts: (string | typeof ANY | typeof ONE)[] = []
  for (const char of text) {
    const last = parts.at(-1)
    if (char === any) {
      if (last !== ANY) parts.push(ANY)
    } else if (char === one) parts.push(ONE)
    else if (typeof last === 'string') parts[parts.length - 1] = last + char
    else parts.push(char)
  }
  const open = (pattern: TextPattern): TextPattern => {
    const front = how === 'contains' || how === 'endswith' ? [ANY] : []
    const back = how === 'contains' || how === 'startswith' ? [ANY] : []
    return [...front, ...pattern, ...back]
  }
  if (text === '') throw new Declined('operator', `A test of ${field} for an empty text.`)
  return fieldTest(field, { kind: 'text', pattern: open(parts), isCased })
}

/** Both of two values: where a missing field is neither, so that `not` of a test needs the field. */
export interface Truth {
  readonly yes: Predicate
  readonly no: Predicate
}

export function truthOf(field: string, yes: Predicate): Truth {
  return { yes, no: allOf([fieldTest(field, { kind: 'exists' }), not(yes)]) }
}

export function bothOf(of: readonly Truth[]): Truth {
  return { yes: allOf(of.map(({ yes }) => yes)), no: anyOf(of.map(({ no }) => no)) }
}

export function eitherOf(of: readonly Truth[]): Truth {
  return { yes: anyOf(of.map(({ yes }) => yes)), no: allOf(of.map(({ no }) => no)) }
}

export function opposite({ yes, no }: Truth): Truth {
  return { yes: no, no: yes }
}

/** The parts that must all hold, however they are nested. */
export function conjunctsOf(predicate: Predicate): readonly Predicate[] {
  if (predicate.kind === 'constant' && predicate.value) return []
  return predicate.kind === 'and' ? predicate.of.flatMap(conjunctsOf) : [predicate]
}
