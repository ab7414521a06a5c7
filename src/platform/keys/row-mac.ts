// Digests of the rows that decide access: who is who, who may what, which keys open a door. Somebody
// who edits the database file cannot make one, so a role raised offline is seen when the row is read.
// What changes with every use (counters, times of use) is left out of the digest.

import type { KeyObject } from 'node:crypto'
import { timingSafeEqual } from 'node:crypto'
import { AppError, assert } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { rowMac, type DerivedKeys } from './hierarchy.ts'
import type { Tx } from '#platform/db/tx.ts'

interface Covered {
  readonly key: readonly string[]
  readonly rest: readonly string[]
  readonly later?: readonly string[]
}

/** Columns under the digest, and those that name the row. `later` came after rows had digests. */
const COVERED = {
  user: {
    key: ['id'],
    rest: ['email', 'state', 'isOwner', 'passwordHash', 'passwordChangedAt', 'createdBy'],
    later: ['isPasswordShort', 'factorSet'],
  },
  // What a session may do; when it was used last is written once a minute.
  session: {
    key: ['key'],
    rest: ['id', 'userId', 'factors', 'startedAt', 'provedAt'],
    later: ['providerId', 'providerSession', 'onlyWorkspaceId', 'endsAt'],
  },
  workspace: {
    key: ['id'],
    rest: ['slug', 'name', 'createdAt', 'suspendedAt'],
    later: ['policyVersion'],
  },
  membership: {
    key: ['workspaceId', 'userId'],
    rest: ['role', 'isAuditor', 'approver', 'approverAskedBy', 'createdAt', 'createdBy'],
    later: ['providerId', 'isBreakIn'],
  },
  passkey: { key: ['id'], rest: ['userId', 'credentialId', 'publicKey', 'createdAt'] },
  accessLink: {
    key: ['key'],
    // prettier-ignore
    rest: ['id', 'purpose', 'userId', 'workspaceId', 'email', 'role', 'isApprover', 'isAuditor',
      'createdBy', 'createdAt', 'expiresAt'],
  },
  emailChange: { key: ['userId'], rest: ['key', 'email', 'createdAt', 'expiresAt'] },
  apiToken: {
    key: ['id'],
    // prettier-ignore
    rest: ['workspaceId', 'userId', 'kind', 'salt', 'hash', 'scopes', 'limits', 'createdAt',
      'expiresAt', 'revokedAt'],
    later: ['serviceRole'],
  },
  identityProvider: {
    key: ['id'],
    // prettier-ignore
    rest: ['workspaceId', 'kind', 'preset', 'isEnabled', 'settings', 'isEmailTrusted', 'defaultRole',
      'groupRoles', 'version', 'createdAt', 'createdBy', 'changedAt', 'changedBy'],
    later: ['sessionHours'],
  },
  identityDomain: {
    key: ['domain', 'providerId'],
    rest: ['isEnforced', 'askedAt', 'askedBy', 'confirmedAt', 'confirmedBy'],
  },
  identity: { key: ['providerId', 'subject'], rest: ['userId', 'createdAt'] },
  providerKey: {
    key: ['id'],
    // not what is sealed: a new key of the workspace seals it again
    rest: ['providerId', 'workspaceId', 'certificate', 'endsAt', 'createdAt', 'createdBy'],
  },
  scimToken: {
    key: ['id'],
    // prettier-ignore
    rest: ['providerId', 'workspaceId', 'salt', 'hash', 'networks', 'createdAt', 'createdBy',
      'expiresAt'],
  },
  scimPerson: {
    key: ['id'],
    rest: ['providerId', 'workspaceId', 'userId', 'userNameKey', 'externalId', 'isActive', 'email'],
  },
  scimGroup: { key: ['id'], rest: ['providerId', 'workspaceId', 'displayName', 'externalId'] },
  scimMember: { key: ['groupId', 'personId'], rest: [] },
  workspacePolicy: { key: ['workspaceId'], rest: ['policy', 'version', 'changedAt', 'changedBy'] },
  policyProposal: { key: ['workspaceId'], rest: ['policy', 'version', 'askedAt', 'askedBy'] },
} as const satisfies Record<string, Covered>

/** The ring's key of purpose `row-mac`. */
export type RowKey = KeyObject

export type MacTableName = keyof typeof COVERED
type Cell = string | number | null | Buffer
type Row = { readonly [column: string]: unknown }

/** The row with its digest. `key` is the ring's `row-mac`. */
export function withMac<R extends object>(
  key: KeyObject,
  table: MacTableName,
  row: R,
): R & { mac: Buffer } {
  return { ...row, mac: macOf(key, table, row as Row) }
}

/** The row as it was given. Throws `conflict` when it was changed outside the product. */
export function checkMac<R extends { readonly mac: Buffer | null }>(
  key: KeyObject,
  table: MacTableName,
  row: R,
): R {
  if (isGenuine(key, table, row)) return row
  const names: readonly string[] = COVERED[table].key
  const id = names.map((name) => String((row as Row)[name])).join(' ')
  const words = `A row of ${table} was changed outside the product. Nobody can use it until it is made again.`
  throw rowDamaged(words, { table, row: id })
}

/** Where something was changed outside the product; doors leave an entry about it. */
export interface Damage {
  readonly table: string
  readonly row: string
}

export function rowDamaged(message: string, damage: Damage): AppError {
  return new AppError('conflict', message, { details: { damage } })
}

/** Undefined for every other failure. */
export function damageOf(error: unknown): Damage | undefined {
  return error instanceof AppError ? (error.details['damage'] as Damage | undefined) : undefined
}

/** For a new master secret: every genuine digest again, under the new key. */
export async function rewriteMacs(tx: Tx, from: DerivedKeys, to: DerivedKeys): Promise<void> {
  for (const table of Object.keys(COVERED) as MacTableName[]) {
    for (const row of await rowsOf(tx, table)) {
      // One that is not genuine stays so: a rotation must not make it valid.
      if (!isGenuine(from.keys['row-mac'], table, row)) continue
      await setMac(tx, table, row, macOf(to.keys['row-mac'], table, row))
    }
  }
}

/** Whether nobody changed it outside the product; for whoever must go on where it was. */
export function isGenuine(
  key: KeyObject,
  table: MacTableName,
  row: Row & { readonly mac: Buffer | null },
): boolean {
  const expected = macOf(key, table, row)
  return row.mac?.length === expected.length && timingSafeEqual(row.mac, expected)
}

function macOf(key: KeyObject, table: MacTableName, row: Row): Buffer {
  const { key: names, rest, later = [] }: Covered = COVERED[table]
  const covered: Record<string, Json> = {}
  for (const name of [...names, ...rest]) {
    assert(row[name] !== undefined, `a digest of ${table} needs ${name}`)
    const cell = row[name] as Cell
    covered[name] = Buffer.isBuffer(cell) ? cell.toString('base64') : cell
  }
  // Null leaves the digest as it was before there was such a column; any other value is in it, so
  // that neither can be turned into the other.
  for (const name of later) {
    assert(row[name] !== undefined, `a digest of ${table} needs ${name}`)
    if (row[name] !== null) covered[name] = row[name] as string | number
  }
  return rowMac(key, table, covered)
}

type AnyRow = Row & { mac: Buffer | null }

// The tables have different columns; what they share is a key and a digest.
async function rowsOf(tx: Tx, table: MacTableName): Promise<readonly AnyRow[]> {
  return tx
    .selectFrom(table as 'user')
    .selectAll()
    .execute()
}

async function setMac(tx: Tx, table: MacTableName, row: AnyRow, mac: Buffer): Promise<void> {
  let update = tx.updateTable(table as 'user').set({ mac })
  for (const name of COVERED[table].key) {
    update = update.where(name as 'id', '=', row[name] as never)
  }
  await update.execute()
}
