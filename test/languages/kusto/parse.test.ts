// Kusto: what is read, what is wrong with a query and where. The parser is Microsoft's; what is
// proved here is what we make of it, and that every overload we call by number is still the one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import type { Problem } from '#kernel/problem.ts'
import { parseKusto } from '#languages/kusto/parse.ts'

function say({ severity, code, line, column }: Problem): string {
  return `${severity} ${code} ${line}:${column}`
}

function said(text: string, schema?: Parameters<typeof parseKusto>[1]): readonly string[] {
  return parseKusto(text, schema).problems.map(say)
}

test('queries of every shape parse over the built-in tables and functions', () => {
  const queries = [
    'SecurityEvent | where EventID == 4688 and Account has_any ("a", "b") | take 5',
    'let t = 1d; DeviceProcessEvents | where Timestamp > ago(t) | summarize n = count() by FileName',
    'SigninLogs | join kind=leftanti (AuditLogs | project CorrelationId) on CorrelationId',
    'union isfuzzy=true withsource=T Device* | search "mimikatz" | count',
    'DeviceFileEvents | invoke FileProfile(SHA1, 500) | where GlobalPrevalence < 5',
    "_Im_Dns(starttime=ago(1d), responsecodename='NXDOMAIN') | summarize count() by SrcIpAddr",
    "_GetWatchlist('admins') | project SearchKey, Owner",
    'externaldata(ip: string) [@"https://a.example/x.csv"] with (format="csv") | where ip has "."',
    'datatable(a: long, b: string) [1, "x", 2, "y"] | mv-expand c = range(0, a) to typeof(long)',
    'range i from 1 to 3 step 1 | extend f = iff(i > 1, "many", strcat("o", "ne"))',
    'let f = (T: (n: long), x: string) { T | where n > 1 | extend y = x }; print f = 1',
    'SecurityEvent | make-series n = count() default = 0 on TimeGenerated step 1h by Computer',
    'SecurityEvent | extend d = todynamic(Account) | evaluate bag_unpack(d) | render timechart',
    'arg("").Resources | where type == "x"',
  ]
  for (const query of queries) {
    const { value, problems } = parseKusto(query)
    assert.deepEqual(problems.map(say), [], query)
    assert.ok(value)
  }
})

test('the tree is ours: statements, operators, chains without depth', () => {
  const text = "let x = 5;\nT\n| where a == x and b has 'q' and c in~ ('u', 'v')\n| top 3 by n desc"
  const [assigned, run] = parseKusto(text).value!.statements
  assert.equal(assigned?.kind === 'let' && assigned.name.name, 'x')
  assert.ok(run?.kind === 'run' && run.value.kind === 'pipe')
  const [where, top] = run.value.operators
  assert.ok(where?.kind === 'where' && where.condition.kind === 'and')
  assert.deepEqual(
    where.condition.items.map((item) => [item.kind, text.slice(item.start, item.end)]),
    [
      ['binary', 'a == x'],
      ['binary', "b has 'q'"],
      ['membership', "c in~ ('u', 'v')"],
    ],
  )
  assert.ok(top?.kind === 'top' && top.by.kind === 'ordered' && top.by.direction === 'desc')
  assert.equal(text.slice(top.nameRange.start, top.nameRange.end), 'top')
})

test('every problem is named at its place, with a hint where one is near', () => {
  assert.deepEqual(said('SecurityEvent | wher EventID == 1').slice(0, 1), [
    'error kusto/unknown-operator 1:17',
  ])
  assert.equal(parseKusto('SecurityEvent | wher 1').problems[0]?.hint, 'Did you mean where?')
  assert.deepEqual(said('SecurityEvent\n| where EventID =='), ['error kusto/expected 2:19'])
  assert.deepEqual(said('SecurityEvent | take 5 |'), ['error kusto/expected 1:25'])
  assert.deepEqual(said('SecurityEvent | where EventID has "x"'), [
    'error kusto/wrong-operand 1:31',
  ])
  assert.deepEqual(said('print x = dynamic([1').slice(1), ['error kusto/expected 1:21'])
  assert.deepEqual(said('.drop table Users'), ['error kusto/command 1:1'])
  const [unknown] = parseKusto('SecurityEvnt | take 1').problems
  assert.equal(unknown?.hint, 'Did you mean SecurityEvent?')
})

test('an unknown name is a doubt over the published tables and an error over given ones', () => {
  const text = 'Custom_CL | where Nmae == "x"'
  assert.deepEqual(said(text), ['warning kusto/unknown-table 1:1'])
  const schema = { tables: { Custom_CL: { Name: 'string' } } }
  assert.deepEqual(said(text, schema), ['error kusto/unknown-name 1:19'])
  assert.equal(parseKusto(text, schema).problems[0]?.hint, 'Did you mean Name?')
  assert.deepEqual(said('SecurityEvent | where Nope == 1'), ['warning kusto/unknown-name 1:23'])
  assert.deepEqual(said('Custom_CL | where Name == "x"', schema), [])
})

test('depth and length are bounded', () => {
  assert.deepEqual(said('a'.repeat(QUERY_CHARS_MAX + 1)), ['error kusto/too-long 1:1'])
  const deep = parseKusto(`print x = ${'('.repeat(800)}1${')'.repeat(800)}`).problems
  assert.ok(deep.some((problem) => problem.code === 'kusto/too-deep'))
  const long = `SecurityEvent | where ${'EventID == 1 or '.repeat(2_000)}EventID == 2`
  assert.ok(parseKusto(long).value)
})
