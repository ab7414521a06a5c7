// Writing a change: every move is checked, told in its history, in the log and to open pages, in the
// transaction that makes it.

import { ID_PREFIXES, isId, type ChangeId, type UserId, type WorkspaceId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { hashChange, type Change, type ChangeState } from './change.ts'
import { requireMove } from './moves.ts'
import type { PreparedItem } from './prepare.ts'
import { tellVoided } from './telling.ts'
import {
  insertEvent,
  putItems,
  selectItems,
  selectSignatures,
  updateChange,
  voidSignatures,
  type StoredChange,
  type StoredItem,
} from './store.ts'
import { toChange } from './to-change.ts'

/** The person who answers for the call; null for the product itself. */
export function personOf(caller: Caller): UserId | null {
  const person = personBehind(caller)
  return isId(ID_PREFIXES.user, person) ? person : null
}

export interface Told {
  /** A word of the history, and the last part of the act in the log. */
  readonly what: string
  readonly reason?: string
  readonly data?: { readonly [key: string]: Json }
  /** The entry of the act that it is a part of tells the log of it. */
  readonly isPart?: boolean
}

const REASON_CHARS = 200

/** The history, the log and open pages. */
export async function tell(
  tx: Tx,
  house: House,
  caller: Caller,
  id: ChangeId,
  { what, reason = '', data = {}, isPart = false }: Told,
): Promise<void> {
  await insertEvent(tx, id, { what, reason, by: caller.actor, at: caller.now })
  if (!isPart) {
    const cut = reason.slice(0, REASON_CHARS).toWellFormed()
    const told = { ...data, ...(reason === '' ? {} : { reason: cut }) }
    await house.audit.record(tx, caller, { action: `change.${what}`, target: id, data: told })
  }
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  const verb = what === 'open' ? 'added' : 'changed'
  house.events.publish(tx, { workspaceId, noun: 'change', id, verb })
}

/** Into another state. Throws `conflict` for a move that there is not. */
export async function move(
  tx: Tx,
  house: House,
  caller: Caller,
  change: StoredChange,
  to: ChangeState,
  { told, ...more }: { readonly told: Told } & Partial<StoredChange>,
): Promise<StoredChange> {
  requireMove(change.state, to)
  const next = { ...more, state: to, updatedAt: caller.now, version: change.version + 1 }
  await updateChange(tx, change.id, next)
  const data = { from: change.state, to, hash: change.hash, ...told.data }
  await tell(tx, house, caller, change.id, { ...told, data })
  return { ...change, ...next }
}

/**
 * Other items: the hash is another one, whoever signed the one before has signed something else, and
 * what was in review is a draft again. Waivers stay with the problems that they name.
 */
export async function putPrepared(
  tx: Tx,
  house: House,
  caller: Caller,
  change: StoredChange,
  { items, told, ...more }: { items: readonly PreparedItem[]; told: Told } & Partial<StoredChange>,
): Promise<StoredChange> {
  const before = await selectItems(tx, tx.scope, change.id)
  const numbered = withWaivers(change.id, items, before)
  const hash = hashChange(numbered)
  await putItems(tx, change.id, numbered)
  if (hash === change.hash && Object.keys(more).length === 0) return change
  const next = {
    ...more,
    hash,
    itemCount: numbered.length,
    version: change.version + 1,
    updatedAt: caller.now,
    ...(hash === change.hash ? {} : BACK_TO_DRAFT[isWaiting(change) ? 'signed' : 'other']),
  }
  await updateChange(tx, change.id, next)
  if (hash !== change.hash) {
    await voidAll(tx, house, caller, change, { why: told.reason, isTold: isWaiting(change) })
  }
  await tell(tx, house, caller, change.id, { ...told, data: { ...told.data, hash } })
  return { ...change, ...next }
}

interface Voiding {
  readonly why: string | undefined
  /** People asked for, or gave, signatures that stand. */
  readonly isTold: boolean
}

async function voidAll(
  tx: Tx,
  house: House,
  caller: Caller,
  change: StoredChange,
  { why = 'What it deploys is another thing now.', isTold }: Voiding,
): Promise<void> {
  const signatures = await selectSignatures(tx, tx.scope, change.id)
  const counting = signatures.filter(({ voidedBecause }) => voidedBecause === null)
  await voidSignatures(tx, change.id, why)
  if (!isTold) return
  const signers = counting.map(({ userId }) => userId)
  await tellVoided(tx, house, caller, change, signers, why)
}

/** What waited to be deployed, and was refused: whoever made it and whoever signed it are told. */
export async function returnToDraft(
  tx: Tx,
  house: House,
  caller: Caller,
  change: StoredChange,
  why: string,
): Promise<void> {
  const { state, ...more } = BACK_TO_DRAFT.signed
  const told = { what: 'settle_draft', reason: why }
  await move(tx, house, caller, change, state, { ...more, told })
  await voidAll(tx, house, caller, change, { why, isTold: true })
}

/** Signatures are asked for, or stand. */
function isWaiting({ state }: StoredChange): boolean {
  return state === 'in_review' || state === 'approved'
}

const BACK_TO_DRAFT = {
  signed: { state: 'draft', submittedAt: null, expiresAt: null, heldSince: null },
  other: {},
} as const

export function withWaivers(
  changeId: ChangeId,
  items: readonly PreparedItem[],
  before: readonly StoredItem[],
): readonly StoredItem[] {
  const known = new Map(before.map((one) => [`${one.ruleId} ${one.targetId}`, one.waivers]))
  return items.map((item, index) => {
    const codes = new Set(item.problems.map(({ code }) => code))
    const kept = known.get(`${item.ruleId} ${item.targetId}`) ?? []
    const waivers = kept.filter(({ code }) => codes.has(code))
    return { ...item, changeId, number: index + 1, waivers }
  })
}

/** As doors show it, on the handle of the write that made it so. */
export async function shown(tx: Tx, change: StoredChange): Promise<Change> {
  return toChange(change, await selectSignatures(tx, tx.scope, change.id))
}
