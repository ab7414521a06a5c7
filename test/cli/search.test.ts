// One question at a terminal, to every kind of target at once, one of which lets nobody in: the rows of
// those that answered, and a sentence for each about what is known.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startProgram } from '#test/support/api.ts'
import { addEstate, LOCKED, QUESTION } from '#test/support/estate.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp } from '#test/support/start-app.ts'

test('a rule is asked of every kind of target at once, and one lets nobody in', async (t) => {
  const app = await startApp(t, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
  const names = await addEstate(t, app.house, app.acme.id)
  const { text: token } = await startProgram(app, app.cast.ravi, { scopes: ['searches:run'] })
  const env = { RULEWRIGHT_TOKEN: token }
  const shell = { cwd: '/', env, stdin: async () => QUESTION }
  const { code, out, err } = await runHere(['search', '--server', app.url], shell)
  assert.equal(code, 1, err)
  const rows = out
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { target: string }).target)
  const answered = names.filter((name) => name !== LOCKED)
  assert.deepEqual(rows.toSorted(), answered, err)
  for (const name of answered) assert.match(err, new RegExp(`^${name}: 1 row, complete$`, 'm'))
  assert.match(err, /^local: 0 rows, complete$/m)
  assert.match(err, new RegExp(`^${LOCKED}: failed, .+ does not know this credential`, 'm'))

  const asTable = ['search', '--server', app.url, '--format', 'table']
  const { out: table } = await runHere(asTable, shell)
  const [heads, ...told] = table.split('\n')
  assert.match(heads ?? '', /^target +fields$/)
  const heard = told.map((line) => line.split(' ', 1)[0] ?? '')
  assert.deepEqual(heard.toSorted(), answered)
  for (const line of told) assert.match(line, /whoami\.exe|EventData=/, line)

  const wrong = await runHere(['search', 'index=main', '--server', app.url, '--target', 'x'], shell)
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /there is no target x; there are: defender-xdr, /)
})

test('a kept search is asked by its name, caps go along, and a missing scope is named', async (t) => {
  const app = await startApp(t)
  const { text: token, call } = await startProgram(app, app.cast.ravi, {
    scopes: ['searches:run'],
  })
  const shell = { cwd: '/', env: { RULEWRIGHT_TOKEN: token }, isTerminal: false }
  const run = (...words: string[]) => runHere([...words, '--server', app.url], shell)
  const caps = ['--rows', '7', '--bytes', '5000', '--seconds', '20', '--scanned', '900']
  const asked = await run('search', QUESTION, ...caps, '--last', '90m')
  assert.equal(asked.code, 0, asked.err)
  const { items } = (await (await call('/searches')).json()) as {
    items: { id: string; caps: unknown }[]
  }
  assert.deepEqual(items[0]!.caps, { rows: 7, bytes: 5000, seconds: 20, scanned: 900 })

  const json = { name: 'Who am I?' }
  assert.equal((await call(`/searches/${items[0]!.id}/save`, { json })).status, 201)
  const list = await run('search', 'saved', '--format', 'table')
  assert.match(list.out, /^name +language +range .*\nWho am I\? +sigma +90m +1 +by hand +sav_/)
  const line = JSON.parse((await run('search', 'saved')).out) as { name: string }
  assert.equal(line.name, 'Who am I?')
  const again = await run('search', '--saved', 'Who am I?')
  assert.deepEqual([again.code, again.err], [0, 'local: 0 rows, complete'])
  const runs = (await (await call('/searches')).json()) as { items: { caps: unknown }[] }
  assert.deepEqual(runs.items[0]!.caps, items[0]!.caps)

  const refused = [
    [['--saved', 'x'], 2, /no saved search x; there are: Who am I\?/],
    [['--saved', 'Who am I?', '--last', '1h'], 2, /--last has no place beside it/],
    [[QUESTION, '--rows', '1e3'], 2, /--rows 1e3 is no whole number above 0/],
  ] as const
  for (const [words, code, message] of refused) {
    const { code: got, err } = await run('search', ...words)
    assert.equal(got, code, err)
    assert.match(err, message)
  }
  const reader = await startProgram(app, app.cast.ravi, { scopes: ['rules:read'] })
  const env = { RULEWRIGHT_TOKEN: reader.text }
  const lacking = await runHere(['search', QUESTION, '--server', app.url], { cwd: '/', env })
  assert.equal(lacking.code, 3)
  assert.match(lacking.err, /^rulewright: .*This token lacks a scope for it: searches:run\. Make /)
})
