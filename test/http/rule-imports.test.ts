import assert from 'node:assert/strict'
import test from 'node:test'
import { zipSync } from 'fflate'
import { followJob } from '#cli/demo/follow-job.ts'
import { cancelJob } from '#domain/jobs/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { getImport, importFiles, listImportItems } from '#domain/rules/imports/actions.ts'
import { findRuleBySigmaId, getRule, listRules } from '#domain/rules/reading.ts'
import type { ImportId, JobId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import { nextTurn } from '#platform/turns.ts'
import { starterRules } from '#src/starter/starter.ts'
import { startProgram } from '#test/support/api.ts'
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

  const whole = await post(app, `${ROOT}/${id}/start`, new URLSearchParams({ broken: 'stop' }))
  assert.equal(whole.status, 409)
  await run(app, id)
  const done = await getImport(app.house, caller(app), id)
  assert.deepEqual(done.results, { created: count + 3, skipped: 2 })
  assert.equal((await rules(app)).count, count + 3)
  assert.equal((await post(app, `${ROOT}/${id}/start`, new URLSearchParams())).status, 409)
  const told = await (await app.fetchAs(app.cast.ravi, `${ROOT}/${id}`)).text()
  assert.match(told, /1 rule in the words of a product/)
  const query = `/w/acme/rules?import=${id}&writtenAs=native`
  const native = await (await app.fetchAs(app.cast.ravi, query)).text()
  assert.match(native, /Failed sign-ins/)
  assert.doesNotMatch(native, /AWS access key/)

  const again = await bring(app, [new File([zipSync(files)], 'rules.zip')])
  const { findings } = await getImport(app.house, caller(app), again)
  assert.equal(findings.same, count + 3, 'what has no id is known by its text')
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

test('a program brings an archive and reads what became of each document', async (t) => {
  const app = await startApp(t)
  const { call, text: token } = await startProgram(app, app.cast.ravi, { scopes: ['rules:write'] })
  const archive = Buffer.from(
    zipSync({
      'a/one.yml': Buffer.from(starterRules()[0]!.text),
      'a/two.yml': Buffer.from(BROKEN),
      'a/large.yml': Buffer.alloc(600 * 1024, '#'),
      LICENSE: Buffer.from('no rule'),
    }),
  )
  const send = (query: string) =>
    app.fetch(`/api/v1/rules/import${query}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/zip' },
      body: archive,
    })

  const whole = await send('?allOrNothing=true&source=a.zip')
  assert.equal(whole.status, 202)
  const { job, import: id } = (await whole.json()) as Started
  const failed = await followJob(app.house, caller(app), job.id)
  assert.equal(failed.job.state, 'failed')
  assert.match(failed.job.reason ?? '', /2 documents are broken, so nothing was imported/)
  assert.equal((await rules(app)).count, 0)

  const start = await call(`/rules/imports/${id}/start`, { json: { conflicts: 'keep' } })
  assert.equal(start.status, 202, 'it is a preview again, and the rest can be written')
  await followJob(app.house, caller(app), ((await start.json()) as Started).job.id)
  const shown = (await (await call(`/rules/imports/${id}`)).json()) as Record<string, unknown>
  assert.equal(shown['state'], 'done')
  assert.equal(shown['source'], 'a.zip')
  assert.deepEqual(shown['results'], { created: 1, skipped: 2 })
  assert.equal((shown['compiles'] as Record<string, number>)['splunk'], 1)
  assert.equal(shown['lackTests'], 0)
  const list = await call(`/rules/imports/${id}/items?finding=broken&limit=1`)
  const page = (await list.json()) as { items: { path: string }[]; next: string }
  assert.equal(page.items[0]?.path, 'a/large.yml')
  const next = await call(`/rules/imports/${id}/items?finding=broken&limit=1&cursor=${page.next}`)
  assert.match(await next.text(), /a\/two\.yml.*unknown-identifier/)

  const again = (await (await send('')).json()) as Started
  await followJob(app.house, caller(app), again.job.id)
  const { results } = await getImport(app.house, caller(app), again.import)
  assert.deepEqual(results, { same: 1, skipped: 2 })
})

interface Started {
  readonly job: { readonly id: JobId }
  readonly import: ImportId
}

test('a broken document is mended where it is, before and after the rest is written', async (t) => {
  const app = await startApp(t)
  const others = { 'a.yml': BROKEN, 'b.yml': BROKEN.replace('Broken', 'Second') }
  const files = [...Object.entries(others), ['c.yml', starterRules()[0]!.text] as const].map(
    ([name, text]) => new File([text], name),
  )
  const id = await bring(app, files)
  const list = await (await app.fetchAs(app.cast.ravi, ROOT)).text()
  assert.match(list, /Ravi/)
  assert.match(list, /3 documents, 2 broken: .*Broken/)
  assert.ok(!list.includes(app.cast.ravi.userId), 'by name')

  const send = (position: number, text: string) =>
    post(app, `${ROOT}/${id}/items/${position}`, new URLSearchParams({ text }))
  const still = await send(1, BROKEN.replace('nothing', 'less'))
  assert.equal(still.status, 422)
  const kept = await (await app.fetchAs(app.cast.ravi, `${ROOT}/${id}/items/1`)).text()
  assert.match(kept, /condition: less/, 'nothing typed is lost')
  const mended = (text: string) => text.replace('{condition: nothing}', '{a: {b: c}, condition: a}')
  assert.equal((await send(1, mended(BROKEN))).status, 303)
  const preview = await getImport(app.house, caller(app), id)
  assert.deepEqual(preview.findings, { new: 2, broken: 1 })
  assert.equal((await send(1, mended(BROKEN))).status, 409, 'it was mended already')
  assert.equal((await send(9, BROKEN)).status, 403)

  await run(app, id)
  assert.equal((await send(2, mended(others['b.yml']))).status, 303)
  const done = await getImport(app.house, caller(app), id)
  assert.deepEqual([done.found.state, done.results], ['done', { created: 3 }])
  assert.equal(done.lackTests, 2)
  const told = await (await app.fetchAs(app.cast.ravi, `${ROOT}/${id}`)).text()
  assert.match(told, /2 rules not tested both ways/)
  const query = `/w/acme/rules?import=${id}&compiles=splunk`
  const shown = await (await app.fetchAs(app.cast.ravi, query)).text()
  assert.match(shown, /AWS access key/)
  assert.match(shown, /an import/)
})

test('an import whose job was cancelled goes on with what has no result yet', async (t) => {
  const app = await startApp(t)
  const files = starterRules().map(({ path, text }) => ({ path, text }))
  const wish = { conflicts: 'keep', isAllOrNothing: false, keepsBroken: false } as const
  const brought = { source: 'starter', files }
  const { importId, jobId } = await importFiles(app.house, caller(app), brought, wish)
  await nextTurn()
  await cancelJob(app.house, caller(app), jobId)
  const { job } = await followJob(app.house, caller(app), jobId)
  assert.equal(job.state, 'cancelled')
  const stopped = await getImport(app.house, caller(app), importId)
  assert.deepEqual([stopped.found.state, stopped.isStopped], ['running', true])
  const html = await (await app.fetchAs(app.cast.ravi, `${ROOT}/${importId}`)).text()
  assert.match(html, /Go on with the rest/)
  await run(app, importId)
  const done = await getImport(app.house, caller(app), importId)
  assert.deepEqual(done.results, { created: files.length })
  assert.equal((await rules(app)).count, files.length)
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
