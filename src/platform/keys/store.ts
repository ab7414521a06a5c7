// The rows of the instance and its keys. Only the parts of platform/keys and the audit log's epochs
// use it; nobody else has business with wrapped keys.

import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { InstanceRow, StoredKeys } from './instance.ts'
import type { InstanceKeyRow, WorkspaceKeyRow } from './wraps.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** Undefined for a database in which no instance was made yet. */
export async function findStoredKeys(db: Handle): Promise<StoredKeys | undefined> {
  const instance = await findInstance(db)
  if (!instance) return undefined
  const keys = await db.selectFrom('instanceKey').selectAll().execute()
  return { instance, keys }
}

/** The same from a file that nobody serves: a restored backup, an offline verification. */
export function findStoredKeysIn(connection: Connection): StoredKeys | undefined {
  const instance = connection.prepare('select * from "instance" where id = 1').get()
  if (instance === undefined) return undefined
  const keys = connection.prepare('select * from "instanceKey"').all()
  return { instance: instance as InstanceRow, keys: keys as InstanceKeyRow[] }
}

export async function findInstance(db: Handle): Promise<InstanceRow | undefined> {
  return db.selectFrom('instance').selectAll().where('id', '=', 1).executeTakeFirst()
}

export async function insertStoredKeys(tx: Tx, { instance, keys }: StoredKeys): Promise<void> {
  await tx
    .insertInto('instance')
    .values({ id: 1, ...instance })
    .execute()
  for (const key of keys) await insertInstanceKey(tx, key)
}

/** Replaces what may change; installId and createdAt never do. */
export async function updateInstance(tx: Tx, row: InstanceRow): Promise<void> {
  const { mkId, canary, heldAt, heldReason, rowsSealedAt, mac } = row
  await tx
    .updateTable('instance')
    .set({ mkId, canary, heldAt, heldReason, rowsSealedAt, mac })
    .where('id', '=', 1)
    .execute()
}

export async function insertInstanceKey(tx: Tx, row: InstanceKeyRow): Promise<void> {
  await tx.insertInto('instanceKey').values(row).execute()
}

export async function updateInstanceKey(tx: Tx, row: InstanceKeyRow): Promise<void> {
  await tx
    .updateTable('instanceKey')
    .set({ mkId: row.mkId, wrapped: row.wrapped, mac: row.mac })
    .where('purpose', '=', row.purpose)
    .where('version', '=', row.version)
    .execute()
}

/** Every key of every workspace, for wrapping them again. */
export async function listWorkspaceKeys(db: Handle): Promise<WorkspaceKeyRow[]> {
  return db.selectFrom('workspaceKey').selectAll().execute()
}

export async function listKeysOfWorkspace(
  db: Handle,
  workspaceId: string,
): Promise<WorkspaceKeyRow[]> {
  return db
    .selectFrom('workspaceKey')
    .selectAll()
    .where('workspaceId', '=', workspaceId)
    .orderBy('version')
    .execute()
}

export async function findActiveWorkspaceKey(
  db: Handle,
  workspaceId: string,
): Promise<WorkspaceKeyRow | undefined> {
  return db
    .selectFrom('workspaceKey')
    .selectAll()
    .where('workspaceId', '=', workspaceId)
    .where('state', '=', 'active')
    .executeTakeFirst()
}

export async function findWorkspaceKey(
  db: Handle,
  workspaceId: string,
  version: number,
): Promise<WorkspaceKeyRow | undefined> {
  return db
    .selectFrom('workspaceKey')
    .selectAll()
    .where('workspaceId', '=', workspaceId)
    .where('version', '=', version)
    .executeTakeFirst()
}

export async function insertWorkspaceKey(tx: Tx, row: WorkspaceKeyRow): Promise<void> {
  await tx.insertInto('workspaceKey').values(row).execute()
}

export async function updateWorkspaceKey(tx: Tx, row: WorkspaceKeyRow): Promise<void> {
  const { mkId, wrapped, state, retiredAt } = row
  await tx
    .updateTable('workspaceKey')
    .set({ mkId, wrapped, state, retiredAt })
    .where('workspaceId', '=', row.workspaceId)
    .where('version', '=', row.version)
    .execute()
}

export async function deleteWorkspaceKey(
  tx: Tx,
  { workspaceId, version }: Pick<WorkspaceKeyRow, 'workspaceId' | 'version'>,
): Promise<void> {
  await tx
    .deleteFrom('workspaceKey')
    .where('workspaceId', '=', workspaceId)
    .where('version', '=', version)
    .execute()
}
