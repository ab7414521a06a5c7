// What an exclusion takes away: exactly the events it names, in every language and in a rule's own words;
// and what is refused where that cannot be shown.

import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { runQuery } from '#domain/queries/actions.ts'
import { findFlaw } from '#domain/rules/exclusions/proof.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import { renderRule } from '#domain/rules/renders/render.ts'
import { renderWhole } from '#domain/rules/renders/task.ts'
import { testDocument } from '#domain/rules/testing/case.ts'
import { layOver, readFilters } from '#domain/rules/exclusions/filtered.ts'
import { follows } from '#languages/sigma/implication.ts'
import { lower } from '#languages/sigma/lower.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { MatchRun } from '#languages/sigma/run.ts'
import { collect } from '#languages/sigma/collection.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import type { Instant } from '#kernel/time.ts'
import { Workers } from '#platform/worker.ts'
import { thoroughly } from '#test/support/thorough.ts'

const workers = new Workers(2)
after(() => workers.close())
const now = 1_800_000_000_000 as Instant

const RULE = `title: Tools
logsource: {product: windows, category: process_creation}
detection: {selection: {Image|endswith: '\\tool.exe'}, condition: selection}
`
const EVENTS = [
  { Image: 'C:\\tool.exe', User: 'svc-backup', Host: 'a' },
  { Image: 'C:\\tool.exe', User: 'SVC-BACKUP', Host: 'b' },
  { Image: 'C:\\tool.exe', User: 'ada', Host: 'a' },
  { Image: 'C:\\tool.exe', User: 'svc-*', Host: 'c', CommandLine: 'tool -n 7' },
  { Image: 'C:\\tool.exe', Host: 'lab-1', CommandLine: 'C:\\a\\b' },
  { Image: 'C:\\other.exe', User: 'ada' },
]

/** Kusto knows the columns of a table, also where an event says nothing in one. */
const COLUMNS = { Image: null, User: null, Host: null, CommandLine: null }

/** A filter and the events of the rule that are left. */
const GOLDEN: readonly (readonly [filter: string, left: readonly number[]])[] = [
  ['selection: {User: svc-backup}, condition: not selection', [2, 3, 4]],
  ['selection: {User: svc-backup, Host: a}, condition: not selection', [1, 2, 3, 4]],
  ["selection: {User: 'svc-\\*'}, condition: not selection", [0, 1, 2, 4]],
  ['selection: {User|startswith: svc-}, condition: not selection', [2, 4]],
  ['selection: {User: [ada, svc-backup]}, condition: not selection', [3, 4]],
  ["selection: {CommandLine|contains: '\\a\\'}, condition: not selection", [0, 1, 2, 3]],
  ['selection: {User: null}, condition: not selection', [0, 1, 2, 3]],
  ['one: {User: ada}, two: {Host|startswith: lab}, condition: not (one or two)', [0, 1, 3]],
  ['one: {User: ada}, two: {Host: a}, condition: not 1 of *', [1, 3, 4]],
  ['only: {Host|contains: a}, condition: only', [0, 2, 4]],
]

const filterText = (filter: string) =>
  `title: F\nlogsource: {product: windows}\nfilter: {rules: [x], ${filter}}\n`

test('each language leaves out exactly the events that the matcher leaves out', async () => {
  const [rule] = parseSigma(RULE).documents as readonly SigmaRule[]
  for (const [filter, left] of GOLDEN) {
    const filtered = layOver(rule!, readFilters([filterText(filter)])) as SigmaRule
    const run = new MatchRun(collect([filtered]))
    const matched = EVENTS.flatMap((event, at) => (run.next(event).length > 0 ? [at] : []))
    assert.deepEqual(matched, left, filter)
    for (const language of thoroughly<readonly Evaluated[]>(['spl', 'esql', 'eql'], EVALUATED)) {
      const { queries, problems } = convertRule(filtered, language)
      assert.deepEqual(problems, [], `${language}: ${filter}`)
      const found = await hits(language, queries)
      assert.deepEqual(found, left, `${language}: ${filter}: ${queries.join(' / ')}`)
    }
  }
})

/** Which events the queries find. */
async function hits(language: Evaluated, queries: readonly string[]) {
  const events = EVENTS.map((event, Id) => ({ ...COLUMNS, ...event, Id }))
  const found: number[] = []
  for (const query of queries) {
    const text = language === 'kusto' ? `T | where ${query}` : query
    const { rows, problems } = await runQuery(workers, {
      language,
      text,
      events: language === 'kusto' ? events : EVENTS.map((event, Id) => ({ ...event, Id })),
      lookups: {},
      now,
      rowsMax: 100,
      timeoutMs: 5_000,
    })
    const errors = problems.filter(({ severity }) => severity === 'error')
    assert.deepEqual(errors, [], query)
    found.push(...rows.map(({ Id }) => Number(Id)))
  }
  return found.toSorted((a, b) => a - b)
}

/** The quick suite leaves out the one whose parser takes seconds to load. */
const EVALUATED = ['spl', 'kusto', 'esql', 'eql'] as const
type Evaluated = (typeof EVALUATED)[number]

const CASES = `
  tests:
    - {name: fires, expect: match, events: [{User: svc-backup, Host: a, index: win, event: {category: process}}]}
    - {name: silent, expect: no_match, events: [{User: eve, Host: b, index: win, event: {category: process}}]}
`
const native = (kind: Kind, query: string, rest = '') => `title: Own words
rulewright:
  implementations:
    ${kind}: {query: ${JSON.stringify(query)}${rest}}${CASES}`

const HOST = filterText('selection: {Host: lab-1}, condition: not selection')

async function judge(text: string, kind: Kind, filters = [HOST]) {
  const input = { text, filters, sources: [], renderer: 'x' }
  const { proof, queries, problems } = renderRule(input).find((one) => one.kind === kind)!
  const flaw = proof && (await findFlaw(workers, proof, now))
  return { queries, code: flaw?.code ?? problems[0]?.code ?? null }
}

test("an exclusion is written into a rule's own query where the cases prove that it means the same", async () => {
  const written: readonly (readonly [Kind, string, string, string?])[] = [
    [
      'splunk',
      'index=win User=svc* | stats count by User',
      'index=win User=svc* | search NOT Host="lab-1" | stats count by User',
    ],
    [
      'sentinel',
      'AppEvents | where User startswith "svc" | summarize n = count() by User',
      'AppEvents\n| where not(Host =~ "lab-1") | where User startswith "svc" | summarize n = count() by User',
    ],
    [
      'elastic',
      'from logs | where User like "svc*"',
      'from logs | where not coalesce(to_lower(Host)=="lab-1", false) | where User like "svc*"',
      ', type: esql',
    ],
    [
      'elastic',
      'process where User : "svc*" or User : "root"',
      'process where (User : "svc*" or User : "root") and (not Host:"lab-1")',
      ', type: eql',
    ],
  ]
  const chosen = written.filter(([kind]) => kind !== 'sentinel')
  for (const [kind, query, wanted, rest] of thoroughly(chosen, written)) {
    const { queries, code } = await judge(native(kind, query, rest), kind)
    assert.deepEqual([code, ...queries], [null, wanted])
  }
})

test('where nothing proves it, or nothing can, the query is refused with the reason', async () => {
  const refused: readonly (readonly [string, Kind, string, string?])[] = [
    ['exclusion/own-unproved', 'splunk', 'index=win User=svc* Host!=lab-1'],
    ['exclusion/own-unproved', 'splunk', 'index=none User=svc*'],
    ['exclusion/own-place', 'splunk', '| tstats count where User=svc*'],
    ['exclusion/own-place', 'sentinel', 'let x = 1; SecurityEvent | where User == "svc-backup"'],
    ['exclusion/own-place', 'elastic', 'sequence by Host [process where true]', ', type: eql'],
    ['exclusion/own-language', 'opensearch', 'User:svc*'],
    ['exclusion/own-language', 'elastic', 'User:svc*', ', settings: {language: kuery}'],
  ]
  for (const [code, kind, query, rest] of refused) {
    assert.equal((await judge(native(kind, query, rest), kind)).code, code, query)
  }
  const twice = filterText('selection: {Host: lab-2}, condition: not selection')
  const both = await judge(native('splunk', 'index=win User=svc*'), 'splunk', [HOST, twice])
  assert.equal(both.code, null, 'each of two is shown by a case of its own')
})

test('what follows is a proof: an event of the one is always one of the other', () => {
  const predicate = (selection: string) => {
    const text = RULE.replace(/selection: \{.*\}, c/, `selection: ${selection}, c`)
    return lower((parseSigma(text).documents[0] as SigmaRule).detections).predicates[0]!
  }
  const proved: readonly (readonly [string, string])[] = [
    ['{User: svc-backup}', '{User|startswith: SVC}'],
    ['{User: svc-backup, Host: a}', '{User: svc-backup}'],
    ['{User: [ada, eve]}', '{User: [eve, ada, root]}'],
    ["{Image|endswith: '\\tool.exe'}", '{Image|endswith: .exe}'],
    ['{User|re: a+}', '{User|re: a+}'],
  ]
  for (const [from, to] of proved) {
    assert.ok(follows(predicate(from), predicate(to)), `${from} → ${to}`)
    assert.ok(!follows(predicate(to), predicate(from)) || from === to, `${to} → ${from}`)
  }
})

test('a rule is tested over what its exclusions leave', () => {
  const text = `${RULE}rulewright: {tests: [{name: fires, expect: match, events: [{Image: 'C:\\tool.exe', Host: lab-1}]}]}\n`
  const [rule] = parseSigma(text).documents
  const verdict = (filters: readonly string[]) =>
    testDocument(layOver(rule!, readFilters(filters)), [])[0]!.verdict
  assert.deepEqual([verdict([]), verdict([HOST])], ['passed', 'failed'])
})

test('what is written at a place binds an exclusion to the rule, whatever both are called by now', () => {
  const text = RULE.replace('logsource', 'id: 80167ada-7a12-41ed-b8e9-aa47195c66a1\nlogsource')
  const input = { text, filters: [HOST], sources: [], renderer: 'x' }
  const { body } = renderWhole(input).bodies.find(({ kind }) => kind === 'local')!
  const { rule, others } = body as { rule: string; others: string[] }
  const collection = collect(parseSigma([rule, ...others].join('\n---\n')).documents)
  const run = new MatchRun(collection)
  const found = EVENTS.flatMap((event, at) => (run.next(event).length > 0 ? [at] : []))
  assert.deepEqual(found, [0, 1, 2, 3])
})
