// What rules of a target build on: macros, lookups, lists of exceptions. The target tells of some kinds of
// them; of the others no more is known than that rules name them. Pure.

import type { DependencyId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export const DEPENDENCY_KINDS = [
  'macro',
  'lookup',
  'datamodel',
  'watchlist',
  'saved_search',
  'function',
  'automation_rule',
  'playbook',
  'exception_list',
  'connector',
  'data_view',
  'ml_job',
] as const
export type DependencyKind = (typeof DEPENDENCY_KINDS)[number]

/** As far as the target goes. `missing`: rules name it, and there is none. `untold`: it tells nothing. */
export type ToldState = 'told' | 'missing' | 'untold'
/** `given`: somebody here said what it is, because the target does not. */
export const DEPENDENCY_STATES = ['told', 'given', 'missing', 'untold'] as const
export type DependencyState = (typeof DEPENDENCY_STATES)[number]

/** What takes up an alert: rules set it off and read nothing of it. */
export const REACTION_KINDS = ['automation_rule', 'playbook', 'connector'] as const
/** Of these the target says which rules they are about, and no rule does. */
export const TARGET_NAMES = ['automation_rule', 'playbook'] as const

export interface Dependency {
  readonly id: DependencyId
  readonly targetId: TargetId
  readonly kind: DependencyKind
  readonly name: string
  /** What people call it there, where rules name it by an id. */
  readonly title: string | null
  readonly state: DependencyState
  /** 0 while it was never told. */
  readonly version: number
  readonly hash: string | null
  readonly changedAt: Instant
  /** How many rules that stand there build on it. */
  readonly rules: number
}

export interface NamedDependency {
  readonly kind: DependencyKind
  readonly name: string
}

export function isDependencyKind(kind: string): kind is DependencyKind {
  return (DEPENDENCY_KINDS as readonly string[]).includes(kind)
}

/** Each once. */
export function distinct(names: readonly NamedDependency[]): readonly NamedDependency[] {
  return [...new Map(names.map((one) => [keyOf(one), one])).values()]
}

export function keyOf({ kind, name }: NamedDependency): string {
  return `${kind} ${name}`
}

/** Rules call `name`, whatever arguments the definition `name(2)` of a macro has. */
export function plainName(name: string): string {
  return name.replace(/\(\d+\)$/, '')
}
