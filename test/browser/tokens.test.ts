// The page of tokens in a real browser: foreign names stay text, a token is made, copied and revoked.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { gunzipSync } from 'node:zlib'
import { addToken } from '#domain/access/token-actions.ts'
import { NewToken } from '#domain/access/token-input.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { ada } from '#test/support/cast.ts'
import { corpusPath } from '#test/support/corpora.ts'
import { callerIn, startWorld } from './world.ts'

const PATH = '/w/acme/settings/tokens'

const OWN_NAMES = [
  '<script>__xss(1)</script>',
  '"><img src=x onerror=__xss(2)>',
  '</title></textarea></pre><svg/onload=__xss(3)>',
  '<div hx-get="/instance" hx-trigger="load">',
]

/** As many as one person may have, of those a name may be. */
function hostileNames(): readonly string[] {
  const file = corpusPath('hostile/xss.txt.gz')
  const lines = file === undefined ? [] : gunzipSync(readFileSync(file)).toString().split('\n')
  const payloads = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => JSON.parse(line.slice(line.indexOf('\t') + 1)) as string)
  const names = [...OWN_NAMES, ...payloads]
  return names.filter((name) => NewToken.shape.name.safeParse(name).success).slice(0, 45)
}

test('hostile names of tokens are shown and do nothing', async (t) => {
  const world = await startWorld(t)
  const { house } = world
  const caller = { ...callerIn(house, 'wsp_acme'), verbs: verbsOf('admin') }
  const maker = { userId: ada.userId, role: 'admin', flags: [] } as const
  const names = hostileNames()
  for (const name of names) {
    await addToken(house, caller, maker, NewToken.parse({ name, scopes: ['rules:read'] }))
  }
  const context = await world.openContext(ada)
  const signs: string[] = []
  await context.exposeFunction('__xss', (n: number) => void signs.push(`script ${n}`))
  const page = await context.newPage()
  page.on('dialog', (dialog) => {
    signs.push(dialog.message())
    void dialog.dismiss()
  })
  await page.goto(PATH)
  const shown = await page.locator('main').textContent()
  for (const name of OWN_NAMES) assert.ok(shown?.includes(name), name)
  await page.getByRole('button', { name: 'Revoke' }).first().click()
  await page.getByRole('button', { name: 'Keep it' }).first().click()
  assert.deepEqual(signs, [])
  await world.expectNoViolations()
})

test('a token is made, copied with one press, and revoked after a question', async (t) => {
  const world = await startWorld(t)
  const page = await world.openPage(PATH)
  await page.getByLabel('Name').fill('CI of detections')
  await page.getByRole('button', { name: 'Make token' }).click()
  const text = await page.getByLabel('Token', { exact: true }).inputValue()
  assert.match(text, /^rw_pat_/)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy token' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text)
  await page.getByRole('link', { name: 'All tokens' }).click()
  await page.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('button', { name: 'Revoke token' }).click()
  await page.getByText('revoked', { exact: true }).waitFor()
  await world.expectNoViolations()
})
