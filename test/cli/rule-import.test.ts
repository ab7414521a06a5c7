// `rulewright rule import`: on a data directory, through a running server, and over the API; and that what
// `export` writes comes in again byte for byte.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { systemCaller } from '#domain/access/system.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import { AppError } from '#kernel/error.ts'
import { openHouse, startApp as start } from '#src/app.ts'
import { starterRules } from '#src/starter/starter.ts'
import { startProgram } from '#test/support/api.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp } from '#test/support/start-app.ts'

const BROKEN = 'title: Broken\nlogsource: {product: windows}\ndetection: {condition: nothing}\n'
const SPLUNK = '[Failed sign-ins]\nsearch = index=win EventCode=4625 | stats count by user\n'

/** More than a batch, in one file. */
const MANY = 'many.conf'
const MANY_COUNT = 60

/** A folder as somebody has it: rules, a few of another product, packed ones, and what is no rule. */
function makeRules(t: TestContext): string {
  const folder = makeFolder(t)
  const [first, second, third] = starterRules()
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'rules/one.yml': first!.text,
    'rules/two.yml.gz': gzipSync(second!.text),
    'rules/broken.yml': BROKEN,
    'rules/savedsearches.conf': SPLUNK,
    'rules/.git/config.yml': BROKEN,
    'rules/README.md': 'no rule',
    [MANY]: Array.from({ length: MANY_COUNT }, (_, n) => SPLUNK.replace(']', ` ${n}]`)).join(''),
    'more.zip': zipSync({ 'three.yml': Buffer.from(third!.text) }),
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

test('a folder comes into a data directory, again changes nothing, and a stop is gone on with', async (t) => {
  const cwd = makeRules(t)
  const data = makeFolder(t)
  const configuration = testConfiguration(data)
  const { close } = await openHouse({ configuration, isQuiet: true })
  await close()
  const bring = (argv: readonly string[], given: object = {}, open = openHouse) => {
    const frontDoor = { startApp: start, openHouse: open, listRoutes: async () => [] }
    return runHere(['rule', 'import', ...argv, '--data', data], { cwd, ...given }, frontDoor)
  }
  const home = ['--workspace', 'default']

  const whole = await bring(['rules', ...home, '--all-or-nothing'])
  assert.equal(whole.code, 1, whole.err)
  assert.match(whole.out, /nothing was imported: 1 of 4 documents are broken/)

  const first = await bring(['rules', 'more.zip', ...home])
  assert.equal(first.code, 1, first.err)
  assert.match(first.out, /^rules\/broken\.yml:3:24: error: .* \[sigma\/unknown-identifier\]$/m)
  assert.match(first.out, /^5 documents: 4 created, 1 skipped$/m)
  assert.match(first.out, /^compile for: .*splunk 4/m)
  assert.doesNotMatch(first.out, /config\.yml/)

  const again = await bring(['rules/one.yml', 'more.zip', ...home, '--format', 'json'])
  assert.equal(again.code, 0, again.err)
  assert.deepEqual(JSON.parse(again.out).results, { same: 2 })

  const ending = new AbortController()
  const endsAtFirst: typeof openHouse = async (options) => {
    const opened = await openHouse(options)
    const [home] = await listWorkspaces(opened.house, systemCaller(opened.house, 'test'))
    opened.house.events.subscribe(home!.id, () =>
      ending.abort(new AppError('cancelled', 'cancelled')),
    )
    return opened
  }
  const stopped = await bring([MANY, ...home], { signal: ending.signal }, endsAtFirst)
  assert.equal(stopped.code, 130, stopped.err)
  assert.match(stopped.err, /the same command goes on with the rest/)
  const rest = await bring([MANY, ...home, '--format', 'json'])
  assert.equal(rest.code, 0, rest.err)
  const { same, created } = JSON.parse(rest.out).results as Record<string, number>
  assert.ok(same! > 0 && created! > 0, rest.out)
  assert.equal(same! + created!, MANY_COUNT)

  const usage: [string[], RegExp][] = [
    [['rules'], /say --workspace SLUG or --server URL/],
    [['rules/README', ...home], /rules\/README does not exist/],
    [['rules/.git', ...home, '--conflicts', 'both'], /--conflicts both is none of keep, take/],
  ]
  for (const [argv, message] of usage) {
    const { code, err } = await bring(argv)
    assert.equal(code, 2, err)
    assert.match(err, message)
  }
})

test('a running server takes a folder from its own machine and from afar', async (t) => {
  const cwd = makeRules(t)
  const app = await startApp(t)
  const here = ['rule', 'import', 'rules', '--workspace', 'acme', '--data', app.data]
  const near = await runHere(here, { cwd })
  assert.equal(near.code, 1, near.err)
  assert.match(near.out, /^4 documents: 3 created, 1 skipped$/m)

  const { text: token } = await startProgram(app, app.cast.ravi, { scopes: ['rules:write'] })
  const env = { RULEWRIGHT_TOKEN: token }
  const there = ['rule', 'import', 'rules', 'more.zip', '--server', app.url]
  const far = await runHere(there, { cwd, env })
  assert.equal(far.code, 1, far.err)
  assert.match(far.out, /^rules\/broken\.yml:3:24: error: .* \[sigma\/unknown-identifier\]$/m)
  assert.match(far.out, /^5 documents: 1 created, 3 the same as before, 1 skipped$/m)
  const wrong = await runHere([...there, '--workspace', 'acme'], { cwd, env })
  assert.match(wrong.err, /the token names the workspace/)
  const whole = await runHere([...there, '--all-or-nothing', '--format', 'json'], { cwd, env })
  assert.equal(whole.code, 1, whole.err)
  assert.equal(JSON.parse(whole.out).state, 'preview')

  const starter = ['rule', 'starter', '--workspace', 'globex', '--data', app.data]
  const added = await runHere(starter, { cwd })
  assert.equal(added.code, 0, added.err)
})
