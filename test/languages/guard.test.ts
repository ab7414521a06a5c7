// The read-only guard: every command and function that does more than read is refused wherever it
// hides, and what cannot be read is refused, too.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIALECTS } from '#languages/dialects.ts'
import { KUSTO } from '#languages/kusto/dialect.ts'
import type { QuerySchema } from '#languages/query.ts'
import { SPL_COMMANDS } from '#languages/spl/commands.ts'

const spl = (text: string, schema?: QuerySchema) => DIALECTS.spl.guard(text, schema)

function oddly(word: string): string {
  return word
    .split('')
    .map((char, index) => (index % 2 === 0 ? char.toUpperCase() : char))
    .join('')
}

test('every SPL command that does more than read is refused wherever it hides', () => {
  const harmful = [...SPL_COMMANDS].filter(([, info]) => info.effect !== null)
  assert.ok(harmful.length > 25)
  for (const [name] of harmful) {
    const call = `${name} thing`
    const macros = {
      m: { definition: call },
      'n(1)': { definition: `x=1 | ${call} $a$`, arguments: ['a'] },
    }
    const texts = [
      `index=a | ${call}`,
      `index=a | ${oddly(name)} thing`,
      `index=a\n|\n\`\`\`a note\`\`\`   ${call}`,
      `index=a | append [search index=b | ${call}]`,
      `index=a [search index=b | join x [search c | ${oddly(name)} thing]]`,
      `index=a | appendpipe [stats count | ${call}]`,
      'index=a | `m`',
      'index=a `n(5)`',
      'index=a [search b | `m`]',
      'index=a | foreach * [eval x=1 | `m`]',
      'index=a sourcetype=`n(5)`',
      'index=a | eval `n(5)`',
      'index=a | eval x=`n(5)`',
      'index=a | stats `n(5)` by x',
      'index=a | stats count by `n(5)`',
      'index=a | table `n(5)`',
      'index=a | head limit=`n(5)`',
      'index=a | rename `n(5)` as y',
      '`n(5)`',
    ]
    for (const text of texts) {
      const { isAllowed, problems } = spl(text, { macros })
      assert.equal(isAllowed, false, `${name}: ${text}`)
      assert.ok(problems.length > 0)
    }
  }
})

test('SPL that reaches out by what it names is refused', () => {
  const refused = [
    '| savedsearch "Somebody’s search"',
    '| from savedsearch:x',
    '| from federated:elsewhere',
    'index=federated:elsewhere error',
    'index IN (a, federated:b)',
    'index=a | lookup dnslookup clientip',
    'index=a | fit LogisticRegression y from x into model',
    'index=a | map search="search index=b"',
    'index=a `who_knows`',
    'index=a | nosuchcommand',
    'index=a (',
    '| rest /services/server/info',
  ]
  for (const text of refused) assert.equal(spl(text).isAllowed, false, text)
})

test('a macro inside a macro is looked into, and one that nothing can read is refused', () => {
  const macros = {
    outer: { definition: 'search x=1 | `inner`' },
    inner: { definition: 'collect index=b' },
    loop: { definition: 'x=1 `loop`' },
    broken: { definition: '( | ]' },
    fine: { definition: 'eval x=1' },
    terms: { definition: 'index=a sourcetype=b' },
  }
  const allowed = (text: string) => spl(text, { macros }).isAllowed
  assert.equal(allowed('index=a | `outer`'), false)
  assert.equal(allowed('index=a | `broken`'), false)
  assert.equal(allowed('index=a `loop`'), true)
  assert.equal(allowed('`terms` | `fine` | stats count'), true)
})

test('SPL that only reads is allowed', () => {
  const allowed = [
    'index=a | stats count by b | lookup assets ip OUTPUT owner | sort - count',
    '| tstats count from datamodel=Endpoint.Processes by _time span=1h',
    'index=a "collect" | eval x="| outputlookup y" | where like(x, "%delete%")',
    'index=a ```| outputlookup x.csv``` | head 5',
    'delete=yes index=a',
  ]
  for (const text of allowed) assert.deepEqual(spl(text).problems, [], text)
})

test('ES|QL, EQL, Lucene and kuery can read, and ES|QL can do a little more', () => {
  const { esql, eql, lucene, kuery } = DIALECTS
  assert.equal(esql.guard('FROM logs-* | WHERE a == 1 | STATS COUNT(*) BY b').isAllowed, true)
  for (const text of [
    'FROM cluster_one:logs-* | LIMIT 1',
    'FROM logs | LOOKUP JOIN far:hosts ON host',
    'FROM logs | completion text WITH {"inference_id": "x"}',
    'FROM logs | RERANK "x" ON text WITH {"inference_id": "x"}',
    'FROM logs | FORK (WHERE a == 1) (WHERE b == 2 | COMPLETION x WITH {"inference_id": "x"})',
    'FROM logs | NOSUCH',
    'FROM (',
  ]) {
    assert.equal(esql.guard(text).isAllowed, false, text)
  }
  assert.equal(eql.guard('process where true | head 5').isAllowed, true)
  assert.equal(eql.guard('process where').isAllowed, false)
  assert.equal(lucene.guard('a:1 AND b:2').isAllowed, true)
  assert.equal(lucene.guard('a:(').isAllowed, false)
  assert.equal(kuery.guard('').isAllowed, true)
  assert.equal(kuery.guard('a:(').isAllowed, false)
})

test('Kusto that fetches, sends, runs, reaches out or commands is refused', () => {
  for (const text of [
    '.drop table SecurityEvent',
    '// a note\n.set-or-append T <| SecurityEvent',
    '.show tables',
    'SecurityEvent | join (externaldata(a: string) ["https://a.example"]) on $left.Account == $right.a',
    'let f = () { workspace("other").SecurityEvent }; f() | take 1',
    'let a = materialize(cluster("c").database("d").T); a | take 1',
    'SecurityEvent | evaluate python(typeof(*), "x")',
    'SecurityEvent | evaluate R(typeof(*), "x")',
    'evaluate http_request("https://a.example")',
    'arg("").Resources | take 1',
    'SecurityEvent | invoke Unheard()',
    'alias database d = cluster("c").database("d"); SecurityEvent | take 1',
    'SecurityEvent | where (',
  ]) {
    assert.equal(KUSTO.guard(text).isAllowed, false, text)
  }
  for (const text of [
    'SecurityEvent | where Account has "externaldata" // cluster("c")',
    'let f = (x: string) { SecurityEvent | where Account == x }; f("a") | summarize count()',
    'SecurityEvent | evaluate bag_unpack(todynamic(Account))',
    '_GetWatchlist("a") | project SearchKey',
  ]) {
    assert.deepEqual(KUSTO.guard(text).problems, [], text)
  }
})
