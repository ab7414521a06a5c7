// A database in one SQLite file: a connection that writes and one that only reads. The caller holds
// the instance lock.

import { closeSync, existsSync, globSync, openSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { CompiledQuery } from 'kysely'
import { canonicalJson } from '#kernel/json.ts'
import type {
  DatabaseOptions,
  DatabaseSchema,
  SchemaChange,
  SqliteDatabase,
} from '#platform/db/database.ts'
import { openReader as openReadHandle } from '#platform/db/handle.ts'
import { migrate } from '#platform/db/migrate.ts'
import { TableLists } from '#platform/db/table-lists.ts'
import { checkAtStart, checkHeader, refuseDamage } from './check.ts'
import { copyDatabase } from './copy.ts'
import { inspect } from './inspect.ts'
import { Memo } from './memo.ts'
import { migrationTarget } from './migrate.ts'
import { openReader, openWriter, type Connection } from './open.ts'
import { schemaDigest } from './schema.ts'
import { sqliteQueries, Statements } from './statements.ts'
import { WalKeeper } from './wal.ts'
import { Writer } from './writer.ts'

export const DATABASE_FILE = 'rulewright.db'

type Options = DatabaseOptions & { readonly schema: DatabaseSchema }

export async function openSqlite(folder: string, options: Options): Promise<SqliteDatabase> {
  const file = path.join(folder, DATABASE_FILE)
  // Made by us, so that the file and the WAL beside it are nobody else's to read. Not when it
  // exists: closing a descriptor would drop the locks this process holds on the file.
  if (existsSync(file)) checkHeader(file)
  else closeSync(openSync(file, 'wx', 0o600))
  await bringUp(file, options)
  const lists = new TableLists(options.schema.tables)
  const wal = new WalKeeper(file, options, () => options.report?.('wal_large'))
  const writer = new Writer({ ...options, lists, wal, open: () => openWriter(file) })
  const reader = openReader(file)
  const statements = new Statements(reader)
  const memo = new Memo(reader)
  const run = async (query: CompiledQuery) => {
    writer.assertOutsideBody()
    return statements.execute(query)
  }
  return {
    read: (scope) => openReadHandle({ engine: sqliteQueries, lists, scope, run }),
    async remember({ workspaceId, within = null }, question, ask) {
      writer.assertOutsideBody()
      // Whoever sees less of the workspace is answered of that alone.
      const seen = within && { ...within }
      return memo.remember(canonicalJson([workspaceId, seen, question]), ask)
    },
    write: (caller, body) => writer.write(caller, body),
    get isReadOnly() {
      return writer.isReadOnly
    },
    inspect: (steps) => inspect(statements, steps),
    file,
    reader,
    async close() {
      await writer.drain()
      reader.close()
      writer.close()
    },
  }
}

async function bringUp(file: string, options: Options): Promise<void> {
  const connection = refuseDamage(file, () => openWriter(file))
  try {
    checkAtStart(connection, file)
    const now = options.now ?? (() => Date.now())
    await migrate(migrationTarget(connection), options.schema.migrations, {
      now,
      beforeChange: async (from, to) => {
        const change = { from, to, at: now() }
        if (options.beforeMigrate) await options.beforeMigrate(connection, change)
        else keepCopy(connection, path.join(path.dirname(file), 'backups'), change)
        options.report?.('migrating')
      },
    })
    if (isSchemaChanged(connection)) options.report?.('schema_changed')
  } finally {
    connection.close()
  }
}

// Somebody added an index, or dropped the triggers that keep the audit log.
function isSchemaChanged(connection: Connection): boolean {
  const recorded = connection
    .prepare('select "schemaDigest" from "schemaMigration" order by number desc limit 1')
    .pluck()
    .get()
  return recorded !== schemaDigest(connection)
}

function keepCopy(connection: Connection, folder: string, { from, to, at }: SchemaChange): void {
  // An upgrade that was killed leaves half a copy, as large as the database, under an older time.
  for (const name of globSync('before-schema-*.partial', { cwd: folder })) {
    rmSync(path.join(folder, name))
  }
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  copyDatabase(connection, path.join(folder, `before-schema-${from}-to-${to}-${stamp}.db`))
}
