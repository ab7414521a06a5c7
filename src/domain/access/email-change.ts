// Another e-mail address for somebody: by themselves, with a link that goes to the new address, or by an
// owner. It is the name one signs in with and where links to a new password go, so it is handled like
// a password: other sessions end, links that were made before are over, and the old address is told.
//
// Whether somebody else here has an address, the person who asks is not told: a link goes out, or none.

import { prepareMail, queueMail, tellPerson } from '#domain/messages/request.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { isSameBytes, sha256Hex } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'
import { addMs, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { endSessions } from './arrival.ts'
import {
  deleteEmailChangeOf,
  findEmailChangeOf,
  replaceEmailChange,
  type EmailChangeRow,
} from './email-store.ts'
import type { AddressOf } from './invitations.ts'
import { deleteResetsOf } from './link-store.ts'
import { permit } from './permission.ts'
import type { User } from './person.ts'
import type { SessionRow } from './session.ts'
import { findUser, findUserByEmail, selectMembershipsOf, updateUser } from './user-store.ts'

const LIFE_MS = 30 * MINUTE
/** Between two links of one person. */
const PAUSE_MS = MINUTE

/**
 * Mails the caller a link to `email`, unless somebody has it. Throws `invalid` for their own address,
 * `rate_limited` within a minute of the last one, `unsupported` where no mail server is set.
 */
export async function askForEmail(
  house: House,
  caller: Caller,
  email: string,
  addressOf: AddressOf,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const userId = caller.actor as UserId
  const token = house.random(32).toString('base64url')
  const mail = await prepareMail(house, {
    to: email,
    subject: 'Your new address for Rulewright',
    text: `Somebody wants to sign in to Rulewright with this address from now on.\n\nIf it was you, open this link where you are signed in. It is good once, for 30 minutes:\n${addressOf(token)}\n\nIf it was not you, do nothing.\n`,
  })
  if (!mail) throw new AppError('unsupported', 'This instance sends no mail: ask an owner of it.')
  await house.db.write(caller, async (tx) => {
    const user = await loadActive(tx, house, userId)
    if (user.email === email) throw new AppError('invalid', 'This is your address already.')
    const before = await findEmailChangeOf(tx, key, userId)
    if (before && Math.abs(caller.now - before.createdAt) < PAUSE_MS) {
      throw new AppError('rate_limited', 'A link was sent just now. Wait a minute.', {
        retryAfterSeconds: 60,
        details: { limit: 1 },
      })
    }
    const taken = await findUserByEmail(tx, key, email)
    const times = { createdAt: caller.now, expiresAt: addMs(caller.now, LIFE_MS) }
    await replaceEmailChange(tx, key, { userId, key: sha256Hex(token), email, ...times })
    if (!taken) await queueMail(tx, house, caller, 'new address', mail)
    await house.audit.record(tx, caller, {
      action: 'email.ask',
      target: userId,
      data: {},
      personal: { ...caller.personal, email },
    })
    await tellPerson(tx, house, caller, { userId, kind: 'email.asked', data: {} })
  })
}

/** The address that a link of the caller's makes theirs. Throws `forbidden` for one that is no good. */
export async function readEmailChange(
  house: House,
  caller: Caller,
  token: string,
): Promise<string> {
  return (await loadChange(house.db.read(caller.scope), house, caller, token)).email
}

/** Makes it theirs; `keep` goes on. Throws as readEmailChange, also when somebody has it by now. */
export async function takeEmail(
  house: House,
  caller: Caller,
  token: string,
  keep: SessionRow,
): Promise<void> {
  const { email } = await loadChange(house.db.read(caller.scope), house, caller, token)
  const user = await loadActive(house.db.read(caller.scope), house, caller.actor as UserId)
  const farewell = await prepareFarewell(house, user)
  await house.db.write(caller, async (tx) => {
    await loadChange(tx, house, caller, token)
    if (await findUserByEmail(tx, house.keys.purpose('row-mac'), email)) throw forbidden()
    await changeIn(tx, house, caller, { userId: user.id, email, farewell, keep })
  })
}

/**
 * By an owner, for somebody who cannot open the link. Throws `forbidden` for nobody, `conflict` for an
 * address that somebody has; an owner sees all of them anyway.
 */
export async function changeEmailOf(
  house: House,
  caller: Caller,
  given: { readonly userId: UserId; readonly email: string; readonly keep: SessionRow },
): Promise<void> {
  permit(caller, 'user.change')
  const { userId, email } = given
  const key = house.keys.purpose('row-mac')
  const known = await findUser(house.db.read(caller.scope), key, userId)
  if (!known || known.state === 'erased') throw forbidden()
  const farewell = await prepareFarewell(house, known)
  await house.db.write(caller, async (tx) => {
    const taken = await findUserByEmail(tx, key, email)
    if (taken?.id === userId) return
    if (taken)
      throw new AppError('conflict', `There is somebody with the address ${email} already.`)
    const keep = userId === caller.actor ? given.keep : undefined
    await changeIn(tx, house, caller, { userId, email, farewell, keep })
  })
}

interface EmailGiven {
  readonly userId: UserId
  readonly email: string
  readonly farewell: Awaited<ReturnType<typeof prepareMail>>
  readonly keep: SessionRow | undefined
}

async function changeIn(
  tx: Tx,
  house: House,
  caller: Caller,
  { userId, email, farewell, keep }: EmailGiven,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const user = await findUser(tx, key, userId)
  if (!user || user.state === 'erased') throw forbidden()
  await updateUser(tx, key, { ...user, email })
  await deleteEmailChangeOf(tx, userId)
  await deleteResetsOf(tx, userId)
  await endSessions(tx, house, caller, userId, { reason: 'email.change', keep })
  if (farewell) await queueMail(tx, house, caller, 'address changed', farewell)
  await tellPerson(tx, house, caller, { userId, kind: 'email.changed', data: {} })
  const entry = { action: 'email.change', target: userId, data: {} }
  const personal = { ...caller.personal, email }
  await house.audit.record(tx, caller, { ...entry, personal })
  for (const { workspaceId } of await selectMembershipsOf(tx, key, userId)) {
    await house.audit.record(tx, caller, { ...entry, workspaceId, personal: null })
  }
}

/** To the old address, which the account no longer knows when it is sent. */
function prepareFarewell(house: House, { email }: User) {
  if (email === null) return undefined
  return prepareMail(house, {
    to: email,
    subject: 'Rulewright: about your account',
    text: 'Your account has another e-mail address now; this one lets nobody in any more, and gets no more mail.\n\nIf it was not you, tell an owner of your instance at once.\n',
  })
}

async function loadChange(
  db: Pick<Reader, 'selectFrom'>,
  house: Pick<House, 'keys'>,
  { actor, now }: Caller,
  token: string,
): Promise<EmailChangeRow> {
  const row = await findEmailChangeOf(db, house.keys.purpose('row-mac'), actor as UserId)
  const isTheirs = row && isSameBytes(Buffer.from(row.key), Buffer.from(sha256Hex(token)))
  const isLive = row && now < row.expiresAt && row.createdAt - now < MINUTE
  if (!isTheirs || !isLive) throw forbidden()
  return row
}

async function loadActive(
  db: Pick<Reader, 'selectFrom'>,
  house: Pick<House, 'keys'>,
  userId: UserId,
): Promise<User> {
  const user = await findUser(db, house.keys.purpose('row-mac'), userId)
  if (user?.state !== 'active') throw forbidden()
  return user
}
