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
