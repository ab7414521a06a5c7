// The audit page as people use it, with script and without: foreign text stays text, the filter stands
// in the address, an entry leads to its proof, and the log comes as a file.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { gunzipSync } from 'node:zlib'
import { readAudit } from '#domain/audit/actions.ts'
import { verifyExport } from '#platform/audit/verify-export.ts'
import { corpusPath } from '#test/support/corpora.ts'
import { ada } from '#test/support/cast.ts'
import { callerIn, startWorld, type World } from './world.ts'

const OWN_LINES = [
  '<script>__xss(1)</script>',
  '"><img src=x onerror=__xss(2)>',
  '</title></textarea></pre><svg/onload=__xss(3)>',
  '<div hx-get="/api/admin/users" hx-trigger="load">',
  'javascript:__xss(4)',
  '<form action="https://attacker.invalid/"><input name="attributes">',
] as const

function hostileLines(): readonly string[] {
  const file = corpusPath('hostile/xss.txt.gz')
  if (file === undefined) return OWN_LINES
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  const payloads = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => JSON.parse(line.slice(line.indexOf('\t') + 1)) as string)
  return [...OWN_LINES, ...payloads].filter((line) => line.isWellFormed())
}

test('hostile text in every part of an entry is shown and does nothing', async (t) => {
  const world = await startWorld(t)
  const lines = hostileLines()
  const seqs = await record(world, lines)
  const context = await world.openContext(ada)
  const signs: string[] = []
  await context.exposeFunction('__xss', (n: number) => void signs.push(`script ${n}`))
  const page = await context.newPage()
  page.on('dialog', (dialog) => {
    signs.push(dialog.message())
    void dialog.dismiss()
  })
  for (let path = '/w/acme/audit'; path !== '';) {
    await page.goto(path)
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true
      for (const element of document.querySelectorAll('.aes *:not(a, a *)')) {
        for (const name of ['mouseover', 'click', 'focusin'])
          element.dispatchEvent(new MouseEvent(name, { bubbles: true }))
      }
    })
    const next = page.getByRole('link', { name: 'Older' })
    path = (await next.count()) === 0 ? '' : ((await next.getAttribute('href')) ?? '')
  }
  for (const [index, text] of OWN_LINES.entries()) {
    await page.goto(`/w/acme/audit/${seqs[index]}`)
    const shown = await page.locator('main').textContent()
    assert.ok(shown?.includes(text), text)
  }
  assert.deepEqual(signs, [])
  await world.expectNoViolations()
})

test('without script one filters, reads a proof and takes the log along', async (t) => {
  const world = await startWorld(t)
  const seqs = await record(world, ['rul_1', 'rul_2', 'rul_1'])
  await world.house.audit.checkpoint()
  const context = await world.openContext(ada, {
    javaScriptEnabled: false,
    acceptDownloads: true,
    viewport: { width: 390, height: 844 },
  })
  const page = await context.newPage()
  await page.goto('/w/acme/audit')
  await page.locator('details summary').first().click()
  await page.getByRole('link', { name: 'rul_1', exact: true }).first().click()
  assert.equal(new URL(page.url()).search, '?on=rul_1')
  assert.equal(await page.locator('.ae').count(), 2)
  await page.getByLabel('Outcome').selectOption('refused')
  await page.getByRole('button', { name: 'Filter' }).click()
  assert.match(page.url(), /on=rul_1/)
  await page.getByText('No entry here matches').waitFor()
  await page.getByRole('link', { name: 'Remove filter on is rul_1' }).click()
  assert.equal(new URL(page.url()).search, '?outcome=refused')
  await page.goto(`/w/acme/audit/${seqs[0]}`)
  await page.getByText(/lead from the entry to the root/).waitFor()
  await page.goto('/w/acme/audit')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'audit-acme.ndjson')
  const text = readFileSync(await download.path(), 'utf8')
  const verdict = await verifyExport(linesOf(text), { keys: world.house.keys.audit })
  assert.ok(verdict.ok, JSON.stringify(verdict))
})

/** One entry for each text, which stands wherever text can; their sequences. */
async function record({ house }: World, texts: readonly string[]): Promise<readonly number[]> {
  const caller = callerIn(house, 'wsp_acme')
  await house.db.write(caller, async (tx) => {
    for (const text of texts) {
      const personal = { name: text, ip: text }
      const data = { text, [text]: 1 }
      await house.audit.record(tx, caller, { action: 'rule.update', target: text, data, personal })
    }
  })
  const reader = { ...caller, verbs: new Set(['audit.read']) }
  const { items } = await readAudit(house, reader, {}, { limit: texts.length })
  return items.map(({ seq }) => seq).toReversed()
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.trimEnd().split('\n')
}
