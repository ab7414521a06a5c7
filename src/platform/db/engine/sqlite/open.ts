// Opens the database file: one connection that writes, one that only reads.
// Promises that every setting which durability or safety rests on is in force, by reading it
// back after a real statement: `pragma synchronous` read right after `journal_mode = WAL` still
// says 2 and drops to the compiled-in 1 (NORMAL) with the first statement. NORMAL loses
// acknowledged commits in a power cut, and a test with kill -9 can never show it.

import Sqlite from 'better-sqlite3'
import { assert } from '#kernel/error.ts'

export type Connection = Sqlite.Database

export const BUSY_TIMEOUT_MS = 5_000

type Setting = readonly [name: string, value: string | number, readBack: string | number]

const SETTINGS: readonly Setting[] = [
  ['foreign_keys', 'ON', 1],
  ['trusted_schema', 'OFF', 0], // functions with side effects cannot hide in a planted schema
  ['cell_size_check', 'ON', 1],
  ['recursive_triggers', 'ON', 1], // else REPLACE deletes rows without firing delete triggers
  ['temp_store', 'MEMORY', 2], // sorting spills nothing readable into temporary files
  ['mmap_size', 0, 0], // a damaged page is an error, not SIGBUS
]

const WRITER: readonly Setting[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ...SETTINGS,
  ['secure_delete', 'ON', 1], // erased personal data and secrets leave no copy in free pages
  ['journal_size_limit', 64 * 1024 * 1024, 64 * 1024 * 1024],
  ['wal_autocheckpoint', 1_000, 1_000],
]

/** Makes the file when it is missing. Throws when a setting does not hold. */
export function openWriter(file: string): Connection {
  return open(file, { readonly: false }, WRITER)
}

/** The file must exist and be in WAL mode; SQLite itself refuses every write. */
export function openReader(file: string): Connection {
  return open(file, { readonly: true, fileMustExist: true }, [...SETTINGS, ['query_only', 'ON', 1]])
}

/** Gone with the process. */
export function openMemory(): Connection {
  const settings = SETTINGS.filter(([name]) => name !== 'mmap_size') // nothing to map
  return open(':memory:', {}, settings)
}

/** `SQLITE_FULL`, `SQLITE_IOERR_WRITE` …, or undefined for what SQLite did not throw. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Sqlite.SqliteError ? error.code : undefined
}

/** The disk is full or failing: nothing of the transaction can be trusted. */
export function isStorageError(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|NOMEM)/.test(sqliteCode(error) ?? '')
}

/** The file is no database, or not whole. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '')
}

function open(file: string, options: Sqlite.Options, settings: readonly Setting[]): Connection {
  const connection = new Sqlite(file, { ...options, timeout: BUSY_TIMEOUT_MS })
  try {
    for (const [name, value] of settings) connection.pragma(`${name} = ${value}`)
    connection.prepare('select count(*) from sqlite_schema').get()
    for (const [name, , expected] of settings) {
      const actual = connection.pragma(name, { simple: true })
      assert(actual === expected, `pragma ${name} is ${String(actual)}, not ${expected}`)
    }
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}
