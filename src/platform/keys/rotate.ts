// A new master secret: everything wrapped under the old one is wrapped again, in one transaction, so
// that a crash leaves all old or all new. What the old secret could forge ends with it: the log gets
// a new chain key and a new signing key, announced in an entry that the old ones sealed. Sealed
// values and tokens stay valid; what is keyed by the secret itself, such as page cursors, ends.

import { AppError, assert } from '#kernel/error.ts'
import { readEpochs, macOfEpoch } from '#platform/audit/epoch.ts'
import { readHead } from '#platform/audit/log.ts'
import { writeCheckpoint } from '#platform/audit/signing.ts'
import type { AuditLog } from '#platform/audit/audit-log.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import { change, runSteps, type Steps } from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import { deriveKeys, type DerivedKeys } from './hierarchy.ts'
import { instanceMac, keyRowMac, makeKeyRow, openWith, type OpenedKeys } from './instance.ts'
import type { KeyRing } from './ring.ts'
import { rewriteMacs } from './row-mac.ts'
import {
  findStoredKeys,
  insertInstanceKey,
  listWorkspaceKeys,
  updateInstance,
  updateInstanceKey,
  updateWorkspaceKey,
} from './store.ts'
import {
  makeCanary,
  unwrapInstanceKey,
  unwrapWorkspaceKey,
  wrapInstanceKey,
  wrapWorkspaceKey,
  type InstanceKeyRow,
  type Random,
} from './wraps.ts'

export interface RotationHouse {
  readonly db: Database
  readonly keys: KeyRing
  readonly audit: AuditLog
  readonly random: Random
}

export interface Rotation {
  readonly from: string
  readonly to: string
  /** How many workspace keys were wrapped again. */
  readonly workspaceKeys: number
}

/** Throws `invalid` when `master` is the secret in force already. */
export async function rotateMasterSecret(
  house: RotationHouse,
  caller: Caller,
  master: Buffer,
): Promise<Rotation> {
  const { keys, audit, db, random } = house
  const before = keys.opened
  const to = deriveKeys(master, before.installId)
  const { mkId } = before.derived
  if (to.mkId === mkId) throw new AppError('invalid', 'This is the master secret in force already.')
  try {
    const { anchor, workspaceKeys } = await db.write(caller, async (tx) => {
      const result = await rotate(tx, { audit, before, to, caller, random })
      keys.replace(result.opened)
      return result
    })
    await audit.keepAnchor(anchor)
    return { from: mkId, to: to.mkId, workspaceKeys }
  } catch (error) {
    keys.replace(before)
    throw error
  }
}

interface RotationInput {
  readonly audit: AuditLog
  readonly before: OpenedKeys
  readonly to: DerivedKeys
  readonly caller: Caller
  readonly random: Random
}

async function rotate(tx: Tx, input: RotationInput) {
  const { audit, before, to, caller, random } = input
  const seed = random(32)
  const fromSeq = (await runSteps(tx, readHead())).seq + 2 // behind the entry written next
  const made = { fromSeq, createdAt: caller.now }
  const stored = await findStoredKeys(tx)
  assert(stored, 'there is an instance')
  const versionAfter = (purpose: InstanceKeyRow['purpose']) =>
    1 + Math.max(...stored.keys.filter((k) => k.purpose === purpose).map((k) => k.version))
  const fresh = [
    makeKeyRow(to, { purpose: 'audit-mac', version: versionAfter('audit-mac'), ...made }, random),
    makeKeyRow(
      to,
      { purpose: 'audit-sign', version: versionAfter('audit-sign'), ...made },
      random,
      seed,
    ),
  ]
  await audit.record(tx, caller, {
    action: 'secret.rotate',
    target: 'instance',
    data: {
      from: before.derived.mkId,
      to: to.mkId,
      publicKey: fresh[1]!.publicKey!.toString('base64'),
    },
  })
  const anchor = await writeCheckpoint(tx, before.audit, caller.now)
  assert(anchor?.size === fromSeq - 1, 'the old key signs the entry that announces the new one')
  const workspaceKeys = await rewrapKeys(tx, before.derived, to, random)
  await retireSigningKeys(tx, to)
  for (const row of fresh) await insertInstanceKey(tx, row)
  const after = await findStoredKeys(tx)
  assert(after, 'there is an instance')
  return { anchor, workspaceKeys, opened: openWith(after, to) }
}

// A replaced signing key can never sign again; its public half stays, for what it signed.
async function retireSigningKeys(tx: Tx, to: DerivedKeys): Promise<void> {
  const stored = await findStoredKeys(tx)
  for (const row of stored?.keys ?? []) {
    if (row.purpose !== 'audit-sign') continue
    const retired = { ...row, wrapped: null }
    await updateInstanceKey(tx, { ...retired, mac: keyRowMac(to, retired) })
  }
}

/** Wraps every stored key under `to` and writes every digest again. Returns the workspace keys. */
export async function rewrapKeys(
  tx: Tx,
  from: DerivedKeys,
  to: DerivedKeys,
  random: Random,
): Promise<number> {
  const stored = await findStoredKeys(tx)
  assert(stored, 'there is an instance')
  const { instance } = stored
  for (const row of stored.keys)
    await updateInstanceKey(tx, rewrapInstanceKey(row, from, to, random))
  const canary = makeCanary(to, instance.installId, random)
  const row = { ...instance, mkId: to.mkId, canary }
  await updateInstance(tx, { ...row, mac: instanceMac(to, row) })
  await runSteps(tx, rewriteEpochMacs(to))
  await rewriteMacs(tx, from, to)
  const workspaceKeys = await listWorkspaceKeys(tx)
  for (const key of workspaceKeys) {
    const bytes = unwrapWorkspaceKey(from, key)
    const wrapped = wrapWorkspaceKey(to, key, bytes, random)
    bytes.fill(0)
    await updateWorkspaceKey(tx, { ...key, mkId: to.mkId, wrapped })
  }
  return workspaceKeys.length
}

function rewrapInstanceKey(
  row: InstanceKeyRow,
  from: DerivedKeys,
  to: DerivedKeys,
  random: Random,
): InstanceKeyRow {
  const next = { ...row, mkId: to.mkId, wrapped: rewrapped(row, from, to, random) }
  return { ...next, mac: keyRowMac(to, next) }
}

function rewrapped(
  row: InstanceKeyRow,
  from: DerivedKeys,
  to: DerivedKeys,
  random: Random,
): Buffer | null {
  if (row.wrapped === null) return null
  const bytes = unwrapInstanceKey(from, row)
  const wrapped = wrapInstanceKey(to, row, bytes, random)
  bytes.fill(0)
  return wrapped
}

function* rewriteEpochMacs(to: DerivedKeys): Steps<void> {
  for (const row of yield* readEpochs()) {
    const mac = macOfEpoch({ rowKey: to.keys['row-mac'] }, row)
    yield* change('update "auditEpoch" set "mac" = ? where "epoch" = ?', mac, row.epoch)
  }
}
