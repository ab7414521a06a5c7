// Rows that somebody edits in the file: second factors, sessions, workspaces and their policies. Nobody
// comes in by it, the log says so, and for factors an owner is the way out.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import Sqlite from 'better-sqlite3'
import { findUser } from '#domain/access/user-store.ts'
import { systemCaller } from '#domain/access/system.ts'
import { suspendWorkspace } from '#domain/workspaces/actions.ts'
import { changePolicy } from '#domain/workspaces/policy-actions.ts'
import { DEFAULT_POLICY } from '#domain/workspaces/policy.ts'
import { instanceMac } from '#platform/keys/instance.ts'
import { sealWorkspaceRows } from '#platform/keys/row-seal.ts'
import { findInstance, updateInstance } from '#platform/keys/store.ts'
import { all } from '#platform/db/steps.ts'
import { callerFor, givePassword, giveTotp, PASSWORD } from '#test/support/passwords.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

const signIn = (app: TestApp, password = PASSWORD) =>
  app.fetch('/sign-in', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ email: 'vera@acme.example', password }),
  })

const post = (app: TestApp, who: CastMember, path: string, form: Record<string, string> = {}) =>
  app.fetchAs(who, path, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams(form),
  })

const entries = (app: TestApp, action: string) =>
  app.house.db.inspect(
    all<{ target: string; outcome: string; data: string }>(
      'select "target", "outcome", "data" from "auditEntry" where "action" = ? order by "seq"',
      action,
    ),
  )

test('a second factor that is taken away or put back in the file lets nobody past it', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  await givePassword(app.house, vera.userId)
  const session = (await app.sessions.find(await app.signIn(vera)))!
  const { recoveryCodes } = await giveTotp(app.house, session)
  assert.equal((await signIn(app)).headers.get('Location'), '/sign-in/second', 'the premise')

  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  t.after(() => file.close())
  const kept = file.prepare('select * from totp').get() as Record<string, unknown>
  const put = () =>
    file
      .prepare('insert into totp values (:userId, :secret, :confirmedAt, :lastStep, :createdAt)')
      .run(kept)
  const edits: Readonly<Record<string, readonly [string, () => unknown]>> = {
    deleted: ['delete from totp', put],
    'no longer confirmed': [
      'update totp set confirmedAt = null',
      () => file.prepare('update totp set confirmedAt = ?').run(kept['confirmedAt']),
    ],
    'a recovery code that is good again': [
      "insert into recoveryCode select userId, 'ff', createdAt, null from totp",
      () => file.exec("delete from recoveryCode where hash = 'ff'"),
    ],
  }
  for (const [name, [edit, undo]] of Object.entries(edits)) {
    file.exec(edit)
    const answer = await signIn(app)
    assert.equal(answer.status, 409, name)
    assert.equal(
      answer.headers.getSetCookie().some((set) => set.startsWith('session=')),
      false,
    )
    assert.match(await answer.text(), /changed outside the product/)
    assert.equal((await app.fetchAs(vera, '/account/security')).status, 409, 'nor made good')
    undo()
    assert.equal((await signIn(app)).status, 303, `${name}, and undone`)
  }
  await app.house.db.write(callerFor(app.house, ada.userId), async () => {})
  const [told] = await entries(app, 'row.read')
  assert.equal(told?.target, vera.userId)
  assert.equal(told.outcome, 'refused')

  // A used code stays used, and naming the rest anew has not made an edit good.
  const before = file.prepare('select factorSet from user where id = ?').get(vera.userId)
  const second = await codeSignIn(app, recoveryCodes[0]!)
  assert.equal(second.status, 303)
  assert.notDeepEqual(
    file.prepare('select factorSet from user where id = ?').get(vera.userId),
    before,
  )
  file.exec('update recoveryCode set usedAt = null')
  assert.equal((await signIn(app)).status, 409)

  // The person's row cannot be made to name what the editor likes.
  file.exec('delete from totp; delete from recoveryCode; update user set factorSet = null')
  assert.equal((await signIn(app)).status, 409)
})

async function codeSignIn(app: TestApp, code: string): Promise<Response> {
  const first = await signIn(app)
  const cookie = first.headers.getSetCookie().find((set) => set.startsWith('visit='))!
  return app.fetch('/sign-in/second', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: cookie.split(';')[0]! },
    body: new URLSearchParams({ code }),
  })
}

test('an owner takes away factors that were edited, and a short password goes with them', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  const short = 'k7#mQ2xz'
  const cookie = await app.signIn(vera)
  await giveTotp(app.house, (await app.sessions.find(cookie))!)
  const chosen = await app.fetch('/account/security/password', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: `session=${cookie}` },
    body: new URLSearchParams({ password: short }),
  })
  assert.equal(chosen.status, 303)
  assert.equal((await signIn(app, short)).headers.get('Location'), '/sign-in/second')
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  file.exec('delete from totp; delete from recoveryCode')
  file.close()
  assert.equal((await signIn(app, short)).status, 409, 'the premise')
  const person = `/instance/people/${vera.userId}`
  assert.equal((await post(app, ada, `${person}/factors`)).status, 303)
  assert.equal((await signIn(app, short)).status, 401, 'it would stand alone')
  const key = app.house.keys.purpose('row-mac')
  const caller = callerFor(app.house, vera.userId)
  const user = await findUser(app.house.db.read(caller.scope), key, vera.userId)
  assert.equal(user?.passwordHash, null)
  assert.equal((await post(app, ada, `${person}/factors`)).status, 409, 'there are none any more')

  const html = await (await post(app, ada, `${person}/reset`)).text()
  const [, link] = /value="http:\/\/localhost:\d+(\/reset\/[\w-]{43})"/.exec(html)!
  const set = (password: string) =>
    app.fetch(link!, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams({ email: 'vera@acme.example', password }),
    })
  assert.equal((await set(short)).status, 422)
  assert.equal((await set('violet thimble jar')).status, 200)
  assert.equal((await signIn(app, 'violet thimble jar')).status, 303)
})

test('a session that is given to somebody else in the file ends, and lives no longer than it may', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  t.after(() => file.close())
  const edits = [
    `update session set userId = '${ada.userId}'`,
    `update session set factors = '["password","passkey"]'`,
    'update session set startedAt = startedAt + 1000',
    'update session set provedAt = provedAt + 1000',
    'update session set mac = null',
  ]
  for (const edit of edits) {
    const headers = { Cookie: `session=${await app.signIn(vera)}` }
    assert.equal((await app.fetch('/account', { headers })).status, 200, 'the premise')
    file.exec(edit)
    const refused = await app.fetch('/account', { headers })
    assert.equal(refused.status, 409, edit)
    assert.doesNotMatch(await refused.text(), /ada@/)
    assert.equal((await app.fetch('/account', { headers })).status, 401, 'and it is gone')
    assert.equal((await app.fetch('/sign-in', { headers })).status, 200)
  }
  const told = await entries(app, 'row.read')
  assert.ok(told.length > 0)
  assert.ok(told.every(({ outcome }) => outcome === 'refused'))
})

test('a workspace that is opened, or whose policies are put away, in the file stays shut', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const { house } = app
  const caller = systemCaller(house, 'test', undefined, app.acme.id)
  const policy = { ...DEFAULT_POLICY, secondFactor: true }
  await changePolicy(house, caller, { policy, version: 0 })
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  t.after(() => file.close())
  const kept = file.prepare('select * from workspacePolicy').get() as Record<string, unknown>
  const look = async () => (await app.fetchAs(vera, '/w/acme')).status
  assert.equal(await look(), 303, 'it asks for a second factor')
  file.exec('delete from workspacePolicy')
  assert.equal(await look(), 409)
  const columns = Object.keys(kept)
  const values = columns.map((name) => `:${name}`).join(', ')
  file.prepare(`insert into workspacePolicy (${columns.join(', ')}) values (${values})`).run(kept)
  assert.equal(await look(), 303)
  await changePolicy(house, caller, { policy: { ...policy, review: true }, version: 1 })
  file
    .prepare('update workspacePolicy set policy = :policy, version = :version, mac = :mac')
    .run({ policy: kept['policy'], version: kept['version'], mac: kept['mac'] })
  assert.equal(await look(), 409, 'an older version of them')
  file.exec(`update workspace set policyVersion = 1 where id = '${app.acme.id}'`)
  assert.equal(await look(), 409)

  await suspendWorkspace(house, systemCaller(house, 'test'), app.globex.id, true)
  file.exec(`update workspace set suspendedAt = null where id = '${app.globex.id}'`)
  assert.equal((await app.fetchAs(app.cast.gwen, '/w/globex')).status, 409)
  const again = suspendWorkspace(house, systemCaller(house, 'test'), app.globex.id, true)
  await assert.rejects(again, { code: 'conflict' }, 'nor does a change make it good')
})

test('an instance from before gives workspaces their digests once, and not again', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const caller = systemCaller(house, 'test')
  const { derived } = house.keys.opened
  await house.db.write(caller, async (tx) => {
    const instance = { ...(await findInstance(tx))!, rowsSealedAt: null }
    await updateInstance(tx, { ...instance, mac: instanceMac(derived, instance) })
  })
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  t.after(() => file.close())
  const bare = 'update workspace set mac = null'
  file.exec(bare)
  assert.equal((await app.fetchAs(app.cast.vera, '/w/acme')).status, 409, 'the premise')
  await sealWorkspaceRows(house, caller)
  assert.equal((await app.fetchAs(app.cast.vera, '/w/acme')).status, 200)
  file.exec(bare)
  await sealWorkspaceRows(house, caller)
  assert.equal((await app.fetchAs(app.cast.vera, '/w/acme')).status, 409)
  file.exec('update instance set rowsSealedAt = null')
  await assert.rejects(sealWorkspaceRows(house, caller), { code: 'conflict' })
})
