// Whom a change is told to: those whose signature it waits for, whoever made it, whoever is named in a
// comment. From within the write that made it necessary.

import { askIn, listHolders } from '#domain/access/signers.ts'
import type { NoticeData, NoticeKind } from '#domain/messages/notice.ts'
import { tellPerson } from '#domain/messages/request.ts'
import { findWorkspace } from '#domain/workspaces/actions.ts'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { ChangeState } from './change.ts'
import { listSigners } from './signing.ts'
import { selectItems, selectSignatures, type StoredChange } from './store.ts'

/** More would be a list that nobody feels meant by. */
const TOLD_MAX = 50

/** Those who may sign and have not; `kind` says whether it is the first time. */
export async function tellSigners(
  tx: Tx,
  house: House,
  caller: Caller,
  change: StoredChange,
  kind: 'change.review' | 'change.reminder',
): Promise<void> {
  const items = await selectItems(tx, tx.scope, change.id)
  const signers = await listSigners(askIn(tx), house, change, items, caller.now)
  const signatures = await selectSignatures(tx, tx.scope, change.id)
  const signed = new Set(
    signatures.flatMap((one) => (one.voidedBecause === null ? one.userId : [])),
  )
  const asked = signers.filter(({ userId, whyNot }) => whyNot === null && !signed.has(userId))
  const people = asked.slice(0, TOLD_MAX).map(({ userId }) => userId)
  await tellAll(tx, house, caller, people, kind, { title: change.title })
}

const DECIDED: Partial<Record<ChangeState, string>> = {
  approved: 'approved',
  rejected: 'rejected',
  changes_requested: 'sent back for changes',
  expired: 'expired: nobody deployed it in time',
}

/** Its author, unless they did it themselves. */
export async function tellAuthor(
  tx: Tx,
  house: House,
  caller: Caller,
  { author, title, state }: StoredChange,
): Promise<void> {
  const outcome = DECIDED[state]
  if (outcome === undefined || author === null || author === personBehind(caller)) return
  await tellAll(tx, house, caller, [author], 'change.decided', { title, outcome })
}

/** Its author and those whose signatures are void now. */
export async function tellVoided(
  tx: Tx,
  house: House,
  caller: Caller,
  { author, title }: StoredChange,
  signers: readonly UserId[],
  why: string,
): Promise<void> {
  const all = new Set([...(author ? [author] : []), ...signers])
  const people = [...all].filter((one) => one !== personBehind(caller))
  await tellAll(tx, house, caller, people, 'change.voided', { title, why: why.slice(0, 300) })
}

const MENTION = /(?:^|[\s(])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)/g

/** Members by address, or by the part of it before the sign where that is one person's. */
export async function tellMentioned(
  tx: Tx,
  house: House,
  caller: Caller,
  { title }: StoredChange,
  text: string,
): Promise<void> {
  const names = [...text.matchAll(MENTION)].map(([, name]) => name!.toLowerCase())
  if (names.length === 0) return
  const members = await listHolders(tx, house, tx.scope, 'change.read')
  const named = names.flatMap((name) => {
    const found = members.filter(
      ({ email }) => email !== null && (email === name || email.startsWith(`${name}@`)),
    )
    return found.length === 1 ? found[0]!.userId : []
  })
  const who = caller.personal?.name ?? 'Somebody'
  const people = [...new Set(named)].slice(0, TOLD_MAX)
  await tellAll(tx, house, caller, people, 'change.mentioned', { title, who })
}

type ChangeKind = Extract<NoticeKind, `change.${string}`>

async function tellAll<K extends ChangeKind>(
  tx: Tx,
  house: House,
  caller: Caller,
  people: readonly UserId[],
  kind: K,
  data: Omit<NoticeData<K>, 'workspace'>,
): Promise<void> {
  if (people.length === 0) return
  const workspace = await findWorkspace(tx, tx.scope.workspaceId as WorkspaceId)
  const told = { ...data, workspace: workspace?.name ?? '' } as NoticeData<K>
  for (const userId of people) await tellPerson(tx, house, caller, { userId, kind, data: told })
}
