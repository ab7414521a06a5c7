import assert from 'node:assert/strict'
import test from 'node:test'
import { zipSync } from 'fflate'
import { followJob } from '#cli/demo/follow-job.ts'
import { systemCaller } from '#domain/access/system.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { findRuleBySigmaId, getRule, listVersions } from '#domain/rules/reading.ts'
import type { RuleWithText } from '#domain/rules/rule.ts'
import { getUpstream, listPlan } from '#domain/rules/upstreams/actions.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { UpstreamId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const ROOT = '/w/acme/upstreams'
const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const HOSTILE = '<img src=x onerror=alert(1)>'

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

interface Said {
  readonly n: number
  readonly image?: string
  readonly level?: string
  readonly more?: string
}

function ruleText({ n, image = 'a.exe', level = 'low', more = '' }: Said): string {
  return `title: Rule ${n}
id: ${idOf(n)}
status: test
author: Somebody
${more}logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\\${image}'
    condition: selection
level: ${level}
`
}

const FIRST = {
  'rules/1.yml': ruleText({ n: 1 }),
  'rules/2.yml': ruleText({ n: 2 }),
  'rules/3.yml': ruleText({ n: 3 }),
  'rules/4.yml': ruleText({ n: 4 }),
  'rules/5.yml': ruleText({ n: 5 }),
  'rules/6.yml': ruleText({ n: 6 }),
  'rules/7.yml': ruleText({ n: 7 }),
}

const SECOND = {
  'rules/1.yml': ruleText({ n: 1 }),
  'rules/2.yml': ruleText({ n: 2, level: 'high' }), // edited here elsewhere
  'rules/3.yml': ruleText({ n: 3, level: 'high' }), // edited here in the same place
  'deprecated/4.yml': ruleText({ n: 4 }),
  // 5 is gone, 6 goes on as 16, 7 was obsoleted by 17
  'rules/16.yml': ruleText({
    n: 16,
    level: 'high',
    more: `related:\n    - id: ${idOf(6)}\n      type: renamed\n`,
  }),
  'rules/17.yml': ruleText({
    n: 17,
    more: `related:\n    - id: ${idOf(7)}\n      type: obsolete\n`,
  }),
  'rules/broken.yml': 'title: Broken\nlogsource: {product: windows}\ndetection: {condition: x}\n',
}

test('a newer bundle is planned rule by rule, merged with what was changed here, and applied', async (t) => {
  const app = await startApp(t)
  const id = await follow(app, FIRST)
  const first = await shown(app, id)
  assert.equal(first.updates[0]!.commit, COMMIT, 'read from the folder of the archive')
  assert.equal(first.updates[0]!.state, 'open')
  const listed = Object.entries(FIRST).map(([path, text]) => `${sha256Hex(text)}  ${path}\n`)
  assert.equal(first.updates[0]!.digest, sha256Hex(listed.join('')), 'as sha256sum says it')
  assert.deepEqual(first.summary.findings, { new: 7 })
  await apply(app, id, { addsNew: 'on' })
  assert.deepEqual((await shown(app, id)).summary.results, { created: 7 })

  await edit(app, 2, (text) => text.replace('title: Rule 2', 'title: Ours # kept'))
  await edit(app, 3, (text) => text.replace('level: low', 'level: critical'))
  await bring(app, id, SECOND)
  const planned = await plan(app, id)
  assert.deepEqual(planned, {
    'rules/1.yml': 'unchanged',
    'rules/2.yml': 'clean',
    'rules/3.yml': 'conflict',
    'deprecated/4.yml': 'deprecated',
    'rules/5.yml': 'gone',
    'rules/16.yml': 'replaced',
    'rules/17.yml': 'new',
    'rules/7.yml': 'replaced',
    'rules/broken.yml': 'broken',
  })
  const html = await (await app.fetchAs(app.cast.vera, `${ROOT}/${id}`)).text()
  assert.match(html, /changed 2 of your rules:.*1 apply cleanly, 1 conflict/s)

  await apply(app, id)
  const merged = await ruleOf(app, 2)
  assert.match(merged.text, /^title: Ours # kept$/m)
  assert.match(merged.text, /^level: high$/m)
  assert.match((await ruleOf(app, 3)).text, /^level: critical$/m, 'a conflict waits for a person')
  const renamed = await ruleOf(app, 16)
  assert.equal(renamed.version, 2, 'the same rule under its new id')
  assert.equal(await findRuleBySigmaId(app.house, caller(app), idOf(17)), undefined)
  const page = await rulePage(app, 2)
  assert.match(page, /From .*SigmaHQ.*1 local change/s)
  assert.match(await rulePage(app, 4), /Deprecated there/)
  assert.match(await rulePage(app, 5), /No longer there/)
  assert.match(await rulePage(app, 7), /Replaced there.*000017/s)

  const position = await positionOf(app, id, 'rules/3.yml')
  const item = await (await app.fetchAs(app.cast.ravi, `${ROOT}/${id}/plan/${position}`)).text()
  assert.match(item, /level low → high/)
  assert.match(item, /level low → critical/)
  await post(app, `${ROOT}/${id}/plan/${position}`, new URLSearchParams({ choice: 'theirs' }))
  await apply(app, id)
  assert.match((await ruleOf(app, 3)).text, /^level: high$/m)

  await bring(app, id, SECOND)
  const { findings } = (await shown(app, id)).summary
  assert.deepEqual(findings, { broken: 1, deprecated: 1, new: 1, unchanged: 4 })
})

test('ours stays where somebody says so, and a save meanwhile is planned anew', async (t) => {
  const app = await startApp(t)
  const id = await follow(app, { 'a.yml': ruleText({ n: 1 }), 'b.yml': ruleText({ n: 2 }) })
  await apply(app, id, { addsNew: 'on' })
  await edit(app, 1, (text) => text.replace('level: low', 'level: critical'))
  const newer = {
    'a.yml': ruleText({ n: 1, level: 'high' }),
    'b.yml': ruleText({ n: 2, level: 'high' }),
  }
  await bring(app, id, newer)
  assert.deepEqual(await plan(app, id), { 'a.yml': 'conflict', 'b.yml': 'clean' })
  await post(app, `${ROOT}/${id}/plan/1`, new URLSearchParams({ choice: 'mine' }))
  const wrong = await post(app, `${ROOT}/${id}/plan/2`, new URLSearchParams({ choice: 'link' }))
  assert.equal(wrong.status, 409)
  await edit(app, 2, (text) => text.replace('level: low', 'level: medium'))
  await apply(app, id)
  assert.match((await ruleOf(app, 1)).text, /^level: critical$/m)
  assert.match((await ruleOf(app, 2)).text, /^level: medium$/m)
  assert.equal((await plan(app, id))['b.yml'], 'conflict', 'the save made one of it')

  await bring(app, id, newer)
  assert.deepEqual(await plan(app, id), { 'a.yml': 'unchanged', 'b.yml': 'conflict' })
  const { items } = await listVersions(app.house, caller(app), (await ruleOf(app, 1)).id, {
    limit: 9,
  })
  assert.equal(items.length, 2, 'the first text and the edit')
})

test('a native rule is proposed to its origin, and follows once somebody says so', async (t) => {
  const app = await startApp(t)
  const published = (minutes: number) => `[Many failed sign-ins]
search = index=win sourcetype=WinEventLog EventCode=4625 earliest=-1h | stats count by user, src | where count > 20
description = Guessed passwords
cron_schedule = */${minutes} * * * *
`
  const tuned = published(5).replace('count > 20', 'count > 50').replace('index=win', 'index=corp')
  const files = new FormData()
  files.append('files', new File([tuned], 'savedsearches.conf'))
  files.append('pasted', '')
  const preview = await post(app, '/w/acme/rules/imports', files)
  await post(app, `${preview.headers.get('Location')}/start`, new URLSearchParams())
  await app.runner.drain()
  const id = await follow(app, { 'savedsearches.conf': published(5) })
  const { items } = await listPlan(app.house, caller(app), id, { limit: 10 })
  const [item] = items
  assert.equal(item!.finding, 'likely')
  assert.ok(item!.confidence! >= 70 && item!.confidence! < 100, `${item!.confidence}`)
  const html = await (await app.fetchAs(app.cast.ravi, `${ROOT}/${id}/plan/1`)).text()
  assert.match(html, /likely came from SigmaHQ/)
  assert.match(html, /The same name, and \d+ % of the words of the query for Splunk are the same/)
  assert.match(html, /count &gt; 50/)
  await apply(app, id)
  assert.deepEqual((await shown(app, id)).summary.results, {}, 'nobody said anything yet')
  await post(app, `${ROOT}/${id}/plan/1`, new URLSearchParams({ choice: 'link' }))
  await apply(app, id)

  await bring(app, id, { 'savedsearches.conf': published(10) })
  const planned = await listPlan(app.house, caller(app), id, { limit: 10 })
  assert.equal(planned.items[0]!.finding, 'clean', JSON.stringify(planned.items[0]))
  await apply(app, id)
  const rule = await getRule(app.house, caller(app), item!.ruleId!)
  assert.match(rule.text, /\*\/10 \* \* \* \*/)
  assert.match(rule.text, /index=corp/)
  assert.match(rule.text, /count > 50/)
})

test('what others wrote stays text, a viewer changes nothing, and names are not taken twice', async (t) => {
  const app = await startApp(t)
  const text = `title: '${HOSTILE}'\nauthor: '${HOSTILE}'\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n`
  const id = await follow(app, { [`${HOSTILE}.yml`]: text }, HOSTILE)
  await apply(app, id, { addsNew: 'on' })
  await bring(app, id, { [`${HOSTILE}.yml`]: text.replace('b: c', 'b: d') })
  const pages = [ROOT, `${ROOT}/${id}`, `${ROOT}/${id}/plan/1`]
  for (const path of pages) {
    const html = await (await app.fetchAs(app.cast.vera, path)).text()
    assert.ok(html.includes('&lt;img src=x'), path)
    assert.ok(!html.includes('<img src=x'), path)
  }
  const viewer = await app.fetchAs(app.cast.vera, `${ROOT}/${id}/apply`, {
    method: 'POST',
    body: new URLSearchParams(),
    headers: { 'Sec-Fetch-Site': 'same-origin' },
  })
  assert.equal(viewer.status, 403)
  const again = await post(app, ROOT, form({ 'a.yml': text }, HOSTILE))
  assert.equal(again.status, 422)
  assert.match(await again.text(), /of this name is there already/)
  const damaged = new FormData()
  damaged.append('name', 'Other')
  damaged.append('files', new File(['PK no archive'], 'a.zip'))
  assert.equal((await post(app, ROOT, damaged)).status, 422)
})

function form(files: Readonly<Record<string, string>>, name?: string): FormData {
  const data = new FormData()
  if (name !== undefined) data.append('name', name)
  const folder = `sigma-${COMMIT}`
  const zipped = Object.entries(files).map(([path, text]) => [
    `${folder}/${path}`,
    Buffer.from(text),
  ])
  data.append('files', new File([zipSync(Object.fromEntries(zipped))], 'sigma.zip'))
  return data
}

function post(app: TestApp, path: string, body: FormData | URLSearchParams): Promise<Response> {
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  return app.fetchAs(app.cast.ravi, path, { method: 'POST', body, headers, redirect: 'manual' })
}

type Files = Readonly<Record<string, string>>

async function follow(app: TestApp, files: Files, name = 'SigmaHQ'): Promise<UpstreamId> {
  const answer = await post(app, ROOT, form(files, name))
  assert.equal(answer.status, 303, await answer.text())
  const id = answer.headers.get('Location')!.split('/').at(-1) as UpstreamId
  await settle(app, id)
  return id
}

async function bring(app: TestApp, id: UpstreamId, files: Files): Promise<void> {
  const answer = await post(app, `${ROOT}/${id}/updates`, form(files))
  assert.equal(answer.status, 303, await answer.text())
  await settle(app, id)
}

async function apply(app: TestApp, id: UpstreamId, wish: Record<string, string> = {}) {
  const answer = await post(app, `${ROOT}/${id}/apply`, new URLSearchParams(wish))
  assert.equal(answer.status, 303, await answer.text())
  await settle(app, id)
}

async function settle(app: TestApp, id: UpstreamId): Promise<void> {
  const { updates } = await shown(app, id)
  const { job } = await followJob(app.house, caller(app), updates[0]!.jobId!)
  assert.equal(job.state, 'succeeded', JSON.stringify(job))
}

function shown(app: TestApp, id: UpstreamId) {
  return getUpstream(app.house, caller(app), id)
}

async function plan(app: TestApp, id: UpstreamId) {
  const { items } = await listPlan(app.house, caller(app), id, { limit: 100 })
  return Object.fromEntries(items.map(({ path, finding }) => [path, finding]))
}

async function positionOf(app: TestApp, id: UpstreamId, wanted: string): Promise<number> {
  const { items } = await listPlan(app.house, caller(app), id, { limit: 100 })
  return items.find(({ path }) => path === wanted)!.position
}

async function ruleOf(app: TestApp, n: number): Promise<RuleWithText> {
  const found = await findRuleBySigmaId(app.house, caller(app), idOf(n))
  assert.ok(found, `rule ${n}`)
  return getRule(app.house, caller(app), found.id)
}

async function rulePage(app: TestApp, n: number): Promise<string> {
  const { id } = await ruleOf(app, n)
  return (await app.fetchAs(app.cast.vera, `/w/acme/rules/${id}`)).text()
}

async function edit(app: TestApp, n: number, change: (text: string) => string): Promise<void> {
  const { id, text } = await ruleOf(app, n)
  assert.notEqual(change(text), text, 'the premise')
  const input = { text: change(text), reason: '', expected: 'any' } as const
  await saveRule(app.house, caller(app), id, input)
}

function caller(app: TestApp): Caller {
  return { ...systemCaller(app.house, 'test'), scope: makeScope(app.acme.id) }
}
