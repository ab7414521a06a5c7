// Workspaces: the first one, adding, the slug's shape, who may.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace, getWorkspace, listWorkspaces } from '#domain/workspaces/actions.ts'
import { NewWorkspace } from '#domain/workspaces/input.ts'
import { GroupPolicy, tightened } from '#domain/workspaces/group-policy.ts'
import { DEFAULT_POLICY, weakensReview, type Policy } from '#domain/workspaces/policy.ts'
import { isOpenAt, nextOpening, readWindows } from '#domain/workspaces/windows.ts'
import { AppError } from '#kernel/error.ts'
import { instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { openHouse } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'

async function open(t: TestContext): Promise<House> {
  const { house, close } = await openHouse({ configuration: testConfiguration(makeFolder(t)) })
  t.after(close)
  return house
}

const code = (wanted: string) => (error: unknown) =>
  error instanceof AppError && error.code === wanted

test('a fresh install has the workspace default and no other', async (t) => {
  const house = await open(t)
  const all = await listWorkspaces(house, systemCaller(house, 'cli', 'ada'))
  assert.deepEqual(
    all.map(({ slug, name }) => ({ slug, name })),
    [{ slug: 'default', name: 'Default' }],
  )
})

test('a workspace is found by its slug, and a slug is given once', async (t) => {
  const house = await open(t)
  const caller = systemCaller(house, 'cli', 'ada')
  const acme = await addWorkspace(house, caller, { slug: 'acme', name: 'Acme' })
  assert.deepEqual(await getWorkspace(house, caller, 'acme'), acme)
  await assert.rejects(
    () => addWorkspace(house, caller, { slug: 'acme', name: 'Other' }),
    code('conflict'),
  )
  await assert.rejects(() => getWorkspace(house, caller, 'globex'), code('forbidden'))
})

test('an admin of a workspace may neither add one nor see the others', async (t) => {
  const house = await open(t)
  const admin = { ...systemCaller(house, 'cli', 'ada'), verbs: verbsOf('admin') }
  await assert.rejects(
    () => addWorkspace(house, admin, { slug: 'acme', name: 'Acme' }),
    code('forbidden'),
  )
  await assert.rejects(() => listWorkspaces(house, admin), code('forbidden'))
})

test('a slug is lower-case, begins with a letter, and stays short', () => {
  const fits = (slug: string) => NewWorkspace.safeParse({ slug, name: 'A' }).success
  for (const slug of ['a', 'acme', 'acme-2', 'a'.repeat(39)]) assert.ok(fits(slug), slug)
  for (const slug of ['', 'Acme', '2acme', '-acme', 'acme-', 'a--b', 'a'.repeat(40), 'a b', 'ä']) {
    assert.ok(!fits(slug), slug)
  }
})

const utc = (text: string) => instant(Date.parse(`${text}:00.000Z`))
const windows = (...lines: string[]) => readWindows(lines.join('\n')) ?? assert.fail(lines.join())

test('changes go out when the wall clocks of a place say so, also when these are set', () => {
  const hours = windows('open mon-fri 09:00-17:00 Europe/London production')
  const isOpen = (at: string, stage = 'production') => isOpenAt(hours, stage, utc(at))
  assert.equal(isOpen('2026-03-27T08:30'), false)
  assert.equal(isOpen('2026-03-27T09:00'), true)
  assert.equal(isOpen('2026-03-30T08:00'), true) // summer time began on the Sunday between
  assert.equal(isOpen('2026-03-28T12:00'), false)
  assert.equal(isOpen('2026-03-28T12:00', 'test'), true)
  assert.equal(nextOpening(hours, 'production', utc('2026-03-27T17:00')), utc('2026-03-30T08:00'))

  const early = windows('open sun 01:15-01:45 Europe/London')
  // That hour is skipped in spring and told twice in autumn.
  assert.equal(nextOpening(early, 'dev', utc('2026-03-29T00:00')), utc('2026-04-05T00:15'))
  assert.equal(isOpenAt(early, 'dev', utc('2026-10-25T00:20')), true)
  assert.equal(isOpenAt(early, 'dev', utc('2026-10-25T01:20')), true)
  const night = windows('open sat 22:00-04:00 UTC')
  assert.equal(isOpenAt(night, 'dev', utc('2026-11-22T03:59')), true)
  assert.equal(isOpenAt(night, 'dev', utc('2026-11-22T04:00')), false)
})

test('a freeze closes what is open, for its days in its own zone', () => {
  const frozen = windows('freeze 2026-12-20 2027-01-05 Europe/Berlin # the holidays')
  assert.equal(isOpenAt(frozen, 'dev', utc('2026-12-19T22:59')), true)
  assert.equal(isOpenAt(frozen, 'dev', utc('2026-12-19T23:00')), false)
  assert.equal(nextOpening(frozen, 'dev', utc('2026-12-24T12:00')), utc('2027-01-05T23:00'))
  for (const line of [
    'open mon 9-17 UTC',
    'open mon 09:00-17:00',
    'open mon 09:00-17:00 Mars/Base',
    'open mon 09:00-09:05 UTC',
    'freeze 2026-02-30 UTC',
    'freeze 2026-02-03 2026-02-01 UTC',
    'open mon 09:00-17:00 UTC everywhere',
  ]) {
    assert.equal(readWindows(line), undefined, line)
  }
})

test('a group asks for more and never for less, and what takes that away weakens review', () => {
  const now: Policy = {
    ...DEFAULT_POLICY,
    groups: { crown: { review: true, signatures: 3, soakDays: 5 } },
  }
  const asked = tightened({ ...now, signatures: 2, soakDays: 7 }, ['crown', 'other'])
  assert.deepEqual([asked.review, asked.signatures, asked.soakDays], [true, 3, 7])
  assert.equal(tightened(now, ['other']).review, false)
  for (const wrong of [
    { review: false },
    { signatures: 0 },
    { approvalDays: 90 },
    { hotfix: true },
  ]) {
    assert.equal(GroupPolicy.safeParse(wrong).success, false, JSON.stringify(wrong))
  }
  const to = (crown: object) => weakensReview(now, { ...now, groups: { crown } })
  assert.equal(
    to({ review: true, signatures: 4, soakDays: 5, windows: 'open mon 09:00-10:00 UTC' }),
    false,
  )
  assert.equal(to({ review: true, signatures: 2, soakDays: 5 }), true)
  assert.equal(to({ signatures: 3, soakDays: 5 }), true)
  assert.equal(weakensReview(now, { ...now, groups: {} }), true)
  const windowed = {
    ...now,
    groups: { crown: { review: true, windows: 'open mon 09:00-10:00 UTC' } },
  } as const
  assert.equal(weakensReview(windowed, { ...now, groups: { crown: { review: true } } }), true)
})

test('while review is on, what opens more or asks less is told apart from what closes', () => {
  const now: Policy = { ...DEFAULT_POLICY, review: true, windows: 'open mon 09:00-17:00 UTC' }
  const freeze = `${now.windows}\nfreeze 2026-12-20 UTC`
  assert.equal(weakensReview(now, { ...now, windows: freeze, signatures: 2 }), false)
  assert.equal(weakensReview({ ...now, windows: '' }, now), false)
  for (const weaker of [
    { windows: '' },
    { windows: `${now.windows}\nopen tue 09:00-17:00 UTC` },
    { review: false },
    { tokensMaySign: true },
    { approvalDays: 30 },
    { hotfix: true },
  ]) {
    assert.equal(weakensReview(now, { ...now, ...weaker }), true, JSON.stringify(weaker))
    assert.equal(weakensReview({ ...now, review: false }, { ...now, ...weaker }), false)
  }
})
