// Pages of exclusions: written from an event without script, told with what is to be known about them,
// and open to whoever may.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const RULE = `title: Copies deleted
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\vssadmin.exe', User|startswith: svc-}, condition: selection}
rulewright:
  tests:
    - {name: fires, expect: match, events: [{Image: 'C:\\vssadmin.exe', User: svc-backup}]}
    - {name: silent, expect: no_match, events: [{Image: 'C:\\other.exe'}]}
`
const LIST = '/w/acme/exclusions'

let running: Promise<TestApp> | undefined
before((t) => (running = startApp(t as test.TestContext)))
after(async () => (await running)?.stop())

async function addRule(app: TestApp): Promise<string> {
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const input = { text: RULE, reason: '', origin: 'written' } as const
  return (await createRule(app.house, caller, input)).rule.id
}

async function exclude(app: TestApp, title: string, rule: string, selection: string) {
  const text = `title: ${title}
logsource: {product: windows}
filter: {rules: [${rule}], selection: ${selection}, condition: not selection}
`
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const given = { text, owner: 'ravi@acme.example', reason: 'Known' }
  return addExclusion(app.house, caller, given)
}

async function send(app: TestApp, path: string, fields: Readonly<Record<string, string>>) {
  const answer = await app.fetchAs(app.cast.ravi, path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    redirect: 'manual',
  })
  return { answer, html: await answer.text() }
}

const plain = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ')

test('an exclusion is written from an event, field by field, without script', async () => {
  const app = await running!
  const rule = await addRule(app)
  const path = `${LIST}/new`
  const event = String.raw`{"User": "svc-backup", "process": {"command_line": "C:\\a\\*.vhd"}}`
  const shown = await send(app, path, { rule, event, act: 'fields' })
  assert.match(plain(shown.html), /User: svc-backup process\.command_line: C:\\a\\\*\.vhd/)
  const written = await send(app, path, {
    rule,
    event,
    field: 'process.command_line',
    act: 'write',
  })
  const [, typed] = /name="text"[^>]*>\n([^]*?)<\/textarea>/.exec(written.html)!
  const text = typed!.replaceAll('&quot;', '"')
  assert.match(
    text,
    /process\.command_line: "C:\\\\a\\\\\\\\\\\\\*\.vhd"/,
    'a wildcard is none here',
  )
  const late = await send(app, path, { rule, text, owner: 'x', reason: '', ends: '2999-01-01' })
  assert.equal(late.answer.status, 422)
  assert.match(late.html, /An exclusion has an owner/)
  assert.match(late.html, /process\.command_line/, 'what was typed stays')
  const terms = { owner: 'ravi@acme.example', reason: 'Known', ends: '2026-12-24' }
  const saved = await send(app, path, { rule, text, ...terms })
  assert.equal(saved.answer.status, 303)
  const at = saved.answer.headers.get('Location')!
  const page = plain(await (await app.fetchAs(app.cast.vera, at)).text())
  assert.match(page, /process\.command_line is "C:\\a\\\\\\\*\.vhd"/)
  assert.match(page, /24 December 2026 33 days left/)
  assert.doesNotMatch(page, /Prolong|Edit/, 'vera only looks')
  const ruleText = plain(await (await app.fetchAs(app.cast.vera, `/w/acme/rules/${rule}`)).text())
  assert.match(ruleText, /Exclusions 1 in force/)
  const term = { version: '1', ends: '2027-02-01', why: '' }
  assert.equal(
    (await send(app, `${at}/term`, term)).answer.status,
    422,
    'a later end needs a reason',
  )
  const prolonged = await send(app, `${at}/term`, { ...term, why: 'Still there' })
  assert.equal(prolonged.answer.status, 303)
  assert.equal((await send(app, `${at}/end`, { version: '2' })).answer.status, 303)
  const ended = plain(await (await app.fetchAs(app.cast.vera, `${LIST}?state=ended`)).text())
  assert.match(ended, /Copies deleted/)
})

test('the list tells what hides every match, turns a test, or lies over another', async () => {
  const app = await running!
  const rule = await addRule(app)
  await exclude(app, 'Every account', rule, '{User|startswith: svc}')
  await exclude(app, 'One account', rule, '{User: svc-backup}')
  await exclude(app, 'Elsewhere', rule, '{Host: lab-1}')
  const list = plain(await (await app.fetchAs(app.cast.vera, `${LIST}?rule=${rule}`)).text())
  const marks = (title: string) =>
    list.split(`${title} `)[1]!.split(' Rules ')[0]!.split('Known')[1]
  assert.equal(marks('Every account')!.trim(), 'Hides every match Turns 1 test Overlaps')
  assert.equal(marks('One account')!.trim(), 'Hides every match Turns 1 test Overlaps')
  assert.equal(marks('Elsewhere'), '')
  assert.match(list, /Hits hidden unknown/)
})

test('whoever may not write exclusions gets no form and changes nothing', async () => {
  const app = await running!
  const { id } = await exclude(app, 'Mine', await addRule(app), '{Host: lab-2}')
  for (const path of [`${LIST}/new`, `${LIST}/${id}/edit`]) {
    assert.equal((await app.fetchAs(app.cast.vera, path)).status, 403)
  }
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  const body = new URLSearchParams({ version: '1' })
  const sent = { method: 'POST', body, headers }
  assert.equal((await app.fetchAs(app.cast.vera, `${LIST}/${id}/end`, sent)).status, 403)
})
