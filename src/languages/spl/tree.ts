// The tree of an SPL search: commands joined by `|`, each with the parts its grammar names. Plain
// nodes with a `kind` and a range. Source: Splunk Search Reference and Search Manual, 9.x and 10.x,
// read 2026-11.

import type { Mention, Range } from '#languages/query.ts'

export interface SplSearch extends Range {
  readonly commands: readonly SplCommand[]
}

export type SplCommand = SplFilter | SplEval | SplStats | SplRename | SplMacroStage | SplPlain

interface Command extends Range {
  /** Lower case; `search` also where the word is left out. */
  readonly name: string
  /** Where the name stands; empty when it is left out. */
  readonly nameRange: Range
}

/** `search …` over terms, or `where …` over an expression. */
export interface SplFilter extends Command {
  readonly kind: 'search' | 'where'
  readonly condition: SplTerm | SplExpression | null
}

export interface SplEval extends Command {
  readonly kind: 'eval'
  readonly assignments: readonly SplAssignment[]
}

export interface SplAssignment extends Range {
  readonly target: Mention
  readonly value: SplExpression
}

/** `stats` and its kin: aggregates, and what splits them. */
export interface SplStats extends Command {
  readonly kind: 'stats'
  readonly options: readonly SplOption[]
  readonly aggregates: readonly SplAggregate[]
  readonly by: readonly Mention[]
  /** `tstats … from datamodel=…` */
  readonly from: readonly SplOption[]
  /** `tstats … where …` */
  readonly where: SplTerm | null
}

export interface SplAggregate extends Mention {
  readonly argument: SplExpression | null
  readonly as: Mention | null
}

export interface SplRename extends Command {
  readonly kind: 'rename'
  readonly pairs: readonly { readonly from: Mention; readonly to: Mention }[]
}

/** A macro that stands for whole commands. */
export interface SplMacroStage extends Command {
  readonly kind: 'macro'
  readonly macro: SplMacro
}

/** Every other command: options, words and subsearches in the order they stand. */
export interface SplPlain extends Command {
  readonly kind: 'plain'
  readonly options: readonly SplOption[]
  readonly words: readonly SplWord[]
  readonly subsearches: readonly SplSubsearch[]
}

/** `name=value`; the value is a word, a quoted text or a subsearch. */
export interface SplOption extends Mention {
  readonly value: string
  readonly isQuoted: boolean
}

export interface SplWord extends Mention {
  readonly isQuoted: boolean
}

export interface SplSubsearch extends Range {
  readonly kind: 'subsearch'
  readonly search: SplSearch
}

export interface SplMacro extends Mention {
  readonly kind: 'macro'
  readonly arguments: readonly string[]
}

/** What `search` filters by. */
export type SplTerm =
  SplJunction | SplNotTerm | SplComparison | SplIn | SplFree | SplMacro | SplSubsearch

export interface SplJunction extends Range {
  readonly kind: 'and' | 'or'
  readonly items: readonly SplTerm[]
}

export interface SplNotTerm extends Range {
  readonly kind: 'not'
  readonly item: SplTerm
}

export interface SplComparison extends Range {
  readonly kind: 'comparison'
  readonly field: Mention
  readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>='
  readonly value: SplWord
}

export interface SplIn extends Range {
  readonly kind: 'in'
  readonly field: Mention
  readonly values: readonly SplWord[]
}

/** A term with no field: looked for in the raw event. `TERM(…)` and `CASE(…)` are one, too. */
export interface SplFree extends Range {
  readonly kind: 'free'
  readonly text: string
  readonly isQuoted: boolean
}

/** What `eval` and `where` compute. */
export type SplExpression =
  | SplLogic
  | SplUnary
  | SplBinary
  | SplMembership
  | SplCall
  | SplField
  | SplLiteral
  | SplMacro
  | SplSubsearch

export interface SplLogic extends Range {
  readonly kind: 'all' | 'any' | 'xor'
  readonly items: readonly SplExpression[]
}

export interface SplUnary extends Range {
  readonly kind: 'none' | 'negation'
  readonly item: SplExpression
}

export interface SplBinary extends Range {
  readonly kind: 'binary'
  readonly operator: string
  readonly left: SplExpression
  readonly right: SplExpression
}

export interface SplMembership extends Range {
  readonly kind: 'membership'
  readonly left: SplExpression
  readonly list: readonly SplExpression[]
}

export interface SplCall extends Mention {
  readonly kind: 'call'
  readonly arguments: readonly SplExpression[]
}

export interface SplField extends Mention {
  readonly kind: 'field'
}

export interface SplLiteral extends Range {
  readonly kind: 'literal'
  readonly value: string | number
}
