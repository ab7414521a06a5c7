// The tables a guard knows, by who owns them. A name in none of the lists is refused.

import { Bug } from '#kernel/error.ts'
import type { AnyTables, Owner } from './columns.ts'

const ENGINE_TABLES = ['sqlite_\\w+', 'pragma_\\w+', 'pg_\\w+', 'information_schema']

export class TableLists {
  readonly workspace: ReadonlySet<string>
  readonly instance: ReadonlySet<string>
  /** Finds the name of a workspace table in raw text. */
  readonly namesWorkspace: RegExp
  /** Finds the name of a table that belongs to the platform or to the engine. */
  readonly namesOther: RegExp

  constructor(tables: AnyTables) {
    const ownedBy = (owner: Owner) =>
      Object.keys(tables).filter((name) => tables[name]!.owner === owner)
    this.workspace = new Set(ownedBy('workspace').map((name) => name.toLowerCase()))
    const anywhere = [...ownedBy('instance'), ...ownedBy('index')]
    this.instance = new Set(anywhere.map((name) => name.toLowerCase()))
    this.namesWorkspace = anyOf(ownedBy('workspace'))
    this.namesOther = anyOf([...ownedBy('platform'), ...ENGINE_TABLES])
  }

  // SQLite compares names without case; a name in neither list must be a CTE in reach.
  isWorkspace(name: string, ctes: ReadonlySet<string>): boolean {
    const lower = name.toLowerCase()
    if (this.workspace.has(lower)) return true
    if (ctes.has(lower) || this.instance.has(lower)) return false
    throw new Bug(`the guard does not know the table ${name}`)
  }
}

function anyOf(names: readonly string[]): RegExp {
  return names.length === 0 ? MATCHES_NOTHING : new RegExp(`\\b(${names.join('|')})\\b`, 'i')
}

const MATCHES_NOTHING = /(?!)/
