// The step about coming in: a password alone opens nothing for whoever has an authenticator app, and a
// code opens once.

import { addUser } from '#domain/access/actions.ts'
import { comeIn } from '#domain/access/arrival.ts'
import { choosePassword } from '#domain/access/credentials.ts'
import { proveCode, provePassword } from '#domain/access/prove.ts'
import { beginTotp, findTotpSetup, finishTotp } from '#domain/access/second-factor.ts'
import { systemCaller } from '#domain/access/system.ts'
import { codeOfSecret, STEP_MS } from '#domain/access/totp.ts'
import type { UserId } from '#kernel/id.ts'
import { addMs } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { App } from '#cli/shell.ts'
import { expect } from './story.ts'

const EMAIL = 'noor@acme.example'
const VISITOR = { network: '192.0.2.0', device: undefined }

export async function signInTwice({ house, sessions }: App): Promise<string> {
  const { id: userId } = await addUser(house, systemCaller(house, 'demo'), {
    email: EMAIL,
    name: 'Noor',
    isOwner: false,
  })
  // One instant throughout: which codes are spent does not depend on how long it takes.
  const caller: Caller = { ...systemCaller(house, 'demo'), actor: userId, verbs: new Set() }
  const password = house.random(24).toString('base64url')
  await choosePassword(house, caller, userId, password)
  const secret = await setUpApp({ house, sessions }, caller)

  const proved = await provePassword(house, caller, VISITOR, { email: EMAIL, password })
  expect(proved, 'the password is right')
  // The code of this step was spent by the setting up; a phone may be one step ahead.
  const given = { user: proved.user, code: codeOfSecret(secret, addMs(caller.now, STEP_MS)) }
  const second = await proveCode(house, caller, VISITOR, given)
  expect(second?.factor === 'totp', 'the code is right')
  expect(!(await proveCode(house, caller, VISITOR, given)), 'the same code opens nothing again')
  const entered = await comeIn(house, sessions, caller, {
    userId,
    factors: ['password', second.factor],
    userAgent: 'demonstration',
    ip: '192.0.2.1',
    device: undefined,
    before: undefined,
    attempt: second.attempt,
  })
  const session = await sessions.find(entered.session)
  expect(session?.userId === userId, 'they are in')
  expect(session.factors.join(' ') === 'password totp', 'by both factors')
  return 'Noor is in by password and authenticator app; the same code a second time opens nothing'
}

/** The secret as one would type it into a phone. */
async function setUpApp(
  { house, sessions }: Pick<App, 'house' | 'sessions'>,
  caller: Caller,
): Promise<string> {
  const userId = caller.actor as UserId
  const session = await sessions.find(await sessions.start(caller, { userId, factors: ['link'] }))
  await beginTotp(house, caller)
  const setup = await findTotpSetup(house, caller, 'localhost')
  expect(session && setup, 'an app can be set up')
  const codes = await finishTotp(house, caller, codeOfSecret(setup.text, caller.now), session)
  expect(codes.length === 10, 'there are recovery codes for the day the phone is gone')
  return setup.text
}
