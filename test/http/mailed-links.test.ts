// Links that go out by mail, through a real mail server: who gets one, what the asker learns, and whose
// address stands in it.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { suspendPerson } from '#domain/access/people.ts'
import { systemCaller } from '#domain/access/system.ts'
import { MINUTE } from '#kernel/time.ts'
import { startMailServer } from '#test/support/smtp.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

async function start(t: TestContext) {
  const mail = await startMailServer(t)
  const app = await startApp(t, { env: mail.env })
  /** What was sent to one address so far, without the line breaks of its encoding. */
  const mailsTo = async (address: string) => {
    await app.runner.drain()
    return mail.received
      .map((text) => text.replaceAll('=\r\n', ''))
      .filter((text) => text.includes(`To: ${address}\r\n`))
  }
  return { app, mailsTo }
}

const POISON = {
  'X-Forwarded-Host': 'evil.example',
  Forwarded: 'host=evil.example',
  Referer: 'https://evil.example/',
}

function ask({ fetch }: TestApp, email: string): Promise<Response> {
  return fetch('/reset', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', ...POISON },
    body: new URLSearchParams({ email }),
  })
}

const pathIn = (text: string) => /http:\/\/localhost:\d+(\/\w+\/[\w-]{43})/.exec(text)?.[1]

test('whoever asks for a new password gets one answer, whether there is an account or not', async (t) => {
  const { app, mailsTo } = await start(t)
  const owner = systemCaller(app.house, 'test')
  await suspendPerson(app.house, owner, app.cast.vera.userId)
  const answers = new Set<string>()
  for (const who of ['ravi', 'vera', 'nobody']) {
    const answer = await ask(app, `${who}@acme.example`)
    assert.equal(answer.status, 200)
    const headers = [...answer.headers].filter(([name]) => !/date|policy|request-id/.test(name))
    const body = (await answer.text()).replaceAll(/nonce="[\w-]+"/g, '')
    answers.add(JSON.stringify([headers, body]))
  }
  assert.equal(answers.size, 1)
  const [mail] = await mailsTo('ravi@acme.example')
  assert.doesNotMatch(mail!, /evil/, 'the address is the configured one')
  assert.equal((await app.fetch(pathIn(mail!)!)).status, 200)
  assert.deepEqual(await mailsTo('vera@acme.example'), [])
  assert.deepEqual(await mailsTo('nobody@acme.example'), [])
})

test('who asks again gets one mail a minute, and only the newest link works', async (t) => {
  const { app, mailsTo } = await start(t)
  await ask(app, 'ravi@acme.example')
  await ask(app, 'Ravi@acme.example ')
  assert.equal((await mailsTo('ravi@acme.example')).length, 1)
  app.clock.advance(MINUTE)
  await ask(app, 'ravi@acme.example')
  const [first, second] = (await mailsTo('ravi@acme.example')).map(pathIn)
  assert.equal((await app.fetch(first!)).status, 403)
  assert.equal((await app.fetch(second!)).status, 200)
})

test('asking is held back like guessing, the same for an address that nobody has', async (t) => {
  const { app, mailsTo } = await start(t)
  const answers = new Set<string>()
  for (const who of ['ravi', 'nobody']) {
    for (let round = 1; round <= 10; round++) {
      assert.equal((await ask(app, `${who}@acme.example`)).status, 200, `${who}, ${round}`)
    }
    const answer = await ask(app, `${who}@acme.example`)
    assert.equal(answer.status, 429)
    assert.equal(answer.headers.get('Retry-After'), '60')
    const body = (await answer.text()).replaceAll(/nonce="[\w-]+"|value="\w+@/g, '')
    answers.add(body)
  }
  assert.equal(answers.size, 1)
  assert.equal((await mailsTo('ravi@acme.example')).length, 1)
  const caller = systemCaller(app.house, 'test')
  const db = app.house.db.read(caller.scope)
  const kept = await db.selectFrom('signInThrottle').select(['key', 'failures']).execute()
  assert.ok(kept.length > 0, 'in the database: a restart keeps them')
  assert.ok(kept.every(({ key }) => key.startsWith('reset ') && !key.includes('@')))

  // From one network, whatever the address; after a minute it goes on.
  app.clock.advance(MINUTE)
  const statuses: number[] = []
  for (let round = 0; round < 31; round++) {
    statuses.push((await ask(app, `somebody${round}@acme.example`)).status)
  }
  assert.equal(statuses.at(0), 200)
  assert.equal(statuses.at(-1), 429)
  app.clock.advance(MINUTE)
  assert.equal((await ask(app, 'ravi@acme.example')).status, 200)
})

test('an address that is none is named beside its field', async (t) => {
  const { app } = await start(t)
  const answer = await ask(app, 'no address')
  assert.equal(answer.status, 422)
  const html = await answer.text()
  assert.match(html, /The address is not an e-mail address/)
  assert.match(html, /value="no address"/)
})

test('an invitation is mailed too, and the page says so', async (t) => {
  const { app, mailsTo } = await start(t)
  const made = await app.fetchAs(app.cast.ada, '/w/acme/settings/members', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', ...POISON },
    body: new URLSearchParams({ email: 'neil@acme.example', role: 'analyst' }),
  })
  assert.match(await made.text(), /It was also sent by e-mail/)
  const [mail] = await mailsTo('neil@acme.example')
  assert.doesNotMatch(mail!, /evil/)
  assert.equal((await app.fetch(pathIn(mail!)!)).status, 200)
})
