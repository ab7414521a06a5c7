// Bringing rules in a real browser, as a newcomer does: files are chosen, the preview is read, the import
// runs while the page follows it, and the rules are there.

import assert from 'node:assert/strict'
import test from 'node:test'
import { starterRules } from '#src/starter/starter.ts'
import { lookAt, LOOKS } from './look.ts'
import { startWorld } from './world.ts'

const BROKEN = [
  'title: "<img src=x onerror=alert(1)> ' + 'long '.repeat(60) + '"',
  'logsource: {product: windows}',
  'detection: {condition: nothing}',
].join('\n')

test('somebody with a folder of rules gets from nothing to rules, and to why one is broken', async (t) => {
  const world = await startWorld(t)
  const files = [
    ...starterRules().map(({ path, text }) => ({ name: path.replaceAll('/', '-'), text })),
    { name: 'broken.yml', text: BROKEN },
  ].map(({ name, text }) => ({ name, mimeType: 'text/yaml', buffer: Buffer.from(text) }))
  const page = await world.openPage('/w/acme/rules')
  await page.getByRole('link', { name: 'Import rules' }).click()
  await page.getByLabel('Files or a ZIP file').setInputFiles(files)
  await page.getByRole('button', { name: 'Show what would happen' }).click()
  await page.getByText('42 rules would be written.').waitFor()
  const path = new URL(page.url()).pathname
  for (const [width, colorScheme] of LOOKS) {
    const looked = await world.openPage(path, { viewport: { width, height: 800 }, colorScheme })
    await lookAt(world, looked, `import-preview-${width}-${colorScheme}`)
    await looked.goto('/w/acme/rules/imports')
    await lookAt(world, looked, `imports-${width}-${colorScheme}`)
    await looked.close()
  }
  await page.getByRole('button', { name: 'Import 42' }).click()
  await page.getByText('Imported', { exact: true }).waitFor()
  await page.getByRole('link', { name: /Broken, and why/ }).click()
  await page.locator('#documents summary').click()
  await page.getByText('sigma/unknown-identifier').waitFor()
  for (const [width, colorScheme] of LOOKS) {
    const looked = await world.openPage(path, { viewport: { width, height: 800 }, colorScheme })
    await lookAt(world, looked, `import-done-${width}-${colorScheme}`)
    await looked.close()
  }
  await page.getByRole('link', { name: 'All rules' }).click()
  await page.getByText('42 rules', { exact: true }).waitFor()
  assert.equal(await page.getByText('onerror').count(), 0)
  await world.expectNoViolations()
})
