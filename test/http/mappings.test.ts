// The pages of a mapping without script: rows go to a draft, the draft comes into force with a reason, a
// file goes out and comes in as the same, an older version comes back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { nextTurn } from '#platform/turns.ts'
import { smallSiem } from '#test/support/small-siem.ts'
import { startApp } from '#test/support/start-app.ts'

const has = (text: string, wanted: RegExp) => assert.ok(wanted.test(text), String(wanted))
const hasNot = (text: string, refused: RegExp) => assert.ok(!refused.test(text), String(refused))

const table = (name: string, columns: readonly string[]) => ({
  name,
  columns: columns.map((column) => ({ name: column, type: 'string' })),
  lastSeenAt: null,
})

test('an engineer maps a target, row by row and by a file', async (t) => {
  const siem = smallSiem()
  siem.schema = {
    completeness: { kind: 'complete' },
    tables: [
      table('index=win sourcetype=WinEventLog', ['process_path', 'CommandLine']),
      table('index=web sourcetype=modsecurity', ['msg']),
    ],
  }
  const app = await startApp(t, { openSiem: siem.open })
  const { ravi, vera } = app.cast
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const settings = { url: 'https://splunk.example:8089' }
  const input = NewTarget.parse({ name: 'london', kind: 'splunk', settings })
  const { target } = await addTarget(app.house, caller, input)
  await nextTurn()
  const rule =
    'title: Whoami\nlogsource: {product: windows, category: process_creation}\ndetection: {s: {Image|endswith: whoami.exe}, condition: s}'
  await createRule(app.house, caller, { text: rule, reason: 'new', origin: 'written' })
  await nextTurn()
  const sql =
    'title: Sql\nlogsource: {product: modsecurity}\ndetection: {s: {msg: x}, condition: s}'
  await createRule(app.house, caller, { text: sql, reason: 'new', origin: 'written' })
  const root = `/w/acme/targets/${target.id}/mapping`
  const text = async (path: string, who = ravi) => (await app.fetchAs(who, root + path)).text()
  const post = (path: string, fields: Readonly<Record<string, string>>, who = ravi) =>
    app.fetchAs(who, root + path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'Sec-Fetch-Site': 'same-origin' },
    })
  const keys = { product: 'windows', category: 'process_creation', service: '' }

  has(await text(''), /Nothing is mapped/)
  const credential = { kind: 'token', token: 'reader-secret' } as const
  await setCredential(app.house, caller, target.id, { purpose: 'read', credential })
  await app.runner.drain()
  assert.equal((await post('/survey', {})).status, 303)
  await app.runner.drain()
  await nextTurn()
  const offered = await text('/suggestions')
  has(offered, /modsecurity.*has no place for the log source.*high.*1 of 1 fields/s)
  has(offered, /Image.*process_path.*medium.*splunk_cim calls it Processes\.process_path/s)
  hasNot(await text('/suggestions', vera), /Take what is ticked|name="pick"/)
  const all = await (await app.fetchAs(vera, '/w/acme/mappings')).text()
  has(all, /london.*none of its own.*1 of 2/s)
  has(all, new RegExp(`modsecurity.*1<.*${root}/suggestions.*london`, 's'))
  hasNot(all, />local</)
  const value = /value="({[^"]*modsecurity[^"]*})"/.exec(offered)![1]!
  const pick = value.replaceAll('&quot;', '"')
  assert.equal((await post('/suggestions', { over: '0', pick })).status, 303)
  has(await text(''), /sourcetype = modsecurity/)
  assert.equal((await post('/discard', {})).status, 303)
  hasNot(await text('', vera), /Add field|Take into the draft/)
  const bad = await post('/field', { over: '0', field: '', to: '', ...keys })
  assert.equal(bad.status, 422)
  has(await bad.text(), /The field is empty.*What it is called names no field/s)
  const field = { over: '0', field: 'Image', to: 'process_path\nprocess', ...keys }
  assert.equal((await post('/field', field)).status, 303)
  const overtaken = await post('/field', { ...field, field: 'CommandLine' })
  has(await overtaken.text(), /Somebody else edited the draft/)
  const source = { over: '1', places: 'win\n', conditions: 'EventCode = 4688\nx = "1"\nx = 2' }
  assert.equal((await post('/source', { ...source, ...keys, isReplacing: 'yes' })).status, 303)
  const draft = await text('')
  has(draft, /process_path or process/)
  has(draft, /EventCode = 4688, x = &quot;1&quot; or 2/)
  has(draft, /In place of ours/)
  hasNot(await text('?q=nowhere'), /process_path or process/)
  has(await text(`/field?field=Image&product=windows&category=process_creation`), /process_path/)

  assert.equal((await post('/preview', {}, vera)).status, 403)
  has(await text('/preview'), /Not looked yet/)
  assert.equal((await post('/preview', {})).status, 303)
  await app.runner.drain()
  await nextTurn()
  const told = await text('/preview')
  has(told, /Whoami/)
  has(told, /Another query/)
  has(told, /process_path=&quot;\*whoami/)
  has(await text('/preview?effect=lost'), /No rule changes/)
  has(await text('/preview', vera), /Another query/)

  const renamed = { ...field, over: '2', wasField: 'Image', field: 'Path' }
  const was = { wasProduct: 'windows', wasCategory: 'process_creation', wasService: '' }
  assert.equal((await post('/field', { ...renamed, ...was })).status, 303)
  assert.equal((await post('/save', { over: '3', reason: 'London' }, vera)).status, 403)
  assert.equal((await post('/save', { over: '3', reason: 'London' })).status, 303)
  await app.runner.drain()
  await nextTurn()
  has(await text(''), /Version 1 in force.*1 rule pending/s)
  assert.equal((await post('/recompile', {}, vera)).status, 403)
  assert.equal((await post('/recompile', {})).status, 303)
  await app.runner.drain()
  await nextTurn()
  hasNot(await text(''), /rule pending/)

  const file = await text('/file')
  assert.equal((await post('/discard', {})).status, 303)
  const refused = await post('/file', { over: '0', text: `${file}  - type: no_such_step\n` })
  assert.equal(refused.status, 422)
  has(await refused.text(), /there is no transformation &quot;no_such_step/)
  has(await text(''), /Version 1 in force/)
  const removed = { over: '0', kind: 'field', field: 'Path', ...keys }
  assert.equal((await post('/removal', removed)).status, 303)
  hasNot(await text(''), /process_path/)
  assert.equal((await post('/file', { over: '1', text: file })).status, 303)
  assert.equal(await text('/file?of=draft'), file, 'it comes in as it went out')
  const chosen = { over: '2', pipelines: 'splunk_windows', priority: '50' }
  assert.equal((await post('/pipelines', chosen)).status, 303)
  assert.equal((await post('/save', { over: '3', reason: 'Community' })).status, 303)
  has(await text('/versions'), /Community.*London/s)
  assert.equal((await post('/versions', { over: '0', version: '1' })).status, 303)
  assert.equal(await text('/file?of=draft'), file)
})
