// `rulewright query …`: the promises of the command line, for a text and for NDJSON, in the process
// and, for Kusto, through the worker.

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { runHere } from '#test/support/shell.ts'

function query(verb: string, text: string, ...flags: string[]) {
  return runHere(['query', verb, ...flags], { cwd: '/', stdin: async () => text })
}

test('lint says what is wrong in lines an editor can follow, and exits 1 on errors alone', async () => {
  const bad = await query('lint', 'index=a | sttas count', '--language', 'spl')
  assert.equal(bad.code, 1)
  assert.match(
    bad.out,
    /^-:1:11: error: .*sttas.* \[spl\/unknown-command\] \(Did you mean stats\?\)$/m,
  )
  const costly = await query('lint', 'index=a | join x [search b]', '--language', 'spl')
  assert.equal(costly.code, 0)
  assert.match(costly.out, /warning: .*\[cost\/join\]/)
  const strict = await query(
    'lint',
    'index=a | join x [search b]',
    '--language',
    'spl',
    '--fail-on',
    'warning',
  )
  assert.equal(strict.code, 1)
})

test('a cost is waived by a comment with its reason, an error never', async () => {
  const waiver = '```rulewright-ignore cost/join: forty rows at most``` '
  const waived = await query('lint', `index=a ${waiver}| join x [search b]`, '--language', 'spl')
  assert.doesNotMatch(waived.out, /cost\/join/)
  const error = 'index=a ```rulewright-ignore spl/unknown-command: no``` | sttas count'
  assert.match((await query('lint', error, '--language', 'spl')).out, /unknown-command/)
})

test('NDJSON goes in and comes out line by line, each in the language it names', async () => {
  const lines = [
    { id: 'a', query: 'a:1 and', language: 'kuery' },
    { id: 'b', query: 'SecurityEvent | wher 1', language: 'kusto' },
    { id: 3, query: 'FROM logs-* | LIMIT 5', language: 'esql' },
    { id: 'd', query: 'a:1 AND', note: 'of the flag’s language' },
  ]
  const text = lines.map((line) => JSON.stringify(line)).join('\n')
  const { code, out } = await query('lint', `${text}\n`, '--ndjson', '--language', 'lucene')
  assert.equal(code, 1)
  const answers = out
    .split('\n')
    .map((line) => JSON.parse(line) as { id: unknown; problems: object[] })
  assert.deepEqual(
    answers.map(({ id }) => id),
    ['a', 'b', 3, 'd'],
  )
  assert.deepEqual(answers[0]?.problems, [
    {
      code: 'kuery/expected',
      severity: 'error',
      message: 'Expected a field, a value or “(”; the query ends here.',
      line: 1,
      column: 8,
      endLine: 1,
      endColumn: 8,
    },
  ])
  assert.match(JSON.stringify(answers[1]), /"kusto\/unknown-operator".*"column":17.*where/)
  assert.match(JSON.stringify(answers[3]), /lucene\/expected/)
})

test('format prints the query alone, or nothing when it has errors', async () => {
  const good = await query('format', 'from a|where x==1', '--language', 'esql')
  assert.equal(good.out, 'FROM a\n| WHERE x == 1')
  assert.equal(good.code, 0)
  const bad = await query('format', 'from a|wher x', '--language', 'esql')
  assert.deepEqual([bad.code, bad.out], [1, ''])
  assert.match(bad.err, /esql\/unknown-command/)
})

test('reads is one JSON document with places in lines and columns', async () => {
  const { out, code } = await query(
    'reads',
    'index=a\nsourcetype=b | stats count by c',
    '--language',
    'spl',
  )
  assert.equal(code, 0)
  const facts = JSON.parse(out) as { sources: object[]; scope: { state: string } }
  assert.deepEqual(facts.sources[1], {
    kind: 'sourcetype',
    name: 'b',
    isPattern: false,
    line: 2,
    column: 12,
    endLine: 2,
    endColumn: 13,
  })
  assert.equal(facts.scope.state, 'scoped')
})

test('guard allows what only reads and refuses the rest by name', async () => {
  const allowed = await query('guard', 'index=a | stats count', '--language', 'spl')
  assert.deepEqual([allowed.code, allowed.out], [0, 'allowed: it only reads'])
  const refused = await query('guard', 'index=a\n| OutputLookup x.csv', '--language', 'spl')
  assert.equal(refused.code, 1)
  assert.match(refused.out, /^-:2:3: error: “outputlookup”.*\[guard\/writes\]/)
  const broken = await query('guard', 'index=a | (', '--language', 'spl')
  assert.equal(broken.code, 1)
  assert.match(broken.out, /guard\/unreadable/)
})

test('a schema makes unknown names errors and says what macros stand for', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-query-'))
  const schema = path.join(folder, 'schema.json')
  writeFileSync(
    schema,
    JSON.stringify({
      tables: { Own_CL: { Name_s: 'string' } },
      macros: { win: { definition: 'index=win' }, save: { definition: 'outputlookup x.csv' } },
    }),
  )
  const flags = ['--schema', schema]
  const kusto = await query('lint', 'Own_CL | where Nam_s == 1', '--language', 'kusto', ...flags)
  assert.match(kusto.out, /error: .*\[kusto\/unknown-name\] \(Did you mean Name_s\?\)/)
  const kuery = await query('lint', 'Nam_s: x and Name_s: y', '--language', 'kuery', ...flags)
  assert.match(kuery.out, /^-:1:1: warning: .*\[kuery\/unknown-field\] \(Did you mean Name_s\?\)$/)
  const fine = await query('guard', '`win` | head 5', '--language', 'spl', ...flags)
  assert.equal(fine.code, 0)
  const writes = await query('guard', 'index=a | `save`', '--language', 'spl', ...flags)
  assert.match(writes.out, /guard\/writes/)
})

test('wrong usage is exit 2 and says what would be right', async () => {
  const flags = [
    [[], /--language is missing: spl, kusto/],
    [['--language', 'kql'], /kql names two languages: say kusto or kuery/],
    [['--ndjson', '--language', 'spl'], /-:1 is no JSON/],
    [['--language', 'spl', '--schema', '/nowhere.json'], /does not exist/],
  ] as const
  for (const [given, expected] of flags) {
    const { code, err } = await query('lint', 'index=a', ...given)
    assert.equal(code, 2, given.join(' '))
    assert.match(err, expected)
  }
})
