// Kusto: what a query reads, is limited to, would do and costs; printing and comparing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasErrors } from '#kernel/problem.ts'
import { compareKusto } from '#languages/kusto/compare.ts'
import { formatKusto } from '#languages/kusto/format.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import { readKusto } from '#languages/kusto/reads.ts'
import { thoroughly } from '#test/support/thorough.ts'

function read(text: string) {
  const { value } = parseKusto(text)
  assert.ok(value, text)
  return readKusto(value, text)
}

function names(items: readonly { readonly name: string }[]): readonly string[] {
  return items.map((item) => item.name)
}

test('tables, watchlists, functions and columns are read, and what the query made is not', () => {
  const facts = read(`let admins = _GetWatchlist('admins') | project SearchKey;
    let recent = SecurityEvent | where TimeGenerated > ago(1d);
    recent
    | where EventID == 4688 and Account in (admins)
    | extend User = tolower(Account), Host = Computer
    | join kind=inner (Custom_CL | where Level_s == "x") on $left.Host == $right.Host_s
    | summarize n = count() by User`)
  assert.deepEqual(
    facts.sources.map(({ kind, name }) => `${kind} ${name}`),
    ['watchlist admins', 'table SecurityEvent', 'table Custom_CL'],
  )
  const fields = new Set(names(facts.fields))
  for (const field of ['EventID', 'Account', 'Computer', 'TimeGenerated', 'Level_s']) {
    assert.ok(fields.has(field), field)
  }
  for (const made of ['User', 'Host', 'n', 'admins', 'recent']) assert.ok(!fields.has(made), made)
  assert.deepEqual(names(facts.commands).slice(0, 3), ['project', 'where', 'where'])
  assert.deepEqual(facts.time, { earliest: 'ago(1d)', latest: null, basis: 'event' })
  assert.deepEqual(facts.effects, [])
})

test('a query is scoped by the tables it names', () => {
  const scope = (text: string) => read(text).scope
  assert.equal(scope('SecurityEvent | take 1').state, 'scoped')
  assert.equal(scope('union Device* | take 1').state, 'scoped')
  assert.equal(scope('SecurityEvent | search "x"').state, 'scoped')
  assert.equal(scope('search in (SecurityEvent) "x"').state, 'scoped')
  assert.equal(scope('print 1').state, 'scoped')
  assert.deepEqual(scope('search "x"'), { state: 'unscoped', by: [], note: 'searches every table' })
  assert.equal(scope('union * | take 1').note, 'unites every table')
  assert.equal(scope('union withsource=T * | where x == 1').state, 'unscoped')
})

test('bounds of time are found where every row must satisfy them', () => {
  const time = (text: string) => read(text).time
  assert.deepEqual(time('T | where Timestamp between (ago(2d) .. ago(1d))'), {
    earliest: 'ago(2d)',
    latest: 'ago(1d)',
    basis: 'event',
  })
  assert.deepEqual(time('T | where ingestion_time() > ago(5m)').basis, 'ingest')
  assert.deepEqual(time('T | where ago(1h) < TimeGenerated and x == 1').earliest, 'ago(1h)')
  assert.equal(time('T | where TimeGenerated > ago(1d) or x == 1').earliest, null)
  assert.equal(
    time('T | summarize max(TimeGenerated) | where TimeGenerated > ago(1d)').earliest,
    null,
  )
  assert.equal(time('_Im_Dns(starttime=ago(3h)) | take 1').earliest, 'ago(3h)')
})

test('what fetches, sends, runs or reaches out is an effect, wherever it hides', () => {
  const effects = (text: string) => read(text).effects.map(({ kind, name }) => `${kind} ${name}`)
  assert.deepEqual(effects('SecurityEvent | summarize count() by bin(TimeGenerated, 1h)'), [])
  assert.deepEqual(effects('externaldata(a: string) ["https://a.example"]'), [
    'fetches externaldata',
  ])
  const inside = (call: string) => `T | where a in ((${call}(a: string) ["https://a.example"]))`
  assert.deepEqual(effects(inside('externaldata')), ['fetches externaldata'])
  // The language tells cases apart, so this is somebody's function.
  assert.deepEqual(effects('ExternalData("https://a.example") | take 1'), ['unknown ExternalData'])
  assert.deepEqual(effects('cluster("c").database("d").T | take 1'), [
    'crosses cluster',
    'crosses database',
  ])
  assert.deepEqual(effects('union T, workspace("w").T'), ['crosses workspace'])
  assert.deepEqual(effects('T | evaluate python(typeof(*), "result = df")'), ['executes python'])
  assert.deepEqual(effects('evaluate http_request_post("https://a.example")'), [
    'sends http_request_post',
  ])
  assert.deepEqual(effects('T | evaluate who_knows()'), ['unknown who_knows', 'unknown who_knows'])
  assert.deepEqual(effects('let f = () { T }; f() | take 1'), [])
  assert.deepEqual(effects('MyParser() | take 1'), ['unknown MyParser'])
})

test('costs are named with their place', () => {
  const costs = (text: string) => read(text).costs.map(({ code, line }) => `${code} ${line}`)
  assert.deepEqual(costs('search "x"'), ['cost/search-all 1'])
  assert.deepEqual(costs('T\n| where CommandLine matches regex "a.*"\n| join U on a').toSorted(), [
    'cost/join 3',
    'cost/no-time-bound 1',
    'cost/regex 2',
  ])
  assert.deepEqual(costs('T | where TimeGenerated > ago(1d) | summarize count() by CommandLine'), [
    'cost/high-cardinality 1',
  ])
})

test('an operator stands on its line and comments stay where they are', () => {
  assert.equal(
    formatKusto(`// why
let x=1d; // a day
SecurityEvent|where EventID==4688 and Account has_any("a","b") // new ones
| join kind = inner (T|project  a) on a|extend y=-1, z = a [0]. b|take 5`),
    `// why
let x = 1d; // a day
SecurityEvent
| where EventID == 4688 and Account has_any ("a", "b") // new ones
| join kind=inner (T | project a) on a
| extend y = -1, z = a[0].b
| take 5`,
  )
})

test('order inside conditions is no difference; the rest is, in words', () => {
  const compare = (a: string, b: string) => compareKusto(parseKusto(a).value!, parseKusto(b).value!)
  assert.equal(compare('T | where a == 1 and (b == 2)', 'T // c\n|where b==2 and a==1'), null)
  assert.equal(compare('T | where a in (1, 2) | limit 5', 'T | where a in (2, 1) | take 5'), null)
  assert.equal(compare('T | sort by a', 'T | order by a desc'), null)
  assert.equal(
    compare('T | where a == 1', 'T | where a == 2'),
    'where no longer has (a == long 1); where now has (a == long 2)',
  )
  assert.equal(compare('T | take 5', 'U | take 5'), 'T became U')
  const series = 'T | make-series count() on n'
  assert.notEqual(compare(`${series} from 0 to 4 step 2`, `${series} in range(0, 4, 2)`), null)
  assert.notEqual(compare('T | extend a = 1, b = 2', 'T | extend b = 2, a = 1'), null)
})

test('no text makes it throw, and printing keeps what a clean query means', () => {
  const pieces = fc.constantFrom(
    'SecurityEvent', ' | ', 'where ', 'EventID', ' == ', '1', '"s"', '(', ')', '[', ']', ' and ', ' or ', ',', 'extend y = ',
    'summarize count() by ', 'let q = ', ';', '{', '}', '// c\n', '*', '-', '.', 'take 5', '\n', 'in (', 'join kind=inner ', 'union ',
  ) // prettier-ignore
  const property = (parts: readonly string[]) => {
    const text = parts.join('')
    const { value, problems } = parseKusto(text)
    if (value) readKusto(value, text)
    if (value === undefined || hasErrors(problems)) return
    const printed = formatKusto(text)
    const again = parseKusto(printed)
    assert.ok(again.value && !hasErrors(again.problems), printed)
    assert.equal(compareKusto(value, again.value), null, printed)
    assert.equal(formatKusto(printed), printed)
  }
  const after = fc.array(pieces, { maxLength: 12 }).map((parts) => ['SecurityEvent | ', ...parts])
  fc.assert(fc.property(after, property), { numRuns: thoroughly(60, 300), seed: 1 })
})
