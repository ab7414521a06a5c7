// What the product signs in with. A secret is typed once and never shown; a new one stands beside the
// one in force until it was checked and promoted, and the one before can be brought back for a day.
// Whoever works with the old one at that moment goes on: a port keeps the credential it was made with.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type TargetId, type WorkspaceId } from '#kernel/id.ts'
import { addMs } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { describeCertificate } from '#platform/certificates.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { sealCredential } from './connect.ts'
import {
  deleteSlot,
  findCredential,
  putCredential,
  selectCredentials,
  updateCredential,
} from './credential-store.ts'
import { verbOf } from './health.ts'
import type { NewCredential } from './input.ts'
import { enqueueCheck } from './jobs.ts'
import { originsOf, TARGET_KIND_ROWS } from './settings.ts'
import { getTargetRow } from './store.ts'
import {
  labelOf,
  REVERT_MS,
  type CredentialSummary,
  type Purpose,
  type Slot,
  type Target,
} from './target.ts'

/**
 * Keeps it as the one in force where there is none, else as the next one. It is checked at once.
 * Throws `invalid` for what this kind cannot sign in with. Audited, without any value.
 */
export async function setCredential(
  house: House,
  caller: Caller,
  targetId: TargetId,
  { purpose, credential, clientCertificate, expiresAt: typed }: NewCredential,
): Promise<readonly CredentialSummary[]> {
  permit(caller, 'target.write')
  const target = await getTargetRow(house.db.read(caller.scope), caller.scope, targetId)
  refuseKind(target, credential.kind, clientCertificate !== undefined)
  const id = makeId(ID_PREFIXES.credential, caller.now, house.random(10))
  const secrets = { id, credential, clientCertificate }
  const sealed = await sealCredential(house, caller, target, secrets)
  const { kind } = credential
  const certificate = certificateOf({ credential, clientCertificate })
  const expiresAt = typed ?? null
  return house.db.write(caller, async (tx) => {
    await refuseMoved(tx, target)
    const current = await findCredential(tx, tx.scope, targetId, { purpose, slot: 'current' })
    const slot: Slot = current === undefined ? 'current' : 'next'
    const label = labelOf(credential)
    const made = { createdAt: caller.now, createdBy: caller.actor }
    const row = { id, targetId, purpose, slot, kind, label, sealed, expiresAt, endsAt: null }
    await putCredential(tx, { ...row, ...certificate, ...made })
    const told = { purpose, slot, kind, expiresAt, ...certificate }
    await record(tx, house, caller, target, 'set', told)
    return selectCredentials(tx, tx.scope, targetId)
  })
}

function refuseKind(
  { kind, name }: Target,
  credential: NewCredential['credential']['kind'],
  hasCertificate: boolean,
): void {
  const { credentials, takesCertificate } = TARGET_KIND_ROWS[kind]
  if (hasCertificate && takesCertificate === undefined) {
    throw new AppError('invalid', `${name} is a target that nobody shows a certificate to.`)
  }
  const isTaken =
    credential === 'none'
      ? hasCertificate && takesCertificate === 'alone'
      : credentials.includes(credential)
  if (isTaken) return
  const what = credential === 'none' ? 'a certificate alone' : credential
  throw new AppError('invalid', `${name} is a target that nobody signs in to with ${what}.`)
}

/** The one that is shown, or the one that is signed with. */
function certificateOf({
  credential,
  clientCertificate,
}: Pick<NewCredential, 'credential' | 'clientCertificate'>) {
  const pem =
    clientCertificate?.certificate ??
    (credential.kind === 'client_assertion' ? credential.certificate : undefined)
  if (pem === undefined) return { certificate: null, certificateEndsAt: null }
  const { subject, endsAt } = describeCertificate(pem)
  return { certificate: subject, certificateEndsAt: endsAt }
}

async function refuseMoved(tx: Tx, before: Target): Promise<void> {
  const now = await getTargetRow(tx, tx.scope, before.id)
  const [was, is] = [before, now].map(({ kind, settings }) => originsOf(kind, settings).join())
  if (was !== is) {
    throw new AppError(
      'conflict',
      'The address was changed meanwhile. Look at it, then type again.',
    )
  }
}

/** Puts the next one in force. Throws `conflict` unless it was checked and found good. Audited. */
export async function promoteCredential(
  house: House,
  caller: Caller,
  targetId: TargetId,
  purpose: Purpose,
): Promise<readonly CredentialSummary[]> {
  permit(caller, 'target.write')
  return house.db.write(caller, async (tx) => {
    const target = await getTargetRow(tx, tx.scope, targetId)
    const { current, next } = await slotsOf(tx, targetId, purpose)
    if (!next) throw new AppError('conflict', `There is no next credential for ${verbOf(purpose)}.`)
    if (next.checkedAt === null || next.problem !== null) {
      const why = next.problem ?? 'It was not checked yet.'
      throw new AppError('conflict', `The next credential cannot take over: ${why}`)
    }
    await deleteSlot(tx, targetId, { purpose, slot: 'previous' })
    if (current) {
      const endsAt = addMs(caller.now, REVERT_MS)
      await updateCredential(tx, current.id, { slot: 'previous', endsAt })
    }
    await updateCredential(tx, next.id, { slot: 'current' })
    const dependants = next.dependants?.count ?? null
    const told = { purpose, credential: next.id, dependants }
    await record(tx, house, caller, target, 'promote', told)
    return selectCredentials(tx, tx.scope, targetId)
  })
}

/**
 * Brings back the one before, within a day; the one in force becomes the next again. Throws `conflict`
 * when there is none any more. Audited.
 */
export async function revertCredential(
  house: House,
  caller: Caller,
  targetId: TargetId,
  purpose: Purpose,
): Promise<readonly CredentialSummary[]> {
  permit(caller, 'target.write')
  return house.db.write(caller, async (tx) => {
    const target = await getTargetRow(tx, tx.scope, targetId)
    const { current, previous } = await slotsOf(tx, targetId, purpose)
    if (!previous || (previous.endsAt ?? 0) <= caller.now) {
      throw new AppError('conflict', 'There is no credential left to go back to.')
    }
    await deleteSlot(tx, targetId, { purpose, slot: 'next' })
    if (current) await updateCredential(tx, current.id, { slot: 'next' })
    await updateCredential(tx, previous.id, { slot: 'current', endsAt: null })
    await record(tx, house, caller, target, 'revert', { purpose, credential: previous.id })
    return selectCredentials(tx, tx.scope, targetId)
  })
}

/** Throws `conflict` when there is none. Audited. */
export async function removeCredential(
  house: House,
  caller: Caller,
  targetId: TargetId,
  place: { readonly purpose: Purpose; readonly slot: Slot },
): Promise<readonly CredentialSummary[]> {
  permit(caller, 'target.write')
  return house.db.write(caller, async (tx) => {
    const target = await getTargetRow(tx, tx.scope, targetId)
    if (!(await findCredential(tx, tx.scope, targetId, place))) {
      throw new AppError('conflict', 'This credential is gone already.')
    }
    await deleteSlot(tx, targetId, place)
    await record(tx, house, caller, target, 'remove', place)
    return selectCredentials(tx, tx.scope, targetId)
  })
}

async function slotsOf(tx: Tx, targetId: TargetId, purpose: Purpose) {
  const all = await selectCredentials(tx, tx.scope, targetId)
  const of = (slot: Slot) => all.find((one) => one.purpose === purpose && one.slot === slot)
  return { current: of('current'), next: of('next'), previous: of('previous') }
}

async function record(
  tx: Tx,
  house: House,
  caller: Caller,
  target: Target,
  act: string,
  data: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const action = `target.credential_${act}`
  await house.audit.record(tx, caller, { action, target: target.id, data })
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'target', id: target.id, verb: 'changed' })
  await enqueueCheck(tx, house, caller, target)
}
