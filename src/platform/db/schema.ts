// The schema of a database as it is, read back from the engine: for the test that tables.ts tells
// the truth, and for noticing that somebody changed tables or triggers behind the product's back.

import { hash } from 'node:crypto'
import type { AnyTables } from './columns.ts'

export interface SchemaColumn {
  readonly type: string
  readonly isNullable: boolean
  readonly hasDefault: boolean
}

export type Schema = Readonly<Record<string, Readonly<Record<string, SchemaColumn>>>>

/**
 * The schema that the description stands for, in the form `readSchema` of an engine returns: without
 * word indexes, which each engine makes of what it has.
 */
export function describedSchema(tables: AnyTables): Schema {
  const stored = Object.entries(tables).filter(([, { owner }]) => owner !== 'index')
  return Object.fromEntries(
    stored.map(([name, { columns }]) => [
      name,
      Object.fromEntries(
        Object.entries(columns).map(([column, { type, isNullable, hasDefault }]) => [
          column,
          { type, isNullable, hasDefault },
        ]),
      ),
    ]),
  )
}

/** Hex. `parts` are the definitions of tables, indexes, constraints and triggers, in a fixed order. */
export function digestSchema(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex')
}
