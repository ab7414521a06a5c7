// Mail through a real SMTP server: what arrives, what is refused, what never leaves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smtpMailer } from '#adapters/mail/smtp.ts'
import { queueMail, prepareMail, tellPerson } from '#domain/messages/request.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { openSocket } from '#platform/outbound-socket.ts'
import { startApp } from '#test/support/start-app.ts'
import { startMailServer } from '#test/support/smtp.ts'

const never = () => new AbortController().signal

test('a mail is sent once it has committed, and forgotten once it was sent', async (t) => {
  const mail = await startMailServer(t)
  const app = await startApp(t, { env: mail.env })
  const { house, runner } = app
  const caller = systemCaller(house, 'test')
  const prepared = await prepareMail(house, {
    to: 'ravi@acme.example',
    subject: 'Come in',
    text: 'https://rules.example/invite/secret-token\n',
  })
  assert.ok(prepared)
  assert.ok(!prepared.sealed.includes('secret-token'), 'sealed at rest')
  await house.db.write(caller, (tx) => queueMail(tx, house, caller, 'invitation', prepared))
  await runner.drain()
  assert.equal(mail.received.length, 1)
  assert.match(mail.received[0]!, /^From: Rulewright <rulewright@acme\.example>\r$/m)
  assert.match(mail.received[0]!, /^To: ravi@acme\.example\r$/m)
  assert.match(mail.received[0]!, /secret-token/)
  const left = await house.db.read(caller.scope).selectFrom('outgoingMail').select('id').execute()
  assert.deepEqual(left, [])
})

test('a subject or address with a line break adds no header', async (t) => {
  const mail = await startMailServer(t)
  const app = await startApp(t, { env: mail.env })
  await app.house.mailer!.send(
    { to: 'ravi@acme.example', subject: 'Hello\r\nBcc: eve@evil.example', text: 'Hi' },
    never(),
  )
  assert.doesNotMatch(mail.received[0]!, /^Bcc:/m)
})

test('a person is told on their account, and by mail to the address they have', async (t) => {
  const mail = await startMailServer(t)
  const app = await startApp(t, { env: mail.env })
  const { house, runner, cast } = app
  const caller = systemCaller(house, 'test')
  const { userId } = cast.ravi
  await house.db.write(caller, (tx) =>
    tellPerson(tx, house, caller, {
      userId,
      kind: 'device.new',
      data: { userAgent: 'Firefox', ip: '192.0.2.7' },
    }),
  )
  await runner.drain()
  assert.equal((await readNotices(house, caller, userId)).length, 1)
  assert.match(mail.received[0]!, /To: ravi@acme\.example/)
  assert.match(mail.received[0]!.replaceAll('=\r\n', ''), /Firefox, at 192\.0\.2\.7/)
})

test('without a mail server people are told on their account, and no mail waits', async (t) => {
  const { house, cast } = await startApp(t)
  const caller = systemCaller(house, 'test')
  await house.db.write(caller, (tx) =>
    tellPerson(tx, house, caller, { userId: cast.vera.userId, kind: 'password.changed', data: {} }),
  )
  assert.equal((await readNotices(house, caller, cast.vera.userId)).length, 1)
  assert.equal(await prepareMail(house, { to: 'a@b.example', subject: '', text: '' }), undefined)
})

test('a wrong password, and a server without TLS where TLS is asked for, are failures with words', async (t) => {
  const mail = await startMailServer(t, { user: 'rulewright', password: 'right' })
  const settings = {
    host: '127.0.0.1',
    port: mail.port,
    from: 'rulewright@acme.example',
    user: 'rulewright',
  }
  const letter = { to: 'ravi@acme.example', subject: 'Hi', text: 'Hi' }
  const wrong = smtpMailer({ ...settings, security: 'none' }, () => 'wrong')
  await assert.rejects(wrong!.send(letter, never()), { code: 'upstream' })
  const right = smtpMailer({ ...settings, security: 'none' }, () => 'right')
  await right!.send(letter, never())
  const strict = smtpMailer({ ...settings, security: 'starttls' }, () => 'right')
  await assert.rejects(strict!.send(letter, never()), { code: 'upstream' })
  assert.equal(mail.received.length, 1)
})

test('nothing connects to a metadata or link-local address', async () => {
  for (const host of [
    '169.254.169.254',
    '168.63.129.16',
    'fe80::1',
    '0.0.0.0',
    '::ffff:169.254.1.1',
  ]) {
    const endpoint = { host, port: 25, isTls: false, signal: never() }
    await assert.rejects(openSocket(endpoint), { code: 'forbidden' }, host)
  }
})
