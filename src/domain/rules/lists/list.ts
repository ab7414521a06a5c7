// A reference list: values that rules and exclusions name by `%name%` instead of repeating them.
// Somebody owns it, looks at it again by a day, and says what its values may be and how many.

import type { Actor } from '#kernel/actor.ts'
import type { ListId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { DAY, type Instant } from '#kernel/time.ts'
import type { ValueList } from '#languages/sigma/fill.ts'
import { NETWORK } from '#platform/config/rules.ts'

export const LIST_SHAPES = ['text', 'number', 'address', 'network'] as const
export type ListShape = (typeof LIST_SHAPES)[number]

export interface ReferenceList extends ValueList {
  readonly id: ListId
  readonly about: string
  readonly shape: ListShape
  /** No more values than this: a list that grows unseen is a detection that shrinks unseen. */
  readonly valuesMax: number
  /** E-mail. */
  readonly owner: string
  /** The day its owner looks at it again. What is compiled does not change by itself then. */
  readonly reviewBy: Instant
  readonly version: number
  /** Hex SHA-256 over name and values: what rules are compiled with. */
  readonly contentHash: string
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly updatedAt: Instant
  readonly updatedBy: Actor
}

export interface ListVersion {
  readonly number: number
  readonly values: readonly string[]
  readonly why: string
  readonly createdAt: Instant
  readonly createdBy: Actor
}

/** Of one list; a query of a SIEM takes about as many before it is refused there. */
export const LIST_VALUES_MAX = 5_000
export const LIST_VALUES_USUAL = 1_000
export const LIST_VALUE_CHARS_MAX = 512
/** Of one workspace. */
export const LISTS_MAX = 500
/** Nobody remembers longer what a list was for. */
export const REVIEW_DAYS_MAX = 365
export const REVIEW_DAYS_USUAL = 90

/** As `ruleReference` and `refersTo` hold it: apart from names and ids of rules. */
export const listReference = (name: string): string => `%${name}%`

export function listNameOf(reference: string): string | undefined {
  return /^%(\w+)%$/.exec(reference)?.[1]
}

export function isOverdue({ reviewBy }: Pick<ReferenceList, 'reviewBy'>, now: Instant): boolean {
  return reviewBy < now
}

const PROBLEMS_MAX = 20

/** What speaks against these values; each names its line, from 1. */
export function judgeValues(
  values: readonly string[],
  { shape, valuesMax }: Pick<ReferenceList, 'shape' | 'valuesMax'>,
): readonly Problem[] {
  const problems: Problem[] = []
  const refuse = (code: string, message: string, line?: number) =>
    problems.push({ code, severity: 'error', message, ...(line !== undefined && { line }) })
  if (values.length === 0) refuse('list/empty', 'The list holds no value.')
  if (values.length > valuesMax) {
    refuse('list/too-many', `The list holds ${values.length} values and may hold ${valuesMax}.`)
  }
  const seen = new Map<string, number>()
  for (const [at, value] of values.entries()) {
    if (problems.length >= PROBLEMS_MAX) break
    const line = at + 1
    const before = seen.get(value.toLowerCase())
    if (before !== undefined) {
      refuse(
        'list/repeated',
        `Line ${line} repeats line ${before}; case makes no difference.`,
        line,
      )
    }
    seen.set(value.toLowerCase(), line)
    if (!SHAPES[shape].fits(value)) {
      refuse('list/shape', `Line ${line} is no ${SHAPES[shape].word}.`, line)
    }
  }
  return problems
}

const SHAPES: Readonly<
  Record<ListShape, { readonly word: string; readonly fits: (value: string) => boolean }>
> = {
  text: { word: 'text', fits: (value) => value.trim() !== '' },
  number: { word: 'number', fits: (value) => /^-?\d{1,15}(\.\d{1,15})?$/.test(value) },
  address: { word: 'IP address', fits: (value) => !value.includes('/') && NETWORK.isValid(value) },
  network: {
    word: 'network such as 10.0.0.0/8',
    fits: (value) => value.includes('/') && NETWORK.isValid(value),
  },
}

/** Values as people type them, one a line; empty lines and those that begin with `#` are none. */
export function valuesIn(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

export function reviewDay(now: Instant, days = REVIEW_DAYS_USUAL): Instant {
  return (now + days * DAY) as Instant
}
