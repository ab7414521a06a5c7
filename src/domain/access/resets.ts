// A link that lets somebody choose a new password: asked for by mail, or made by an owner who hands it
// over. It is good once and for 30 minutes, and ends by a newer one and by a changed password. It is no
// sign-in: whoever used it signs in next, with their second factor.
//
// Who asks is not told whether there is such an account, neither by the answer nor by its time: both
// ways make a link and write it; for nobody it is gone again in the same write, and no mail is queued.
// Asking is counted like signing in, by address and network, whether anybody has the address or not.

import { prepareMail, queueMail, tellPerson } from '#domain/messages/request.ts'
import { systemActor } from '#kernel/actor.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { endSessions } from './arrival.ts'
import { countAttempt, digestAccount, refuseWaiting, type Attempt } from './attempts.ts'
import { findPasswordProblems, hashChosen, refusePassword, setPasswordIn } from './credentials.ts'
import { deleteEmailChanges } from './email-store.ts'
import type { AddressOf } from './invitations.ts'
import { deleteAllOf, deleteLink, deleteResetsOf, findResetOf } from './link-store.ts'
import { draftLink, getLink, spendLink, storeLink, type MadeLink } from './links.ts'
import { permit } from './permission.ts'
import type { User } from './person.ts'
import { attemptOf, type Visitor } from './prove.ts'
import { findUser, findUserByEmail } from './user-store.ts'

/** One mail a minute to an address, however often somebody asks. */
const PAUSE_MS = MINUTE

/** Mails a link to this address if somebody has it. Nothing tells the caller. Throws `rate_limited`. */
export async function askForReset(
  house: House,
  caller: Caller,
  { email, visitor }: { readonly email: string; readonly visitor: Visitor },
  addressOf: AddressOf,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const user = await findUserByEmail(house.db.read(caller.scope), key, email)
  await countAsking(house, caller, visitor, { email, userId: user?.id })
  const { token, link } = draftLink(house, caller, 'reset', { userId: user?.id ?? null })
  const mail = await prepareMail(house, {
    to: email,
    subject: 'A new password for Rulewright',
    text: `Somebody asked for a new password for your account.\n\nOpen this link to choose one. It is good once, for 30 minutes:\n${addressOf(token)}\n\nIf it was not you, do nothing: your password stays.\n`,
  })
  await house.db.write(caller, async (tx) => {
    const before = user && (await findResetOf(tx, key, user.id))
    const isTooSoon = before !== undefined && caller.now - before.createdAt < PAUSE_MS
    const isFor = mail !== undefined && user?.state === 'active' && !isTooSoon ? user : undefined
    if (isFor) await deleteResetsOf(tx, isFor.id)
    await storeLink(tx, house, link)
    if (!isFor) await deleteLink(tx, link.key)
    else if (mail) await queueMail(tx, house, caller, 'password reset', mail)
    await house.audit.record(tx, caller, {
      action: 'reset.ask',
      target: isFor?.id ?? 'nobody',
      outcome: isFor ? 'done' : 'refused',
      data: {},
    })
  })
}

async function countAsking(
  house: House,
  caller: Caller,
  visitor: Visitor,
  { email, userId }: { readonly email: string; readonly userId: UserId | undefined },
): Promise<void> {
  const known = await attemptOf(house, caller, visitor, email, userId)
  const attempt: Attempt = { ...known, isForReset: true }
  try {
    await refuseWaiting(house, caller, attempt)
    await countAttempt(house, caller, attempt)
  } catch (error) {
    if (error instanceof AppError && error.code === 'rate_limited') {
      const actor = userId ?? systemActor('sign-in', digestAccount(house, email))
      const refusal = { verb: 'reset.ask', target: userId ?? 'unknown', code: error.code }
      await house.audit.recordRefusal({ ...caller, actor }, refusal)
    }
    throw error
  }
}

/** For an owner to hand over. The person is told. Throws `forbidden` for nobody. */
export async function makeReset(house: House, caller: Caller, userId: UserId): Promise<MadeLink> {
  permit(caller, 'user.change')
  return house.db.write(caller, async (tx) => {
    const user = await findUser(tx, house.keys.purpose('row-mac'), userId)
    if (user?.state !== 'active') throw forbidden()
    const made = draftLink(house, caller, 'reset', { userId })
    await deleteResetsOf(tx, userId)
    await storeLink(tx, house, made.link)
    await house.audit.record(tx, caller, { action: 'reset.make', target: userId, data: {} })
    await tellPerson(tx, house, caller, { userId, kind: 'password.reset', data: {} })
    return made
  })
}

/** Whose password a link changes. Throws `forbidden` for one that is no good. */
export async function readReset(house: House, caller: Caller, token: string): Promise<User> {
  return loadReset(house, house.db.read(caller.scope), caller, token)
}

/** Throws as readReset, `invalid` with the problems of the password, `busy`. */
export async function resetPassword(
  house: House,
  caller: Caller,
  token: string,
  password: string,
): Promise<void> {
  const user = await readReset(house, caller, token)
  const self = { ...caller, actor: user.id }
  refusePassword(await findPasswordProblems(house, self, user.id, password))
  const chosen = await hashChosen(house, password)
  await house.db.write(self, async (tx) => {
    const now = await loadReset(house, tx, caller, token)
    await spendLink(tx, house, { purpose: 'reset', token, now: caller.now })
    await setPasswordIn(tx, house, self, now, chosen)
    await endSessions(tx, house, self, user.id, { reason: 'password.reset' })
    await tellPerson(tx, house, self, { userId: user.id, kind: 'password.changed', data: {} })
  })
}

/** For a clock that was set back: none may live again, nor a link to a new address. */
export async function endAllResets(house: House, caller: Caller): Promise<void> {
  await house.db.write(caller, async (tx) => {
    await deleteAllOf(tx, 'reset')
    await deleteEmailChanges(tx)
  })
}

async function loadReset(
  house: House,
  db: Pick<Reader, 'selectFrom'>,
  { now }: Caller,
  token: string,
): Promise<User> {
  const { userId } = await getLink(house, db, { purpose: 'reset', token, now })
  const user = userId && (await findUser(db, house.keys.purpose('row-mac'), userId))
  if (!user || user.state !== 'active') throw forbidden()
  return user
}
