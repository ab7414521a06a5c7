// Passwords and second factors for the cast, as their own actions would leave them. A hash takes a tenth
// of a second, so each is made once for the whole file.

import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { hashPassword } from '#domain/access/password-hash.ts'
import { beginTotp, findTotpSetup, finishTotp } from '#domain/access/second-factor.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { SessionRow } from '#domain/access/session.ts'
import { findUser, updateUser } from '#domain/access/user-store.ts'
import type { UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'

export const PASSWORD = 'tulip ceramic window brine'

let made: Promise<string> | undefined

/** Makes PASSWORD theirs. */
export async function givePassword(house: House, userId: UserId): Promise<void> {
  made ??= hashPassword({ random: randomBytes }, PASSWORD)
  const passwordHash = await made
  const caller = systemCaller(house, 'test')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const user = await findUser(tx, key, userId)
    await updateUser(tx, key, { ...user!, passwordHash, passwordChangedAt: caller.now })
  })
}

/** As they would call it on their account pages. */
export function callerFor(house: House, userId: UserId): Caller {
  return { ...systemCaller(house, 'test'), actor: userId, verbs: new Set() }
}

export interface TestTotp {
  /** The code of the app at the house's present, or some steps away from it. */
  readonly code: (steps?: number) => string
  readonly recoveryCodes: readonly string[]
}

/** Sets an authenticator app up. The code of this step is used by that. */
export async function giveTotp(house: House, session: SessionRow): Promise<TestTotp> {
  const caller = callerFor(house, session.userId)
  await beginTotp(house, caller)
  const setup = await findTotpSetup(house, caller, 'localhost')
  const secret = Secret.fromBase32(setup!.text.replaceAll(' ', ''))
  const totp = new TOTP({ secret })
  const code = (steps = 0) => totp.generate({ timestamp: house.clock.now() + steps * 30_000 })
  return { code, recoveryCodes: await finishTotp(house, caller, code(), session) }
}
