// Another e-mail address, through a real mail server: the link goes to the new one, the old one is told,
// what was open before is over, and nobody learns who has which address.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { makeReset } from '#domain/access/resets.ts'
import { all } from '#platform/db/steps.ts'
import { MINUTE } from '#kernel/time.ts'
import { givePassword, PASSWORD } from '#test/support/passwords.ts'
import { startMailServer } from '#test/support/smtp.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

async function start(t: TestContext) {
  const mail = await startMailServer(t)
  const app = await startApp(t, { env: mail.env })
  const mailsTo = async (address: string) => {
    await app.runner.drain()
    return mail.received
      .map((text) => text.replaceAll('=\r\n', ''))
      .filter((text) => text.includes(`To: ${address}\r\n`))
  }
  return { app, mailsTo }
}

const send = (app: TestApp, session: string, path: string, form?: Record<string, string>) =>
  app.fetch(path, {
    headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: `session=${session}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })

const pathIn = (text: string) =>
  /http:\/\/localhost:\d+(\/account\/email\/[\w-]{43})/.exec(text)![1]!

const signIn = (app: TestApp, email: string) =>
  app.fetch('/sign-in', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ email, password: PASSWORD }),
  })

test('an address changes by a link that went there, for whoever asked and nobody else', async (t) => {
  const { app, mailsTo } = await start(t)
  const { vera, ravi } = app.cast
  await givePassword(app.house, vera.userId)
  const here = await app.signIn(vera)
  const there = await app.signIn(vera)
  const owner = systemCaller(app.house, 'test')
  const { token: reset } = await makeReset(app.house, owner, vera.userId)
  const asked = await send(app, here, '/account/email', { email: 'Vera@New.example ' })
  assert.match(await asked.text(), /vera@new\.example/)
  const [mail] = await mailsTo('vera@new.example')
  const link = pathIn(mail!)
  assert.equal((await mailsTo('vera@acme.example')).length, 2, 'of the two links')
  assert.equal((await signIn(app, 'vera@acme.example')).status, 303, 'nothing is changed yet')

  assert.equal((await send(app, await app.signIn(ravi), link)).status, 403, 'not for ravi')
  assert.equal((await app.fetch(link)).status, 401, 'nor for whoever reads the mail')
  assert.equal((await send(app, here, link)).status, 200)
  assert.equal((await send(app, here, link, {})).status, 303)
  assert.match(await (await send(app, here, '/account')).text(), /vera@new\.example/)
  assert.equal(await app.sessions.find(there), undefined)
  assert.equal((await send(app, here, link, {})).status, 403, 'it is good once')
  assert.equal((await app.fetch(`/reset/${reset}`)).status, 403, 'made for the old address')
  assert.equal((await signIn(app, 'vera@acme.example')).status, 401)
  assert.equal((await signIn(app, 'vera@new.example')).status, 303)
  assert.match((await mailsTo('vera@acme.example')).at(-1)!, /has another e-mail address now/)
  const told = await app.house.db.inspect(
    all<{ target: string }>(`select "target" from "auditEntry" where "action" = 'email.change'`),
  )
  assert.deepEqual(told, [{ target: vera.userId }, { target: vera.userId }], 'and in acme')
})

test('who asks for an address that somebody has is answered alike, and gets no link', async (t) => {
  const { app, mailsTo } = await start(t)
  const answers = new Set<string>()
  for (const [who, email] of [
    [app.cast.vera, 'ravi@acme.example'],
    [app.cast.ravi, 'nobody@acme.example'],
  ] as const satisfies readonly (readonly [CastMember, string])[]) {
    const answer = await send(app, await app.signIn(who), '/account/email', { email })
    assert.equal(answer.status, 200)
    const main = /<main[\s\S]*<\/main>/.exec(await answer.text())![0]
    answers.add(main.replaceAll(email, 'it').replaceAll(/nonce="[\w-]+"/g, ''))
  }
  assert.equal(answers.size, 1)
  assert.equal((await mailsTo('nobody@acme.example')).length, 1, 'the premise')
  const raviGot = await mailsTo('ravi@acme.example')
  assert.ok(raviGot.every((text) => !text.includes('/account/email/')))
})

test('a link to an address is over after half an hour, a newer one, and a changed password', async (t) => {
  const { app, mailsTo } = await start(t)
  const { vera } = app.cast
  const ask = async (session: string) => {
    const answer = await send(app, session, '/account/email', { email: 'vera@new.example' })
    return answer.status
  }
  const newest = async () => pathIn((await mailsTo('vera@new.example')).at(-1)!)
  const here = await app.signIn(vera)
  assert.equal(await ask(here), 200)
  const first = await newest()
  assert.equal(await ask(here), 422, 'one a minute')
  app.clock.advance(MINUTE)
  assert.equal(await ask(here), 200)
  assert.equal((await send(app, here, first)).status, 403)
  const second = await newest()
  assert.equal((await send(app, here, second)).status, 200, 'the premise')
  app.clock.advance(30 * MINUTE)
  assert.equal((await send(app, here, second)).status, 403)

  const again = await app.signIn(vera)
  assert.equal(await ask(again), 200)
  const third = await newest()
  const password = 'violet thimble jar'
  assert.equal((await send(app, again, '/account/security/password', { password })).status, 303)
  assert.equal((await send(app, await app.signIn(vera), third)).status, 403)
})

test('asking needs a fresh proof, and what is no address or one’s own is said beside the field', async (t) => {
  const { app } = await start(t)
  const here = await app.signIn(app.cast.vera)
  for (const [email, words] of [
    ['no address', /The address is not an e-mail address/],
    ['VERA@acme.example', /This is your address already/],
  ] as const) {
    const answer = await send(app, here, '/account/email', { email })
    assert.equal(answer.status, 422)
    assert.match(await answer.text(), words)
  }
  app.clock.advance(5 * MINUTE)
  const late = await send(app, here, '/account/email', { email: 'vera@new.example' })
  assert.match(late.headers.get('Location')!, /^\/account\/prove\?/)
})

test('without a mail server an owner changes the address, told apart and written down', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  const here = await app.signIn(vera)
  const page = await (await send(app, here, '/account/email')).text()
  assert.match(page, /An owner of it changes yours/)
  assert.doesNotMatch(page, /type="email"/)
  const path = `/instance/people/${vera.userId}/email`
  const change = async (email: string) => send(app, await app.signIn(ada), path, { email })
  assert.equal((await change('nothing')).status, 422)
  const taken = await change('ravi@acme.example')
  assert.equal(taken.status, 409)
  assert.match(await taken.text(), /somebody with the address/)
  assert.equal((await change('vera@new.example')).status, 303)
  assert.equal(await app.sessions.find(here), undefined, 'she signs in anew')
  const events = await (await app.fetchAs(vera, '/account/events')).text()
  assert.match(events, /e-mail address of your account was changed/)
  const admin = await send(app, await app.signIn(app.cast.gwen), path, { email: 'x@y.example' })
  assert.equal(admin.status, 403, 'an owner only')

  const own = await app.signIn(ada)
  const mine = `/instance/people/${ada.userId}/email`
  assert.equal((await send(app, own, mine, { email: 'ada@new.example' })).status, 303)
  assert.ok(await app.sessions.find(own), 'whoever changes their own stays')
})
