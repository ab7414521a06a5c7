// What rules of a target build on: macros, lookups, lists of exceptions. The target tells of some kinds of
// them; of the others no more is known than that rules name them. Pure.

import type { DependencyId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'

export const DEPENDENCY_KINDS = [
  'macro',
  'lookup',
  'datamodel',
  'watchlist',
  'saved_search',
  'function',
  'exception_list',
  'data_view',
  'ml_job',
] as const
export type DependencyKind = (typeof DEPENDENCY_KINDS)[number]

/** `missing`: rules name it, and the target has none. `untold`: it does not tell of such things. */
export const DEPENDENCY_STATES = ['told', 'missing', 'untold'] as const
export type DependencyState = (typeof DEPENDENCY_STATES)[number]

export interface Dependency {
  readonly id: DependencyId
  readonly targetId: TargetId
  readonly kind: DependencyKind
  readonly name: string
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

export interface ToldDependency extends NamedDependency {
  readonly definition: Json
}
