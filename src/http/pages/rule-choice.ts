// What a list of rules says in its address, and which of its rules somebody ticked. What does not fit is
// left out: a link that somebody edited still shows the list.

import { z } from 'zod'
import { RuleListQuery } from '#domain/rules/input.ts'
import type { RuleFilter } from '#domain/rules/list.ts'
import { RULE_STATES } from '#domain/rules/rule.ts'
import { ID_PREFIXES, isId, type RuleId } from '#kernel/id.ts'
import { COLUMN_NAMES, USUAL_COLUMNS, type ListState } from '#views/rules/address.ts'

/** A control that is set to anything sends an empty text. */
export function readListState(given: Readonly<Record<string, unknown>>): ListState {
  const { sort, ...filter } = RuleListQuery.parse(soundParts(given))
  return { filter, sort, columns: columnsOf(given['columns']) }
}

function soundParts(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const sound: Record<string, string> = {}
  for (const [key, schema] of Object.entries(RuleListQuery.shape)) {
    const value = given[key]
    if (typeof value !== 'string' || value === '') continue
    if (schema.safeParse(value).success) sound[key] = value
  }
  return sound
}

function columnsOf(given: unknown): ListState['columns'] {
  const named = [given].flat().flatMap((one) => (typeof one === 'string' ? one.split(',') : []))
  if (named.length === 0) return USUAL_COLUMNS
  return COLUMN_NAMES.filter((name) => named.includes(name))
}

const CHOSEN_MAX = 500
const isRuleId = (text: string): text is RuleId => isId(ID_PREFIXES.rule, text)
/** Ticked boxes come one by one; what is sent again comes as one text. */
const Rules = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform((given) =>
    [given]
      .flat()
      .flatMap((one) => one.split(','))
      .filter(isRuleId),
  )
  .refine((ids) => ids.length <= CHOSEN_MAX, `names at most ${CHOSEN_MAX} rules`)

/** Parts of a form or an address: rules that are ticked, or all that the list shows. */
export const CHOICE = {
  rule: Rules,
  all: z.literal('1').optional(),
  /** The address of the list, behind its `?`. */
  of: z.string().max(4_000).default(''),
}

export interface Choice {
  readonly rule: readonly RuleId[]
  readonly all?: '1' | undefined
  readonly of: string
}

export function filterOf({ rule, all, of }: Choice): RuleFilter {
  if (all === undefined) return { ids: rule, state: RULE_STATES }
  return readListState(Object.fromEntries(new URLSearchParams(of))).filter
}

/** As an action takes it: ids, or the parameters of the list. */
export function wantedOf({ rule, all, of }: Choice) {
  if (all === undefined) return { ids: [...rule] }
  return { filter: soundParts(Object.fromEntries(new URLSearchParams(of))) }
}

/** What is sent again to name the same rules. */
export function resent({ rule, all, of }: Choice): Readonly<Record<string, string>> {
  return all === undefined ? { rule: rule.join(','), of } : { all, of }
}
