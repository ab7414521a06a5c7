// One question from the page to every kind of target at once, one of which lets nobody in: what came,
// what did not and why stand on the screen, and nothing there says more than is known.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { WorkspaceId } from '#kernel/id.ts'
import { ravi } from '#test/support/cast.ts'
import { addEstate, LOCKED, QUESTION } from '#test/support/estate.ts'
import { keepPicture, lookAt, LOOKS } from './look.ts'
import { startWorld } from './world.ts'

test('the page tells of each target what is known, and of one that it is not', async (t) => {
  const world = await startWorld(t, { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' })
  const names = await addEstate(t, world.house, 'wsp_acme' as WorkspaceId)
  const page = await world.openPage('/w/acme/searches/new', { person: ravi })
  await page.getByRole('textbox', { name: 'Query' }).fill(QUESTION)
  for (const name of ['local', ...names]) await page.getByRole('checkbox', { name }).check()
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.getByText('Not complete.').waitFor()

  const verdict = (await page.locator('.notice').first().textContent()) ?? ''
  const answered = names.length // the sandbox for the one that is locked
  assert.match(verdict, new RegExp(`${answered} of ${answered + 1} targets are fully read\\.`))
  assert.match(verdict, new RegExp(`${LOCKED} failed\\. Do not conclude`))
  const line = (name: string) => page.locator('.seg', { hasText: name })
  for (const name of names.filter((one) => one !== LOCKED)) {
    assert.match((await line(name).textContent()) ?? '', /1Complete/, name)
  }
  assert.match((await line('local').textContent()) ?? '', /0Complete/)
  const failed = (await line(LOCKED).textContent()) ?? ''
  assert.match(failed, /does not know this credential.*unknown.*Failed.*Try again/s)
  const rows = page.locator('#rows tbody tr')
  assert.equal(await rows.count(), names.length - 1)
  for (const [width, colorScheme] of LOOKS) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    await lookAt(world, page, `search-all-${width}-${colorScheme}`)
  }
  await keepPicture(page, 'search-all')
})
