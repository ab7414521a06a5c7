// `rulewright rule import`: on a data directory, through a running server, and over the API; and that what
// `export` writes comes in again byte for byte.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { systemCaller } from '#domain/access/system.ts'
import { createRule, retireRule, saveRule } from '#domain/rules/actions.ts'
import { pushFiles } from '#domain/rules/files/actions.ts'
import { getRule, listRules } from '#domain/rules/reading.ts'
import { RULE_STATES } from '#domain/rules/rule.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import { AppError } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
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
  const data = await makeInstance(t)
  const bring = (argv: readonly string[], given: object = {}, open = openHouse) => {
    const nothing = () => Promise.reject(new Error('not in this test'))
    const frontDoor = {
      startApp: start,
      openHouse: open,
      startEstate: nothing,
      listRoutes: nothing,
    }
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

const OVERLAID = `---
title: Overlaid # as written
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
tags: [attack.t1033, car.2013-05-002]
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}
rulewright:
  group: windows-endpoint
  overlays: {splunk-london: {threshold: 3, own: [kept]}}
  tests: [{name: fires, expect: match, events: [{Image: 'C:\\whoami.exe'}]}]
`

test('what export writes comes into an empty instance again, every byte of every rule', async (t) => {
  const cwd = makeFolder(t)
  const [from, to] = await Promise.all([makeInstance(t), makeInstance(t)])
  const texts = [
    OVERLAID,
    BROKEN,
    `\ufeff${starterRules()[0]!.text}`,
    starterRules()[1]!.text.replaceAll('\n', '\r\n'),
    'title: Native\nrulewright:\n  implementations: {splunk: {type: query, query: index=a, settings: {x: 1}}}\n',
  ]
  await inHouse(from, async (house, caller) => {
    for (const text of texts)
      await createRule(house, caller, { text, reason: '', origin: 'written' })
    const away = { text: starterRules()[2]!.text, reason: '', origin: 'written' } as const
    await retireRule(house, caller, (await createRule(house, caller, away)).rule.id)
    const files = PUSHED.map((path, at) => ({ path, document: 0, text: pushedText(at) }))
    const pushed = await pushFiles(house, caller, { files, same: [] })
    await nextTurn() // the reader is not used in the turn of a commit
    await retireRule(house, caller, pushed.at(-1)!.rule!)
  })
  const run = (argv: readonly string[]) => runHere(argv, { cwd })
  assert.equal((await run(['export', 'out', '--data', from])).code, 0)
  const home = ['--workspace', 'default', '--data', to]
  const back = await run(['rule', 'import', 'out/default/rules', '--keep-broken', ...home])
  assert.match(back.out, /^9 documents: 9 created$/m, back.err)
  assert.equal(back.code, 1, 'one of them is broken as it was')
  const [before, after] = await Promise.all([from, to].map((data) => inHouse(data, everyRule)))
  assert.equal(before!.length, texts.length + 1 + PUSHED.length, 'the premise')
  assert.deepEqual(after, before)
  const groups = after!.flatMap(({ text, group }) =>
    text.startsWith('title: Pushed') ? group : [],
  )
  assert.deepEqual(groups, ['windows-end-point', 'retired', 'linux'], 'which no text names')

  await inHouse(to, async (house, caller) => {
    const { items } = await listRules(house, caller, {
      filter: { group: 'windows-end-point' },
      sort: 'title',
      limit: 1,
    })
    const edit = { text: `${pushedText(0)}level: low\n`, reason: '', expected: 'any' } as const
    const { rule } = await saveRule(house, caller, items[0]!.id, edit)
    assert.equal(rule.group, 'windows-end-point', 'an edit leaves it there')
  })
})

/** Where rules stand that name no group, one of them in a folder with a name that export uses itself. */
const PUSHED = ['Windows/End Point/a.yml', 'retired/b.yml', 'linux/c.yml']

function pushedText(at: number): string {
  return [
    `title: Pushed ${at}`,
    'logsource: {product: windows}',
    'detection: {selection: {a: b}, condition: selection}',
    '',
  ].join('\n')
}

async function makeInstance(t: TestContext): Promise<string> {
  const data = makeFolder(t)
  await inHouse(data, async () => {})
  return data
}

async function inHouse<T>(
  data: string,
  run: (house: House, caller: Caller) => Promise<T>,
): Promise<T> {
  const { house, close } = await openHouse({ configuration: testConfiguration(data) })
  try {
    const [home] = await listWorkspaces(house, systemCaller(house, 'test'))
    return await run(house, systemCaller(house, 'test', undefined, home!.id))
  } finally {
    await close()
  }
}

/** All that a rule is, less what an instance gives it. */
async function everyRule(house: House, caller: Caller) {
  const filter = { state: RULE_STATES }
  const { items } = await listRules(house, caller, { filter, sort: 'title', limit: 100 })
  const rules = await Promise.all(items.map(({ id }) => getRule(house, caller, id)))
  return rules
    .map(({ text, group, tags, level, state, format, errorCount, positiveTests }) => {
      return { text, group, tags, level, state, format, errorCount, positiveTests }
    })
    .toSorted((a, b) => (a.text < b.text ? -1 : 1))
}
