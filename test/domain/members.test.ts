// The people of a workspace: who may change whom, what it ends, and that an admin stays.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMember } from '#domain/access/actions.ts'
import {
  invite,
  listInvitations,
  readInvitation,
  resendInvitation,
} from '#domain/access/invitations.ts'
import { acceptAsMember, acceptAsNew, revokeInvitation } from '#domain/access/invitations.ts'
import {
  changeMember,
  confirmApprover,
  getMember,
  listMembers,
  removeMember,
} from '#domain/access/members.ts'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { AppError } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

const ENGINEER = { role: 'engineer', isApprover: false, isAuditor: false } as const
const ADMIN = { ...ENGINEER, role: 'admin' } as const
const ANALYST = { ...ENGINEER, role: 'analyst' } as const

function as({ house, acme }: TestApp, { userId }: CastMember, role: Role = 'admin'): Caller {
  const caller = systemCaller(house, 'test', undefined, acme.id)
  return { ...caller, actor: userId, verbs: verbsOf(role) }
}

const at = (token: string) => `http://localhost/invite/${token}`

const code = (wanted: string) => (error: unknown) =>
  error instanceof AppError && error.code === wanted

test('the list finds members by name, address and role, a page at a time', async (t) => {
  const app = await startApp(t)
  const { house, cast } = app
  const caller = as(app, cast.ada)
  const all = await listMembers(house, caller, {}, { limit: 10 })
  assert.deepEqual([all.items.map(({ name }) => name), all.count], [['Ada', 'Ravi', 'Vera'], 3])
  const first = await listMembers(house, caller, {}, { limit: 2 })
  assert.deepEqual(
    first.items.map(({ name }) => name),
    ['Ada', 'Ravi'],
  )
  const rest = await listMembers(house, caller, {}, { limit: 2, cursor: first.next! })
  assert.deepEqual([rest.items.map(({ name }) => name), rest.next], [['Vera'], null])
  const found = async (filter: { q?: string; role?: Role }) =>
    (await listMembers(house, caller, filter, { limit: 10 })).items.map(({ name }) => name)
  assert.deepEqual(await found({ q: 'RAV' }), ['Ravi'])
  assert.deepEqual(await found({ q: 'vera acme' }), ['Vera'])
  assert.deepEqual(await found({ q: '%' }), [])
  assert.deepEqual(await found({ role: 'viewer' }), ['Vera'])
  const other = { limit: 2, cursor: first.next! }
  await assert.rejects(listMembers(house, caller, { q: 'a' }, other), code('invalid'))
})

test('another role signs its member out everywhere and is in the log', async (t) => {
  const app = await startApp(t)
  const { house, cast, sessions } = app
  const cookie = await app.signIn(cast.ravi)
  assert.ok(await sessions.find(cookie), 'the premise')
  await changeMember(house, as(app, cast.ada), cast.ravi.userId, ANALYST)
  assert.equal(await sessions.find(cookie), undefined)
  assert.equal((await getMember(house, as(app, cast.ada), cast.ravi.userId)).role, 'analyst')
})

test('what stays as it was ends no session', async (t) => {
  const app = await startApp(t)
  const cookie = await app.signIn(app.cast.ravi)
  await changeMember(app.house, as(app, app.cast.ada), app.cast.ravi.userId, ENGINEER)
  assert.ok(await app.sessions.find(cookie))
})

test('the last admin can be neither demoted nor removed, by anybody', async (t) => {
  const app = await startApp(t)
  const { house, cast } = app
  const ada = as(app, cast.ada)
  await assert.rejects(changeMember(house, ada, cast.ada.userId, ENGINEER), code('conflict'))
  await assert.rejects(removeMember(house, ada, cast.ada.userId), code('conflict'))
  await changeMember(house, ada, cast.ravi.userId, ADMIN)
  await changeMember(house, ada, cast.ada.userId, ENGINEER)
  const ravi = as(app, cast.ravi)
  await assert.rejects(removeMember(house, ravi, cast.ravi.userId), code('conflict'))
  await removeMember(house, ravi, cast.ada.userId)
  await assert.rejects(getMember(house, ravi, cast.ada.userId), code('forbidden'))
})

test('somebody approves only when another admin than the one who asked confirms', async (t) => {
  const app = await startApp(t)
  const { house, cast, sessions } = app
  const [ada, ravi] = [as(app, cast.ada), as(app, cast.ravi)]
  await changeMember(house, ada, cast.ravi.userId, ADMIN)
  const id = cast.vera.userId
  await assert.rejects(confirmApprover(house, ravi, id), code('conflict'))
  const asked = await changeMember(house, ada, id, { ...ANALYST, isApprover: true })
  assert.equal(asked.approver, 'asked')
  const flags = async () =>
    (await sessions.find(await app.signIn(cast.vera)))?.person.memberships[0]
  assert.deepEqual((await flags())?.flags, [])
  await assert.rejects(confirmApprover(house, ada, id), code('conflict'))
  assert.equal((await confirmApprover(house, ravi, id)).approver, 'yes')
  assert.deepEqual((await flags())?.flags, ['approver'])
  const kept = await changeMember(house, ada, id, { ...ENGINEER, isApprover: true })
  assert.equal(kept.approver, 'yes')
  await changeMember(house, ada, id, ENGINEER)
  assert.deepEqual((await flags())?.flags, [])
})

test('nobody but an admin sees or changes members, and nobody of another workspace', async (t) => {
  const app = await startApp(t)
  const { house, cast, globex } = app
  for (const role of ['engineer', 'analyst', 'viewer'] as const) {
    const caller = as(app, cast.ravi, role)
    await assert.rejects(listMembers(house, caller, {}, { limit: 1 }), code('forbidden'))
    await assert.rejects(changeMember(house, caller, cast.ravi.userId, ADMIN), code('forbidden'))
    await assert.rejects(confirmApprover(house, caller, cast.ravi.userId), code('forbidden'))
    await assert.rejects(removeMember(house, caller, cast.vera.userId), code('forbidden'))
    await assert.rejects(listInvitations(house, caller), code('forbidden'))
  }
  const gwen = systemCaller(house, 'test', undefined, globex.id)
  await assert.rejects(changeMember(house, gwen, cast.ravi.userId, ADMIN), code('forbidden'))
  await assert.rejects(removeMember(house, gwen, cast.ravi.userId), code('forbidden'))
})

test('an invitation makes one account, once, and is worth nothing after', async (t) => {
  const app = await startApp(t)
  const { house, cast } = app
  const ada = as(app, cast.ada)
  const { token, link } = await invite(house, ada, { email: 'neil@acme.example', ...ENGINEER }, at)
  assert.deepEqual(
    (await listInvitations(house, ada)).map(({ id }) => id),
    [link.id],
  )
  const visitor: Caller = { ...systemCaller(house, 'visitor'), verbs: new Set() }
  const account = { name: 'Neil', password: 'wide river 47 lanterns' }
  const id = await acceptAsNew(house, visitor, token, account)
  assert.equal((await getMember(house, ada, id)).role, 'engineer')
  assert.deepEqual(await listInvitations(house, ada), [])
  await assert.rejects(acceptAsNew(house, visitor, token, account), code('forbidden'))
  await assert.rejects(readInvitation(house, visitor, token), code('forbidden'))
  await assert.rejects(
    invite(house, ada, { email: 'neil@acme.example', ...ENGINEER }, at),
    code('conflict'),
  )
})

test('an invitation ends by a newer one, by its admin, by time, and by a clock set back', async (t) => {
  const app = await startApp(t)
  const { house, cast, clock } = app
  const ada = () => as(app, cast.ada)
  const input = { email: 'neil@acme.example', ...ENGINEER }
  const visit = (token: string) =>
    readInvitation(house, { ...systemCaller(house, 'visitor'), verbs: new Set() }, token)
  const first = await invite(house, ada(), input, at)
  const second = await invite(house, ada(), input, at)
  await assert.rejects(visit(first.token), code('forbidden'))
  const third = await resendInvitation(house, ada(), second.link.id, at)
  await assert.rejects(visit(second.token), code('forbidden'))
  assert.equal((await visit(third.token)).email, input.email)
  await revokeInvitation(house, ada(), third.link.id)
  await assert.rejects(visit(third.token), code('forbidden'))
  const fourth = await invite(house, ada(), input, at)
  const made = clock.now()
  clock.jumpTo((made - DAY) as typeof made)
  await assert.rejects(visit(fourth.token), code('forbidden'))
  clock.jumpTo((made + 7 * DAY) as typeof made)
  await assert.rejects(visit(fourth.token), code('forbidden'))
})

test('an invitation to somebody who has an account is for them alone', async (t) => {
  const app = await startApp(t)
  const { house, cast, globex } = app
  const { token } = await invite(
    house,
    as(app, cast.ada),
    {
      email: 'gwen@globex.example',
      ...ANALYST,
    },
    at,
  )
  const self = (userId: UserId): Caller => ({
    ...systemCaller(house, 'visitor'),
    actor: userId,
    verbs: new Set(),
  })
  const account = { name: 'Not Gwen', password: 'wide river 47 lanterns' }
  await assert.rejects(acceptAsNew(house, self(cast.vera.userId), token, account), code('conflict'))
  await assert.rejects(acceptAsMember(house, self(cast.vera.userId), token), code('forbidden'))
  await acceptAsMember(house, self(cast.gwen.userId), token)
  const gwen = await app.sessions.find(await app.signIn(cast.gwen))
  assert.deepEqual(
    gwen?.person.memberships.map(({ slug, role }) => [slug, role]),
    [
      ['acme', 'analyst'],
      ['globex', 'admin'],
    ],
  )
  const inGlobex = systemCaller(house, 'test', undefined, globex.id)
  await assert.rejects(addMember(house, inGlobex, cast.gwen.userId, ENGINEER), code('conflict'))
})
