// What a password may be, and how it is kept.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { hash } from '@node-rs/argon2'
import { choosePassword } from '#domain/access/credentials.ts'
import { hashPassword, isOutdated, verifyPassword } from '#domain/access/password-hash.ts'
import { passwordProblems } from '#domain/access/password.ts'
import { Turnstile } from '#domain/access/turnstile.ts'
import type { Caller } from '#platform/caller.ts'
import { systemCaller } from '#domain/access/system.ts'
import { startApp } from '#test/support/start-app.ts'

const ADA = {
  email: 'ada.lovelace@acme.example',
  name: 'Ada Lovelace',
  words: ['acme', 'Acme Ltd'],
}

function judge(password: string, hasSecondFactor = false): string {
  const problems = passwordProblems(password, ADA, { hasSecondFactor })
  return problems.map(({ code }) => code).join(' ')
}

test('a password is long enough and takes every kind of letter, with no rules about the mix', () => {
  for (const good of [
    'tulip ceramic window brine',
    'my grandfather sold bees',
    'k7#mQ2xzbW9!pLs4',
    'слон любит холодную воду',
    '山の上に白い鳥がいつも三羽いる',
    'all lower case letters here',
    'é'.normalize('NFD').repeat(3) + ' violet thimble jar',
  ]) {
    assert.equal(judge(good), '', good)
  }
  assert.equal(judge('tulip brine jar'), '', '15 characters')
  assert.equal(judge('tulip brine ja'), 'password/too-short', '14 characters')
  assert.equal(judge('vu7#mQ2x'), 'password/too-short')
  assert.equal(judge('vu7#mQ2x', true), '', '8 are enough beside a second factor')
  assert.equal(judge('vu7#mQ2', true), 'password/too-short')
  assert.equal(judge(`${'ab7x '.repeat(204)}abcd`), '', 'as many as 1024')
  assert.equal(judge('x'.repeat(1_025)), 'password/too-long')
})

test('what is guessed first is refused: common words, names, runs and repeats', () => {
  for (const bad of [
    'passwordpassword1',
    'Passw0rd!Passw0rd!',
    'aaaaaaaaaaaaaaaaaaaa',
    '1234567890123456',
    'qwertyuiopasdfghjkl',
    'rulewright-admin-2026',
    'Ada.Lovelace@Acme',
    'lovelacelovelace',
    'summer2026summer2026',
    'Welcome to Acme 2026!',
    'correct horse battery staple',
    'abcabcabcabcabcabcabc',
    'iloveyou iloveyou',
  ]) {
    assert.equal(judge(bad), 'password/easy-to-guess', bad)
  }
  assert.equal(judge('summer26', true), 'password/easy-to-guess')
})

test('what is guessed first is refused at eight characters too, beside a second factor', () => {
  const first = 'password 12345678 1q2w3e4r q1w2e3r4 1qaz2wsx zaq12wsx a1b2c3d4 qwer1234 trustno1 blink182 iloveyou sunshine corvette slipknot steelers Snowball99 W4termelon1 jordan23 Summer2026 P@ssw0rd! Qwerty123! Welcome1! zxcvbnm1' // prettier-ignore
  for (const bad of first.split(' ')) {
    assert.equal(judge(bad, true), 'password/easy-to-guess', bad)
  }
  assert.equal(judge('vu7#mQ2x', true), '', 'the premise')
  assert.equal(
    judge('watermelon brine for moonlight'),
    '',
    'a listed word in a sentence is no harm',
  )
})

test('a hash is Argon2id with 64 MiB, and opens for its password in any spelling of it', async () => {
  const phc = await hashPassword({ random: randomBytes }, 'violet thimble jar é')
  assert.match(phc, /^\$argon2id\$v=19\$m=65536,t=3,p=4\$/)
  assert.ok(await verifyPassword(phc, 'violet thimble jar é'.normalize('NFD')))
  assert.ok(!(await verifyPassword(phc, 'violet thimble jar e')))
  assert.ok(!(await verifyPassword(null, 'violet thimble jar é')), 'nobody has no password')
  assert.ok(!isOutdated(phc))
  const old = await hash('violet', { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 })
  assert.ok(isOutdated(old))
})

test('whoever finds the turnstile full is turned away at once, and the rest go in order', async () => {
  const turnstile = new Turnstile({ running: 2, waiting: 3, retryAfterSeconds: 7 })
  const doors = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  const passed = doors.map(({ promise }, index) =>
    turnstile.pass(async () => {
      begun.push(index)
      await promise
    }),
  )
  await assert.rejects(
    turnstile.pass(async () => {}),
    { code: 'busy', retryAfterSeconds: 7 },
  )
  assert.deepEqual(begun, [0, 1])
  for (const [index, { resolve }] of doors.entries()) {
    resolve()
    await passed[index]
  }
  assert.deepEqual(begun, [0, 1, 2, 3, 4])
  await turnstile.pass(async () => {})
})

test('choosing a password ends every other session, and only the person themselves chooses', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  const asked: Caller = { ...systemCaller(app.house, 'test'), actor: vera.userId, verbs: new Set() }
  const mine = await app.sessions.find(await app.signIn(vera))
  const other = await app.signIn(vera)
  const foreign = await app.signIn(ada)
  await assert.rejects(choosePassword(app.house, asked, ada.userId, 'tulip ceramic window'), {
    code: 'forbidden',
  })
  await assert.rejects(choosePassword(app.house, asked, vera.userId, 'vera at acme 2026'), {
    code: 'invalid',
  })
  assert.ok(await app.sessions.find(other), 'a refusal ends nothing')
  await choosePassword(app.house, asked, vera.userId, 'tulip ceramic window', { keep: mine })
  assert.equal(await app.sessions.find(other), undefined)
  assert.ok(await app.sessions.isLive(mine!))
  assert.ok(await app.sessions.find(foreign))
})
