// Hostile names of people and workspaces, in every place of the pages about people, the rail, the
// palette and the audit log: they show as text and nothing acts.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { addMemberIn, addUserIn } from '#domain/access/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { insertWorkspace } from '#domain/workspaces/store.ts'
import { ID_PREFIXES, makeId, type UserId } from '#kernel/id.ts'
import { ada } from '#test/support/cast.ts'
import { bundled, OWN_LINES, readCorpus, watchFor } from './hostile-text.ts'
import { startWorld, type World } from './world.ts'

/** Everything these pages ask for by themselves. */
const OWN_PATHS =
  /^\/(static\/[\w.-]+|(instance|w\/[\w-]+)(\/(signals|find|audit|jobs|people(\/usr_[\w-]+)?|workspaces|settings(\/members(\/usr_[\w-]+)?)?))?)$/

async function addPeople({ house }: World, texts: readonly string[]): Promise<readonly UserId[]> {
  const caller = systemCaller(house, 'test', undefined, 'wsp_acme')
  return house.db.write(caller, async (tx) => {
    const ids: UserId[] = []
    for (const [index, name] of texts.entries()) {
      const input = { email: `p${index}@acme.example`, name, isOwner: false }
      const { id } = await addUserIn(tx, house, caller, input)
      const as = { role: 'viewer', isApprover: false, isAuditor: false } as const
      await addMemberIn(tx, house, caller, id, as)
      ids.push(id)
    }
    return ids
  })
}

async function addWorkspaces({ house }: World, texts: readonly string[]): Promise<void> {
  const caller = systemCaller(house, 'test')
  const as = { role: 'admin', isApprover: false, isAuditor: false } as const
  for (const [index, name] of texts.entries()) {
    const id = makeId(ID_PREFIXES.workspace, caller.now, house.random(10))
    const workspace = { id, slug: `w-${index}`, name, createdAt: caller.now, suspendedAt: null }
    await house.db.write(caller, (tx) =>
      insertWorkspace(tx, house.keys.purpose('row-mac'), workspace),
    )
    const inside = systemCaller(house, 'test', undefined, id)
    await house.db.write(inside, (tx) => addMemberIn(tx, house, inside, ada.userId, as))
  }
}

/** The texts as they stand on the page, in elements of their own. */
function shownTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('main bdi, main h1')].map((one) => one.textContent ?? ''),
  )
}

async function follow(page: Page): Promise<string | null> {
  const next = page.getByRole('link', { name: 'More', exact: true })
  return (await next.count()) === 0 ? null : next.getAttribute('href')
}

test('hostile names of people show as text on every page about them', async (t) => {
  const world = await startWorld(t)
  // Line ends are no part of a name.
  const texts = [...OWN_LINES, ...bundled(readCorpus())].map((text) => text.replaceAll(/\s+/g, ' '))
  const ids = await addPeople(world, texts)
  const context = await world.openContext(ada)
  const signs = await watchFor(context, world.origin, OWN_PATHS)
  const page = await context.newPage()
  for (const list of ['/w/acme/settings/members', '/instance/people']) {
    const seen = new Set<string>()
    for (let path: string | null = list; path !== null; path = await follow(page)) {
      await page.goto(path)
      for (const text of await shownTexts(page)) seen.add(text)
    }
    for (const text of texts) assert.ok(seen.has(text), `${list} shows ${text.slice(0, 60)}`)
  }
  for (const [index, id] of ids.entries()) {
    if (index >= OWN_LINES.length) break // the rest stands in the lists; a page each takes minutes
    for (const path of [`/w/acme/settings/members/${id}`, `/instance/people/${id}`]) {
      await page.goto(path)
      assert.equal(await page.locator('h1').textContent(), texts[index])
    }
  }
  assert.deepEqual(signs, [])
  await world.expectNoViolations()
})

test('hostile names of workspaces show as text in the rail, the palette and the list', async (t) => {
  const world = await startWorld(t)
  const texts = [...OWN_LINES, ...bundled(readCorpus())].map((text) => text.replaceAll(/\s+/g, ' '))
  await addWorkspaces(world, texts)
  const context = await world.openContext(ada)
  const signs = await watchFor(context, world.origin, OWN_PATHS)
  const page = await context.newPage()
  await page.goto('/instance/workspaces')
  const listed = new Set(await shownTexts(page))
  for (const text of texts) assert.ok(listed.has(text), text)
  await page.goto('/w/w-0')
  await page.keyboard.press('Control+K')
  await page.getByRole('dialog').getByRole('link', { name: 'Overview' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Switch workspace' }).click()
  const many = page.getByRole('group', { name: 'Workspaces' })
  await many.getByRole('searchbox', { name: 'Find a workspace by name' }).fill(texts[1]!)
  await page.keyboard.press('Enter')
  await page.locator('main').getByRole('link', { name: texts[1]!, exact: true }).click()
  await page.waitForURL('**/w/w-1')
  await page.goto('/w/w-1/audit')
  await page.goto('/w/acme/find?q=xss')
  assert.deepEqual(signs, [])
  await world.expectNoViolations()
})
