// The `rule` commands on a folder as a person would have it: good rules, broken ones, and events.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { FrontDoor } from '#cli/shell.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere } from '#test/support/shell.ts'

const nothing: FrontDoor = {
  startApp: () => Promise.reject(new Error('not in this test')),
  openHouse: () => Promise.reject(new Error('not in this test')),
  startEstate: () => Promise.reject(new Error('not in this test')),
  listRoutes: () => Promise.reject(new Error('not in this test')),
}

const WHOAMI = `title: Whoami as system
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
level: high
logsource: {category: process_creation, product: windows}
detection: {sel: {Image|endswith: '\\whoami.exe', User|contains: SYSTEM}, condition: sel}
rulewright:
  tests:
    - {name: fires, expect: match, events: [{Image: 'C:\\whoami.exe', User: SYSTEM}]}
    - {name: silent, expect: no_match, events: [{Image: 'C:\\whoami.exe', User: ada}]}
`
const BROKEN = `title: Broken
logsource: {category: x}
detection: {sel: {A|contians: x}, condition: sel}
`

function folder(t: TestContext, files: Readonly<Record<string, string>>) {
  const cwd = makeFolder(t)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true })
    writeFileSync(join(cwd, name), name.endsWith('.gz') ? gzipSync(text) : text)
  }
  return (...argv: string[]) => runHere(argv, { cwd }, nothing)
}

function json(out: string): readonly Record<string, unknown>[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

void test('lint answers one line a document, in path order, and fails on errors only', async (t) => {
  const run = folder(t, { 'rules/b.yml': BROKEN, 'rules/a.yaml': WHOAMI, 'rules/note.txt': 'x' })
  const { code, out } = await run('rule', 'lint', 'rules', '--format', 'ndjson')
  const lines = json(out)
  assert.deepEqual(
    lines.map(({ path, document, title }) => [path, document, title]),
    [
      ['rules/a.yaml', 0, 'Whoami as system'],
      ['rules/b.yml', 0, 'Broken'],
    ],
  )
  assert.equal(code, 1)
  const fine = await run('rule', 'lint', 'rules/a.yaml')
  assert.equal(fine.code, 0)
  assert.match(fine.out, /^rules\/a\.yaml:1:1: info: .*\[sigma\/no-date\]$/m)
})

void test('lint writes SARIF and JUnit that hold the problem', async (t) => {
  const run = folder(t, { 'b.yml': BROKEN })
  const sarif = JSON.parse((await run('rule', 'lint', 'b.yml', '--format', 'sarif')).out) as {
    runs: {
      results: { ruleId: string }[]
      tool: { driver: { rules: { id: string; shortDescription?: { text: string } }[] } }
    }[]
  }
  const told = sarif.runs[0]!.tool.driver.rules.find(({ id }) => id === 'sigma/unknown-modifier')
  assert.match(told?.shortDescription?.text ?? '', /misspelt modifier/)
  assert.ok(sarif.runs[0]!.results.some(({ ruleId }) => ruleId === 'sigma/unknown-modifier'))
  const junit = (await run('rule', 'lint', 'b.yml', '--format', 'junit')).out
  assert.match(junit, /<testsuite name="rule lint" tests="1" failures="1">/)
  assert.match(junit, /&quot;contians&quot;/)
})

void test('convert says for each document whether it could be converted', async (t) => {
  const run = folder(t, { 'a.yml': `${WHOAMI}---\n${BROKEN}` })
  const { code, out } = await run('rule', 'convert', 'a.yml', '--to', 'spl', '--format', 'ndjson')
  const [good, bad] = json(out)
  assert.deepEqual(good!['queries'], ['Image="*\\\\whoami.exe" User="*SYSTEM*"'])
  assert.equal(bad!['ok'], false)
  assert.equal(code, 1)
})

void test('convert writes what a vendor imports, in the language the vendor reads', async (t) => {
  const run = folder(t, {
    'a.yml': WHOAMI,
    'p.yml': "finalizers: [{type: concat, separator: ' OR ', prefix: 'q: '}]",
  })
  const convert = (...args: string[]) => run('rule', 'convert', 'a.yml', ...args)
  const arm = await convert('--to', 'kusto', '--pipeline', 'rw_sentinel', '--format', 'arm')
  const template = JSON.parse(arm.out) as { resources: { kind: string }[] }
  assert.deepEqual(
    template.resources.map(({ kind }) => kind),
    ['Scheduled'],
  )
  const kibana = await convert('--to', 'eql', '--format', 'kibana')
  assert.equal((JSON.parse(kibana.out) as { language: string }).language, 'eql')
  const stanzas = await convert('--to', 'spl', '--format', 'savedsearches')
  assert.match(stanzas.out, /^\[.+\]\n/)
  const finalized = await convert('--to', 'spl', '--pipeline', 'p.yml')
  assert.match(finalized.out, /^q: Image=/)
  const wrong = await convert('--to', 'spl', '--format', 'kibana')
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /--format kibana needs --to lucene or --to eql or --to esql/)
})

void test('match answers by line number, reads gzip, and skips what is no event', async (t) => {
  const hit = JSON.stringify({ Image: 'c:\\WHOAMI.exe', User: 'system' })
  const foreign = JSON.stringify({ ...JSON.parse(hit), logsource: { product: 'linux' } })
  const events = `{}\nnot json\n${foreign}\n${hit}\n`
  const run = folder(t, { 'a.yml': WHOAMI, 'e.ndjson': events, 'e.ndjson.gz': events })
  for (const file of ['e.ndjson', 'e.ndjson.gz']) {
    const { code, out, err } = await run('rule', 'match', '--rules', 'a.yml', '--events', file)
    assert.equal(code, 0)
    const [only] = json(out)
    assert.equal(only!['event'], 3)
    assert.equal(only!['level'], 'high')
    assert.deepEqual(only!['fields'], { Image: 'c:\\WHOAMI.exe', User: 'system' })
    assert.match(err, /1 of 4 lines could not be read/)
  }
})

void test('explain shows what each part saw', async (t) => {
  const run = folder(t, { 'a.yml': WHOAMI, 'e.json': '{"Image": "C:\\\\whoami.exe"}' })
  const { code, out } = await run('rule', 'explain', 'a.yml', '--event', 'e.json')
  assert.equal(code, 0)
  assert.match(out, /✓ Image ends with .* saw "C:/)
  assert.match(out, /✗ User contains "SYSTEM" {2}saw nothing/)
})

void test('test runs the cases of the file and fails when one does', async (t) => {
  const wrong = WHOAMI.replace('User: ada}', 'User: SYSTEM}')
  const run = folder(t, { 'good.yml': WHOAMI, 'bad.yml': wrong })
  assert.equal((await run('rule', 'test', 'good.yml')).code, 0)
  const { code, out } = await run('rule', 'test', 'bad.yml', '--format', 'json')
  assert.equal(code, 1)
  const { cases } = JSON.parse(out) as { cases: { name: string; ok: boolean }[] }
  assert.deepEqual(
    cases.map(({ name, ok }) => [name, ok]),
    [
      ['fires', true],
      ['silent', false],
    ],
  )
})

void test('a path that does not exist and an unknown format are wrong usage', async (t) => {
  const run = folder(t, { 'a.yml': WHOAMI })
  assert.equal((await run('rule', 'lint', 'nowhere')).code, 2)
  assert.equal((await run('rule', 'lint', 'a.yml', '--format', 'xml')).code, 2)
  assert.equal((await run('rule', 'convert', 'a.yml', '--to', 'sql')).code, 2)
})

void test('lint of hundreds of files over all cores answers in path order, with what is across', async (t) => {
  const count = 700
  const rules = Array.from({ length: count }, (_, at): [string, string] => {
    const id = `80167ada-7a12-41ed-b8e9-${String(at % (count - 1)).padStart(12, '0')}`
    const text = WHOAMI.replace(/^id: .*$/m, `id: ${id}`).replace('SYSTEM}', `u${at}}`)
    return [`rules/${String(at).padStart(4, '0')}.yml`, text]
  })
  const run = folder(t, Object.fromEntries(rules))
  const { code, out, err } = await run('rule', 'lint', 'rules', '--format', 'ndjson')
  const lines = json(out)
  assert.equal(code, 1)
  assert.deepEqual(
    lines.map(({ path }) => path),
    rules.map(([name]) => name),
  )
  const twice = lines.filter((line) => JSON.stringify(line).includes('sigma/duplicate-id'))
  assert.deepEqual(
    twice.map(({ path }) => path),
    ['rules/0699.yml'],
  )
  assert.equal(err, '')
})

void test('progress is written over itself on a terminal, and taken away at the end', async (t) => {
  const texts: Record<string, string> = {}
  for (let at = 0; at < 250; at++) texts[`rules/${at}.yml`] = WHOAMI
  const cwd = makeFolder(t)
  mkdirSync(join(cwd, 'rules'))
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(cwd, name), text)
  const shown: string[] = []
  const overwrite = (line: string) => void shown.push(line)
  await runHere(['rule', 'lint', 'rules', '--format', 'ndjson'], { cwd, overwrite }, nothing)
  assert.ok(shown.length > 2)
  assert.match(shown[0]!, /^reading rules █+░+ \d+ %$/)
  assert.match(shown.at(-2)!, / 100 %$/)
  assert.equal(shown.at(-1), '')
})

void test('generate prints a rule with cases made of it, and writes them when asked', async (t) => {
  const bare = WHOAMI.slice(0, WHOAMI.indexOf('rulewright:'))
  const run = folder(t, { 'a.yml': `# kept\n${bare}`, 'b.yml': BROKEN })
  const printed = await run('rule', 'generate', 'a.yml')
  assert.match(printed.out, /^# kept\n/)
  assert.match(printed.err, /a\.yml: 1 match and 2 near-misses/)
  assert.match((await run('rule', 'test', 'a.yml')).err, /0 tests/, 'nothing was written')
  assert.equal((await run('rule', 'generate', 'a.yml', '--write')).code, 0)
  const tested = await run('rule', 'test', 'a.yml')
  assert.match(tested.err, /3 tests, 0 failed/)
  const again = await run('rule', 'generate', 'a.yml', '--write')
  assert.match(again.err, /a\.yml: no case/)
  const broken = await run('rule', 'generate', 'b.yml')
  assert.equal(broken.code, 1)
  assert.match(broken.err, /left out "fires on an example"/)
})

const NATIVE = `title: Native
rulewright:
  implementations:
    splunk: {query: 'index=win User=SYSTEM | stats count by Host'}
    opensearch: {query: 'User:SYSTEM'}
  tests:
    - {name: fires, expect: match, events: [{index: win, User: SYSTEM, Host: a}]}
    - {name: wrong, expect: no_match, events: [{index: win, User: SYSTEM, Host: a}]}
`

void test('a rule in the words of a product is tested by our evaluator, and needs no detection', async (t) => {
  const run = folder(t, { 'n.yml': NATIVE })
  assert.equal((await run('rule', 'lint', 'n.yml')).code, 0)
  const { code, out, err } = await run('rule', 'test', 'n.yml')
  assert.equal(code, 1)
  assert.match(out, /^ok {4}n\.yml: fires \(splunk\)$/m)
  assert.match(
    out,
    /^FAIL {2}n\.yml: wrong \(splunk\): expected no_match, but the query gave rows: 1$/m,
  )
  assert.match(out, /^\? {5}n\.yml: fires \(opensearch\): Needs the target/m)
  assert.match(err, /4 tests, 1 failed, 2 need the target/)
  const converted = await run('rule', 'convert', 'n.yml', '--to', 'spl')
  assert.equal(converted.code, 1)
  assert.match(converted.err, /no detection to convert/)
})

void test('a rule without a case for each way is named, and does not fail', async (t) => {
  const bare = WHOAMI.slice(0, WHOAMI.indexOf('rulewright:'))
  const half = WHOAMI.replace(/^.*expect: no_match.*\n/m, '')
  const run = folder(t, { 'a.yml': bare, 'b.yml': half, 'c.yml': WHOAMI })
  const { code, err } = await run('rule', 'test', '.')
  assert.equal(code, 0)
  assert.match(err, /^a\.yml: Whoami as system has no test case$/m)
  assert.match(err, /^b\.yml: Whoami as system has no case that stays silent$/m)
  assert.doesNotMatch(err, /^c\.yml/m)
})
