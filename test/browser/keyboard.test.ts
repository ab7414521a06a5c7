// The keyboard alone: palette, keys of the page, themes that stay, popovers.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ada } from '#test/support/cast.ts'
import { findWithAxe } from './axe.ts'
import { startWorld } from './world.ts'

test('Ctrl K opens the palette; typing narrows it; arrows and Enter go there', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/w/acme')
  await page.keyboard.press('Control+K')
  const palette = page.getByRole('dialog', { name: 'Search and commands' })
  await palette.waitFor()
  await palette.getByRole('link', { name: 'Overview' }).waitFor()
  assert.deepEqual(await findWithAxe(page), [])
  await page.keyboard.type('inst')
  await palette.getByRole('link', { name: 'Overview' }).waitFor({ state: 'detached' })
  await page.keyboard.press('ArrowDown')
  assert.equal(await palette.getByRole('link', { name: 'Instance' }).locator(':focus').count(), 0)
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /Instance/)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/instance')
  await expectNoViolations()
})

// htmx takes up a page one turn after its scripts have run; keys pressed in that turn are not lost.
test('a palette opened before htmx is ready still gets its results', async (t) => {
  const { openContext } = await startWorld(t)
  const page = await (await openContext(ada)).newPage()
  await page.addInitScript(() => {
    document.addEventListener('DOMContentLoaded', () => {
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }))
    })
  })
  await page.goto('/w/acme')
  await page.getByRole('dialog').getByRole('link', { name: 'Overview' }).waitFor()
})

test('Enter in the box takes the first result, and Escape closes the palette', async (t) => {
  const { openPage } = await startWorld(t)
  const page = await openPage('/w/acme')
  await page.keyboard.press('Control+K')
  await page.keyboard.type('instance')
  const palette = page.getByRole('dialog', { name: 'Search and commands' })
  await palette.getByRole('link', { name: 'Overview' }).waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await palette.waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'Search or run a command' }).click()
  await palette.waitFor()
  await palette.getByRole('link', { name: 'Instance G I' }).waitFor()
  await page.getByRole('searchbox').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/instance')
})

test('? lists the keys; the keys go where it says; not while typing, not when switched off', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/w/acme')
  const list = page.getByRole('group', { name: 'Keys of this page' })
  await page.keyboard.press('?')
  await list.waitFor()
  await list.getByText('Go to Instance').waitFor()
  assert.deepEqual(await findWithAxe(page), [])
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await page.waitForURL('**/instance')
  await page.keyboard.press('h')
  await page.waitForURL('**/docs/pages#the-instance')
  await page.goto('/dev/parts')
  await page.locator('#field-text').focus()
  await page.keyboard.type('g i ?')
  assert.match(page.url(), /\/dev\/parts$/)
  assert.equal(await list.isVisible(), false)
  await page.locator('h1').click()
  await page.keyboard.press('?')
  await list.getByRole('switch', { name: 'Single keys' }).uncheck()
  await page.keyboard.press('Escape')
  await page.reload()
  await page.keyboard.press('?')
  assert.equal(await list.isVisible(), false)
  await expectNoViolations()
})

test('a chosen theme stays, and "as the system" lets it go', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/w/acme', { colorScheme: 'light' })
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  await page.getByRole('button', { name: 'ada: account and theme' }).press('Enter')
  await page.getByRole('button', { name: 'Dark' }).press('Enter')
  const dark = await ground()
  assert.notEqual(dark, light)
  await page.reload()
  assert.equal(await ground(), dark)
  await page.getByRole('button', { name: 'ada: account and theme' }).press('Enter')
  await page.getByRole('button', { name: 'Theme: as the system' }).press('Enter')
  assert.equal(await ground(), light)
  await expectNoViolations()
})

test('the first Tab reaches the link that skips to the content, and it is seen', async (t) => {
  const { openPage } = await startWorld(t)
  const page = await openPage('/w/acme')
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  assert.equal(await skip.evaluate((link) => link === document.activeElement), true)
  await page.waitForFunction(() => document.activeElement!.getBoundingClientRect().top >= 0)
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
})

test('without script: menu, search page, account and signing out work', async (t) => {
  const { openPage, sessions, expectNoViolations } = await startWorld(t)
  const page = await openPage('/w/acme', {
    javaScriptEnabled: false,
    viewport: { width: 390, height: 844 },
  })
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('link', { name: 'Instance', exact: true }).click()
  await page.waitForURL('**/instance')
  await page.getByRole('link', { name: 'Search or run a command' }).click()
  await page.getByRole('searchbox').fill('acme')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.getByRole('link', { name: 'acme', exact: true }).click()
  await page.waitForURL('**/w/acme')
  await page.getByRole('button', { name: 'ada: account and theme' }).click()
  assert.equal(await page.getByRole('button', { name: 'Dark' }).count(), 0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'It runs, and you are not signed in' }).waitFor()
  assert.ok(sessions)
  await expectNoViolations()
})
