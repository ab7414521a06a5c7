// Bringing rules in a real browser, as a newcomer does: from an empty workspace to all rules, to why some
// are broken, and to those that compile for Splunk. A folder is chosen, the preview is read, the import
// runs while the page follows it, and a broken document is mended.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { starterRules } from '#src/starter/starter.ts'
import { makeFolder } from '#test/support/database.ts'
import { lookAt, LOOKS } from './look.ts'
import { startWorld } from './world.ts'

const BROKEN = [
  'title: "<img src=x onerror=alert(1)> ' + 'long '.repeat(60) + '"',
  'logsource: {product: windows}',
  'detection: {condition: nothing}',
].join('\n')
const PLAIN = [
  'title: Tool NUMBER',
  'level: low',
  'logsource: {category: process_creation, product: windows}',
  "detection: {selection: {Image|endswith: '\\NUMBER.exe'}, condition: selection}",
].join('\n')
const PLAIN_COUNT = 250

/** A repository as somebody has cloned it. */
function makeClone(t: test.TestContext): { readonly folder: string; readonly count: number } {
  const folder = path.join(makeFolder(t), 'rules')
  const starter = starterRules()
  const plain = Array.from({ length: PLAIN_COUNT }, (_, n) => ({
    path: `tools/${n}.yml`,
    text: PLAIN.replaceAll('NUMBER', String(n)),
  }))
  for (const { path: name, text } of [
    ...starter,
    ...plain,
    { path: 'broken.yml', text: BROKEN },
    { path: 'README.md', text: 'no rule' },
  ]) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return { folder, count: starter.length + plain.length }
}

test('a newcomer with a folder of rules gets to what is broken and to what compiles', async (t) => {
  const world = await startWorld(t)
  const { folder, count } = makeClone(t)
  const page = await world.openPage('/w/acme')
  await page.getByRole('link', { name: 'Import rules' }).click()
  await page.getByLabel('A folder').setInputFiles(folder)
  await page.getByRole('button', { name: 'Show what would happen' }).click()
  await page.getByText(`${count} rules would be written.`).waitFor()
  const path = new URL(page.url()).pathname
  const look = async (name: string, at: string) => {
    for (const [width, colorScheme] of LOOKS) {
      const viewport = { width, height: 800 }
      const looked = await world.openPage(at, { viewport, colorScheme })
      await lookAt(world, looked, `${name}-${width}-${colorScheme}`)
      await looked.close()
    }
  }
  await look('import-preview', path)
  await look('imports', '/w/acme/rules/imports')
  await page.getByRole('button', { name: `Import ${count}` }).click()
  await page.getByText('Imported', { exact: true }).waitFor()
  await look('import-done', path)

  await page.getByRole('link', { name: /Broken, and why/ }).click()
  await page.waitForURL(/finding=broken/)
  await page.locator('#documents summary').last().click()
  await page.getByText('sigma/unknown-identifier').waitFor()
  await page.getByRole('link', { name: 'Mend' }).click()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await look('import-item', new URL(page.url()).pathname)
  await page.getByRole('link', { name: 'Back to the import' }).click()

  await page.getByRole('link', { name: /Splunk/ }).click()
  await page.getByText(`50 of ${count} rules`).waitFor()
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByText('Bring your rules (done)').waitFor()
  await look('overview-rules', '/w/acme')
  assert.equal(await page.getByText('onerror').count(), 0)
  await world.expectNoViolations()
})

test('events that are sent show how far they are, and sending can be given up', async (t) => {
  const world = await startWorld(t)
  const file = path.join(makeFolder(t), 'events.ndjson')
  writeFileSync(file, `${JSON.stringify({ message: 'brought by hand' })}\n`)
  const page = await world.openPage('/w/acme/events')
  const held = Promise.withResolvers<void>()
  await page.route('**/events/imports', () => held.resolve())
  await page.getByLabel('Files').setInputFiles(file)
  await page.getByRole('button', { name: 'Bring in' }).click()
  await held.promise
  await page.getByRole('progressbar', { name: 'Sent' }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Sending was given up.').waitFor()
  await page.unroute('**/events/imports')
  await page.getByRole('button', { name: 'Bring in' }).click()
  await page.getByText('brought by hand').first().waitFor()
  await page.getByLabel('Log source of all events').fill('no log source')
  await page.getByLabel('Files').setInputFiles(file)
  await page.getByRole('button', { name: 'Bring in' }).click()
  await page
    .locator('[data-upload-status]')
    .getByText(/is no log source/)
    .waitFor()
})
