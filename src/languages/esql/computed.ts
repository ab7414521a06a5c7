// What an ES|QL expression becomes: a type, and a function over a row.

import type { Fields, Value } from '#languages/evaluation.ts'
import type { Span } from './dates.ts'
import { isScalar, type EsqlType, type Scalar } from './values.ts'

export type Compute = (row: Fields) => Value

export interface Computed {
  readonly type: EsqlType
  readonly of: Compute
  /** Set where the type is `span`. */
  readonly span?: Span
}

/** What a full-text search (`QSTR`, `KQL`) answers for a row; without one they are refused. */
export type FullText = (query: string) => (row: Fields) => boolean

export interface ComputeScope {
  readonly text: string
  /** Unix milliseconds. */
  readonly now: number
  readonly fullText: FullText | undefined
  /** The column's type. Throws `Refusal` for a column that cannot be there. */
  typeOf(name: string): EsqlType
  /** Called when several values met what takes one. */
  warnMultivalue(): void
}

/** Several values where one is needed are null. */
export function single(value: Value, scope: ComputeScope): Scalar {
  if (isScalar(value)) return value
  scope.warnMultivalue()
  return null
}

export function negated(value: boolean | null): boolean | null {
  return value === null ? null : !value
}
