// Hostile text shows as text in every place where foreign text can stand, on a page and in a fragment,
// and never acts. Lines of our own always; the shared corpus beside the checkout when it is there.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { bundled, OWN_LINES, readCorpus, watchFor } from './hostile-text.ts'
import { startWorld } from './world.ts'

/** Moves over and clicks what shows the text, so that handlers that wait for a person get one. */
async function poke(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('#shown, #shown *:not(a, a *)')) {
      for (const name of ['mouseover', 'click', 'focusin', 'mouseenter']) {
        element.dispatchEvent(new MouseEvent(name, { bubbles: true }))
      }
    }
  })
}

/** A form normalises line ends. */
const shownAs = (text: string) => text.replaceAll(/\r\n?/g, '\n')

for (const hasScript of [true, false]) {
  const how = hasScript ? 'swapped in' : 'on a page'
  test(`hostile text ${how} shows as text and does not act`, async (t) => {
    const world = await startWorld(t)
    const context = await world.openContext(undefined, { javaScriptEnabled: hasScript })
    const signs = await watchFor(context, world.origin)
    const page = await context.newPage()
    await world.signIn(page)
    await page.goto('/dev/parts')
    // With script the whole corpus; a page load costs ten times as much as a swap.
    const texts = hasScript ? [...OWN_LINES, ...bundled(readCorpus())] : OWN_LINES.slice(0, 8)
    for (const [index, text] of texts.entries()) {
      assert.ok(text.length <= 20_000)
      await send(page, text)
      const heading = page.locator('#shown h3')
      if (hasScript) await page.getByText(`Round ${index + 1}`, { exact: true }).waitFor()
      assert.equal(await heading.textContent(), shownAs(text))
      assert.equal(await page.locator('#shown-title').getAttribute('title'), shownAs(text))
      if (hasScript) await poke(page)
    }
    assert.deepEqual(signs, [])
    await world.expectNoViolations()
  })
}

// The text goes in through the form's own field, without the keyboard's limits.
async function send(page: Page, text: string): Promise<void> {
  await page.locator('#field-text').fill(text)
  await page.getByRole('button', { name: 'Show it' }).click()
}

test('premise: the same texts written as HTML without a policy do act', async (t) => {
  const world = await startWorld(t)
  const context = await world.openContext()
  const signs = await watchFor(context, world.origin)
  const page = await context.newPage()
  const file = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js')
  const lines = OWN_LINES.filter((line) => !/refresh|<base|textarea|title/i.test(line))
  await page.route('**/bare', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><script>${readFileSync(file, 'utf8')}</script>${lines.join('\n<hr>\n')}`,
    }),
  )
  const htmxActed = page.waitForRequest((request) => request.url().includes('/api/admin/users'))
  await page.goto(`${world.origin}/bare`)
  await htmxActed
  assert.ok(signs.some((sign) => sign === 'script 1'))
  assert.ok(signs.some((sign) => sign === 'script 2'))
})
