// The limits of signing in that one request cannot show: tries counted before a restart are counted
// after it, and a crowd is turned away at the door while those in the queue get their answers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countAttempt } from '#domain/access/attempts.ts'
import { verifyPassword } from '#domain/access/password-hash.ts'
import { systemCaller } from '#domain/access/system.ts'
import { MINUTE } from '#kernel/time.ts'
import { startApp as start } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { givePassword, PASSWORD } from '#test/support/passwords.ts'
import { startApp } from '#test/support/start-app.ts'

const ADA = 'ada@acme.example'

function signIn(url: string, { password = PASSWORD, device = '' } = {}): Promise<Response> {
  return fetch(new URL('/sign-in', url), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: `device=${device}` },
    body: new URLSearchParams({ email: ADA, password }),
  })
}

function deviceOf(answer: Response): string {
  const set = answer.headers.getSetCookie().find((one) => one.startsWith('device='))
  return /=([^;]*)/.exec(set!)![1]!
}

test('a restart forgets no guess, and no browser that is known', async (t) => {
  const app = await startApp(t)
  await givePassword(app.house, app.cast.ada.userId)
  const device = deviceOf(await signIn(app.url))
  for (let guess = 1; guess < 10; guess++) {
    await countAttempt(app.house, systemCaller(app.house, 'test'), {
      account: ADA,
      network: `192.0.2.${guess}`,
      knownDevice: undefined,
    })
  }
  assert.equal((await signIn(app.url, { password: 'wrong' })).status, 401, 'the tenth')
  await app.stop()

  const again = await start({ configuration: testConfiguration(app.data), clock: app.clock })
  t.after(again.stop)
  const refused = await signIn(again.url)
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('Retry-After'), '60')
  assert.equal((await signIn(again.url, { device })).status, 303, 'its owner comes in')
  app.clock.advance(MINUTE)
  assert.equal((await signIn(again.url)).status, 303, 'after the pause')
})

const PLACES = 2 + 16
const CROWD = 33
/** Of the places, those a test holds without the work of a hash. */
const HELD = 14

class Held extends Error {}

test('of 33 who sign in at once, those beyond 18 are told to come back, and the 18 get their answers', async (t) => {
  const app = await startApp(t)
  await givePassword(app.house, app.cast.ada.userId)
  const gate = Promise.withResolvers<void>()
  const held = Array.from({ length: HELD }, () =>
    verifyPassword(null, '', async () => {
      await gate.promise
      throw new Held('saves the work')
    }).catch((error: unknown) => error),
  )
  const refused: Response[] = []
  const allRefused = Promise.withResolvers<void>()
  const rest = Array.from({ length: CROWD - HELD }, async () => {
    const answer = await signIn(app.url)
    if (answer.status === 503) refused.push(answer)
    if (refused.length === CROWD - PLACES) allRefused.resolve()
    return answer.status
  })
  await Promise.race([allRefused.promise, Promise.all(rest)])
  gate.resolve()
  const statuses = await Promise.all(rest)
  assert.equal(refused.length, CROWD - PLACES)
  for (const answer of refused) {
    assert.equal(answer.headers.get('Retry-After'), '2')
    assert.match(await answer.text(), /Many people are signing in right now/)
  }
  const served = statuses.filter((status) => status !== 503)
  assert.deepEqual(served, Array(PLACES - HELD).fill(303))
  for (const error of await Promise.all(held)) assert.ok(error instanceof Held)
  assert.equal((await signIn(app.url)).status, 303, 'whoever was turned away comes in after that')
})
