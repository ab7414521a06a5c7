import assert from 'node:assert/strict'
import test from 'node:test'
import { zipSync } from 'fflate'
import { followJob } from '#cli/demo/follow-job.ts'
import { systemCaller } from '#domain/access/system.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { getImport, listImportItems } from '#domain/rules/imports.ts'
import { findRuleBySigmaId, getRule, listRules } from '#domain/rules/reading.ts'
import type { ImportId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import { starterRules } from '#src/starter/starter.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const ROOT = '/w/acme/rules/imports'
const BROKEN = 'title: Broken\nlogsource: {product: windows}\ndetection: {condition: nothing}\n'
const FOLDED = [
  'action: global',
  'title: Two in one',
  'logsource: {product: windows}',
  '---',
  'detection: {a: {b: c}, condition: a}',
  '---',
  'detection: {a: {b: d}, condition: a}',
].join('\n')
const SPLUNK = '[Failed sign-ins]\nsearch = index=win EventCode=4625 | stats count by user\n'

test('an archive is previewed, imported by a job, and the same archive changes nothing', async (t) => {
  const app = await startApp(t)
  const files = {
    ...Object.fromEntries(starterRules().map(({ path, text }) => [path, Buffer.from(text)])),
    'broken.yml': Buffer.from(BROKEN),
    'folded.yml': Buffer.from(FOLDED),
    'savedsearches.conf': Buffer.from(SPLUNK),
    'README.md': Buffer.from('no rule'),
    'huge.yml': Buffer.alloc(600 * 1024, '#'),
  }
  const id = await bring(app, [new File([zipSync(files)], 'rules.zip')])
  const count = starterRules().length
  const preview = await getImport(app.house, caller(app), id)
  assert.deepEqual(preview.findings, { broken: 2, new: count + 3 })
  const html = await (await app.fetchAs(app.cast.ravi, `${ROOT}/${id}?finding=broken`)).text()
  assert.match(html, /sigma\/unknown-identifier/)
  assert.equal((await rules(app)).count, 0, 'a preview writes nothing')

  const whole = await post(app, `${ROOT}/${id}/start`, new URLSearchParams({ whole: 'on' }))
  assert.equal(whole.status, 409)
  await run(app, id)
  const done = await getImport(app.house, caller(app), id)
  assert.deepEqual(done.results, { created: count + 3, skipped: 2 })
  assert.equal((await rules(app)).count, count + 3)
  assert.equal((await post(app, `${ROOT}/${id}/start`, new URLSearchParams())).status, 409)

  const again = await bring(app, [new File([zipSync(files)], 'rules.zip')])
  const { findings } = await getImport(app.house, caller(app), again)
  assert.equal(findings.same, count)
})

test('what was edited here is kept: merged where the import leaves it, else a conflict', async (t) => {
  const app = await startApp(t)
  const { text } = starterRules()[0]!
  await run(app, await bring(app, [new File([text], 'a.yml')]))
  const sigmaId = /^id: (.*)$/m.exec(text)![1]!
  const rule = (await findRuleBySigmaId(app.house, caller(app), sigmaId))!
  const edited = text.replace(/^title: .*$/m, 'title: Edited here')
  const edit = { text: edited, reason: '', expected: 'any' } as const
  await saveRule(app.house, caller(app), rule.id, edit)

  const upstream = text.replace(/^level: .*$/m, 'level: low')
  await run(app, await bring(app, [new File([upstream], 'a.yml')]))
  const merged = await getRule(app.house, caller(app), rule.id)
  assert.match(merged.text, /^title: Edited here$/m)
  assert.match(merged.text, /^level: low$/m)

  const clash = upstream.replace(/^title: .*$/m, 'title: Edited there')
  const id = await bring(app, [new File([clash], 'a.yml')])
  assert.deepEqual((await getImport(app.house, caller(app), id)).findings, { conflicting: 1 })
  await run(app, id)
  const kept = await getRule(app.house, caller(app), rule.id)
  assert.match(kept.text, /^title: Edited here$/m)
  const third = await bring(app, [new File([clash], 'a.yml')])
  await run(app, third, { conflicts: 'take' })
  const taken = await getRule(app.house, caller(app), rule.id)
  assert.equal(taken.text, clash)
})

test('nothing, a damaged archive and a stranger are told so', async (t) => {
  const app = await startApp(t)
  const nothing = await post(app, ROOT, form([]))
  assert.equal(nothing.status, 422)
  assert.match(await nothing.text(), /Nothing was sent/)
  const damaged = await post(app, ROOT, form([new File(['PK no archive'], 'a.zip')]))
  assert.equal(damaged.status, 422)
  assert.match(await damaged.text(), /no ZIP file/)
  const viewer = await app.fetchAs(app.cast.vera, ROOT)
  assert.equal(viewer.status, 403)
  const pasted = await bring(app, [], BROKEN)
  const { items } = await listImportItems(app.house, caller(app), pasted, { limit: 10 })
  assert.deepEqual(
    items.map(({ path, finding }) => [path, finding]),
    [['pasted', 'broken']],
  )
})

function form(files: readonly File[], pasted = ''): FormData {
  const data = new FormData()
  for (const file of files) data.append('files', file)
  data.append('pasted', pasted)
  return data
}

function post(app: TestApp, path: string, body: FormData | URLSearchParams): Promise<Response> {
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  return app.fetchAs(app.cast.ravi, path, { method: 'POST', body, headers, redirect: 'manual' })
}

async function bring(app: TestApp, files: readonly File[], pasted = ''): Promise<ImportId> {
  const answer = await post(app, ROOT, form(files, pasted))
  assert.equal(answer.status, 303, await answer.text())
  return answer.headers.get('Location')!.split('/').at(-1) as ImportId
}

async function run(app: TestApp, id: ImportId, wish: Record<string, string> = {}): Promise<void> {
  const answer = await post(app, `${ROOT}/${id}/start`, new URLSearchParams(wish))
  assert.equal(answer.status, 303, await answer.text())
  const { found } = await getImport(app.house, caller(app), id)
  const { job } = await followJob(app.house, caller(app), found.jobId!)
  assert.equal(job.state, 'succeeded', JSON.stringify(job))
}

function caller(app: TestApp): Caller {
  return { ...systemCaller(app.house, 'test'), scope: makeScope(app.acme.id) }
}

function rules(app: TestApp) {
  return listRules(app.house, caller(app), { filter: {}, sort: 'title', limit: 1 })
}
