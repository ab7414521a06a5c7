// Workspaces: the first one, adding, the slug's shape, who may.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace, getWorkspace, listWorkspaces } from '#domain/workspaces/actions.ts'
import { NewWorkspace } from '#domain/workspaces/input.ts'
import { AppError } from '#kernel/error.ts'
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
