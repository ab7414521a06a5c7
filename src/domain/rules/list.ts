// What a list of rules may be narrowed by, and its orders.

import type { ImportId, RuleId } from '#kernel/id.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { Level, Status } from './product-key.ts'
import type { RuleFormat, RuleState } from './rule.ts'

export const TESTS_FILTERS = [
  'complete',
  'missing',
  'failed',
  'passed',
  'untold',
  'not_run',
] as const
export type TestsFilter = (typeof TESTS_FILTERS)[number]

/** A list names any of; different keys all hold. Retired rules are left out unless asked for. */
export interface RuleFilter {
  /** Words of name, description, queries and tags; each must be there, the last may be a beginning. */
  readonly q?: string | undefined
  readonly level?: readonly Level[] | undefined
  readonly status?: readonly Status[] | undefined
  readonly state?: readonly RuleState[] | undefined
  readonly tag?: readonly string[] | undefined
  /** `T1059` finds its subtechniques too. */
  readonly technique?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly product?: string | undefined
  readonly category?: string | undefined
  readonly service?: string | undefined
  /** How it says what to look for. */
  readonly writtenAs?: readonly RuleFormat[] | undefined
  readonly problems?: 'errors' | 'warnings' | 'none' | undefined
  /** Kinds of place: the newest version compiles for each of them. */
  readonly compiles?: readonly Kind[] | undefined
  readonly refuses?: readonly Kind[] | undefined
  /** `pending`: what a rendering was made from is another one now. */
  readonly renders?: 'pending' | undefined
  /** `missing`: without a case that fires or one that stays silent. Others are of the last run. */
  readonly tests?: TestsFilter | undefined
  /** What an import wrote, or found the same. */
  readonly import?: ImportId | undefined
  readonly ids?: readonly RuleId[] | undefined
}

export const RULE_SORTS = ['title', '-title', 'level', '-level', 'updatedAt', '-updatedAt'] as const
/** With a hyphen downwards. */
export type RuleSort = (typeof RULE_SORTS)[number]
/** The value sorted by, and the id. */
export type RulePlace = readonly [string | number, string]
