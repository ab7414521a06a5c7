// The words in which tables.ts describes the schema. One description gives both the row types that
// kysely checks and the lists the guard and the schema test read, so neither can drift.

/** `T` is what a row holds; a brand (`text<RuleId>()`) costs nothing at run time. */
export interface Column<T, HasDefault extends boolean = false> {
  readonly type: 'text' | 'integer' | 'blob'
  readonly isNullable: boolean
  readonly hasDefault: HasDefault
  /** Never set: carries the type. */
  readonly row?: T
}

export type Columns = Readonly<Record<string, Column<unknown, boolean>>>

/**
 * `workspace`: rows belong to one workspace and the guard demands `workspaceId` = scope.
 * `instance`: rows belong to the installation; stores may query them from any scope.
 * `platform`: only raw statements of the platform reach it; the guard refuses every query.
 * `index`: words of rows, without the rows: a store joins what it finds with a table of its workspace.
 */
export type Owner = 'workspace' | 'instance' | 'platform' | 'index'

export interface Table<C extends Columns> {
  readonly owner: Owner
  readonly columns: C
}

export type AnyTables = Readonly<Record<string, Table<Columns>>>

export function text<T extends string = string>(): Column<T> {
  return { type: 'text', isNullable: false, hasDefault: false }
}

/** 64 bits in the database; what a column holds stays within 2^53. */
export function integer<T extends number = number>(): Column<T> {
  return { type: 'integer', isNullable: false, hasDefault: false }
}

export function blob(): Column<Buffer> {
  return { type: 'blob', isNullable: false, hasDefault: false }
}

/** NULL is allowed; an insert that leaves the column out stores it. */
export function nullable<T>(column: Column<T>): Column<T | null, true> {
  return { type: column.type, isNullable: true, hasDefault: true }
}

export function workspaceTable<C extends Columns & { readonly workspaceId: Column<string> }>(
  columns: C,
): Table<C> {
  return { owner: 'workspace', columns }
}

export function instanceTable<C extends Columns>(columns: C): Table<C> {
  return { owner: 'instance', columns }
}

export function platformTable<C extends Columns>(columns: C): Table<C> {
  return { owner: 'platform', columns }
}

/** Made by `engine.wordIndex`; `words` is written and matched, and never read back. */
export function indexTable() {
  return {
    owner: 'index',
    columns: { rowid: integer(), words: text() },
  } as const satisfies Table<Columns>
}
