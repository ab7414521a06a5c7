// SPL: what is read, what is wrong with a search and where, printing, comparing and the guard.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NESTING_MAX, QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { hasErrors } from '#kernel/problem.ts'
import { DIALECTS } from '#languages/dialects.ts'
import { compareSpl } from '#languages/spl/compare.ts'
import { formatSpl } from '#languages/spl/format.ts'
import { parseSpl } from '#languages/spl/parse.ts'
import { readSpl } from '#languages/spl/reads.ts'
import { corpusQueries, knownBadQueries } from '#test/support/corpora.ts'

interface SplMacroText {
  readonly definition: string
  readonly arguments: readonly string[]
}

function clean(text: string) {
  const { value, problems } = parseSpl(text)
  assert.deepEqual(problems, [], text)
  assert.ok(value)
  return value
}

function codes(text: string): string[] {
  return parseSpl(text).problems.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

test('searches of every shape parse', () => {
  const searches = [
    'index=main sourcetype="WinEventLog:*" EventCode IN (4624, 4625) NOT (user=*$ OR user=-) "exact phrase" TERM(10.0.0.1)',
    'search index=a | head 5',
    '| tstats summariesonly=t count min(_time) as first from datamodel=Endpoint.Processes where Processes.process="*-enc*" by Processes.dest _time span=1h',
    '| inputlookup users.csv where active=1 | rename name as user, "Full Name" as full | table user - full',
    'index=a | eval x=if(a="b" AND NOT isnull(c), c.".".d, round(e/2, 1)), \'odd name\'=mvindex(split(f, ","), -1)',
    'index=a | where like(x, "%y%") OR x LIKE "a%" AND y IN ("b", "c") AND match(z, "\\d+")',
    'index=a | stats count(eval(x>1)) as n, values(user) as users p95(t) dc(host) BY dest, src | where n > 5',
    'index=a | rex field=_raw "(?<user>[^|\\]]+)" | dedup 3 user sortby - _time | sort 0 - count, +user',
    'index=a [ search index=b | fields ip | rename ip as src | format ] | join type=left user [| inputlookup u ]',
    'index=a `my_macro(x, "a, b")` | `other_macro` | timechart span=1h limit=5 count by host',
    'index=a ```why it is here``` | transaction host startswith=(x=1) endswith=eval(y=2) maxspan=5m',
    "| makeresults count=5 | foreach * [eval <<FIELD>>=tonumber('<<FIELD>>')] | append [search index=b]",
    '| from datamodel:"Authentication" | multikv | spath output=x path=a.b{}.c | bin _time span=1d',
  ]
  for (const search of searches) clean(search)
})

test('every problem is named at its place', () => {
  assert.deepEqual(codes(''), ['spl/expected 1:1'])
  assert.deepEqual(codes('index=a | | head'), ['spl/expected 1:11'])
  assert.deepEqual(codes('index=a | sttas count'), ['spl/unknown-command 1:11'])
  assert.deepEqual(codes('index=a | stats cout(x)'), ['spl/unknown-stats-function 1:17'])
  assert.deepEqual(codes('index=a | where'), ['spl/expected 1:16'])
  assert.deepEqual(codes('index=a | eval foo bar'), ['spl/expected 1:20'])
  assert.deepEqual(codes('index=a | rename foo bar'), ['spl/expected 1:22'])
  assert.deepEqual(codes('index=a (x=1'), ['spl/unclosed 1:9'])
  assert.deepEqual(codes('index=a x=1)'), ['spl/unexpected 1:12'])
  assert.deepEqual(codes('index=a "open'), ['spl/bad-token 1:9'])
  assert.deepEqual(codes('index=a | append [search b'), ['spl/unclosed 1:18'])
  assert.deepEqual(codes('index=a | `open'), ['spl/bad-token 1:11'])
  assert.deepEqual(codes('index=a | eval x=lenght(y)'), ['spl/unknown-function 1:18'])
  assert.deepEqual(codes('index=a | eval x=if(a, b)'), ['spl/wrong-arguments 1:18'])
  assert.deepEqual(codes('index=a\n| where\n| sttas count\n| rename a b'), [
    'spl/expected 3:1',
    'spl/unknown-command 3:3',
    'spl/expected 4:12',
  ])
  assert.equal(parseSpl('index=a | sttas count').problems[0]?.hint, 'Did you mean stats?')
})

test('depth and length are bounded', () => {
  const deep = `index=a ${'('.repeat(NESTING_MAX + 5)}x`
  assert.ok(codes(deep).some((code) => code.startsWith('spl/too-deep')))
  assert.deepEqual(codes('a'.repeat(QUERY_CHARS_MAX + 1)), ['spl/too-long 1:1'])
})

test('a command stands on its line and comments stay', () => {
  assert.equal(
    formatSpl(
      'index=a   x = 1 or y!=2 ```note``` |stats count  BY host|where count>5 and like(host,"a%")',
    ),
    'index=a x=1 OR y!=2\n```note```\n| stats count BY host\n| where count>5 AND like(host, "a%")',
  )
  assert.equal(
    formatSpl('index=a TERM(x) | eval y = a . "b" - 1'),
    'index=a TERM(x)\n| eval y=a . "b" - 1',
  )
})

test('sources, fields, scope, time and costs are read', () => {
  const text =
    'index=win sourcetype=xml* earliest=-1d@d EventCode=1 Image=*\\\\cmd.exe | lookup assets ip AS src | stats count by user | join user [| inputlookup people.csv]'
  const facts = readSpl(clean(text), text)
  assert.deepEqual(
    facts.sources.map(({ kind, name }) => `${kind} ${name}`),
    ['lookup assets', 'lookup people.csv', 'index win', 'sourcetype xml*'],
  )
  assert.deepEqual(
    facts.scope.by.map((source) => source.name),
    ['win', 'xml*', 'people.csv'],
  )
  assert.deepEqual(facts.time, { earliest: '-1d@d', latest: null, basis: 'event' })
  assert.deepEqual(
    facts.costs.map((cost) => cost.code),
    ['cost/leading-wildcard', 'cost/join'],
  )
  assert.ok(facts.fields.some((field) => field.name === 'user'))
})

test('an OR with an open side, every index and an unknown macro do not scope a search', () => {
  const macros = new Map([
    ['win', { definition: 'index=win sourcetype=x', arguments: [] }],
    ['by_host(1)', { definition: 'index=win host=$host$', arguments: ['host'] }],
    ['loop', { definition: '`loop`', arguments: [] }],
  ])
  const state = (text: string) => readSpl(clean(text), text, { macros }).scope.state
  assert.equal(state('index=a x=1'), 'scoped')
  assert.equal(state('(index=a x=1) OR index=b'), 'scoped')
  assert.equal(state('index=a OR x=1'), 'unscoped')
  assert.equal(state('index=* x=1'), 'unscoped')
  assert.equal(state('NOT index=a'), 'unscoped')
  assert.equal(state('x=1 | search index=a'), 'unscoped')
  assert.equal(state('`win` x=1'), 'scoped')
  assert.equal(state('`by_host("a, b")` x=1'), 'scoped')
  assert.equal(state('`elsewhere` x=1'), 'unscoped')
  assert.equal(state('`loop` x=1'), 'unscoped')
  assert.equal(state('| tstats count from datamodel=Endpoint'), 'scoped')
})

test('a scope is followed through data models, constraints and macros to indexes', () => {
  const known = {
    macros: new Map([
      ['summaries', { definition: 'summariesonly=`flag`', arguments: [] }],
      ['flag', { definition: 'true', arguments: [] }],
      ['cim_Endpoint_indexes', { definition: '(index=win OR index=edr)', arguments: [] }],
    ]),
    datamodels: {
      Endpoint: '(`cim_Endpoint_indexes`) tag=process',
      Web: 'tag=web',
    },
  }
  const scope = (text: string) => readSpl(clean(text), text, known).scope
  const text = '| tstats `summaries` count from datamodel=Endpoint.Processes by Processes.dest'
  assert.deepEqual(
    scope(text).by.map(({ kind, name, start }) => [kind, name, text.slice(start, start + 9)]),
    [
      ['datamodel', 'Endpoint.Processes', 'datamodel'],
      ['macro', 'cim_Endpoint_indexes', 'datamodel'],
      ['index', 'win', 'datamodel'],
      ['index', 'edr', 'datamodel'],
    ],
  )
  assert.match(scope(text).note!, /^summariesonly/)
  assert.equal(scope('| tstats count from datamodel=Endpoint').note, undefined)
  const open = scope('| tstats count from datamodel=Web')
  assert.deepEqual(
    [open.state, open.note],
    ['unscoped', 'the constraint of the data model “Web” names no index'],
  )
  assert.equal(scope('| tstats count from datamodel=Web where index=proxy').state, 'scoped')
})

test('a subsearch that reads everything leaves the search unscoped', () => {
  const state = (text: string) => readSpl(clean(text), text).scope.state
  assert.equal(state('index=a | append [search index=b]'), 'scoped')
  assert.equal(state('index=a | append [search x=1]'), 'unscoped')
  assert.equal(state('index=a | appendpipe [stats count]'), 'scoped')
  assert.equal(state('| multisearch [search index=a] [search index=b]'), 'scoped')
  assert.equal(state('| multisearch [search index=a] [search *]'), 'unscoped')
  assert.equal(state('index IN (a, *)'), 'unscoped')
})

test('macros of macros end, by their names and by their length', () => {
  const laughs = Array.from({ length: 30 }, (_, index): [string, SplMacroText] => [
    `m${index}`,
    { definition: `x=1 \`m${index + 1}\` OR \`m${index + 1}\``, arguments: [] },
  ])
  const text = 'index=a `m0`'
  const facts = readSpl(clean(text), text, { macros: new Map(laughs) })
  assert.ok(facts.effects.some(({ kind }) => kind === 'unknown'))

  const swelling = new Map<string, SplMacroText>([
    ['s(1)', { definition: '`t("$x$$x$$x$$x$$x$$x$$x$$x$")`'.repeat(900), arguments: ['x'] }],
    ['t(1)', { definition: '$x$'.repeat(20_000), arguments: ['x'] }],
  ])
  const long = `index=a \`s("${'y'.repeat(10_000)}")\``
  const swollen = readSpl(clean(long), long, { macros: swelling })
  assert.ok(swollen.effects.some(({ kind }) => kind === 'unknown'))
})

test('a macro of the same name and another number of arguments is another macro', () => {
  const macros = new Map<string, SplMacroText>([
    ['tidy', { definition: 'search x=1 | `tidy(1)`', arguments: [] }],
    ['tidy(1)', { definition: 'delete', arguments: ['x'] }],
  ])
  const text = 'index=a | `tidy`'
  const named = readSpl(clean(text), text, { macros }).effects.map(({ kind }) => kind)
  assert.deepEqual(named, ['writes'])
  const called = 'index=a | `tidy(1)`'
  const effects = readSpl(clean(called), called, { macros }).effects
  assert.deepEqual(
    effects.map(({ kind, name }) => `${kind} ${name}`),
    ['writes delete'],
  )
})

test('a macro that comes back to itself is said where it is called', () => {
  const schema = {
    macros: {
      a: { definition: 'x=1 `b`' },
      b: { definition: 'y=1 `a`' },
      c: { definition: 'z=1' },
    },
  }
  const problems = DIALECTS.spl.lint('index=i earliest=-1h `c` `a`', schema)
  assert.deepEqual(
    problems.map(({ code, column }) => `${code} ${column}`),
    ['spl/macro-cycle 26'],
  )
})

test('what costs much says so, by name', () => {
  const codes = (text: string) =>
    readSpl(clean(text), text).costs.map(({ code, severity }) => `${code} ${severity}`)
  const bound = 'index=a earliest=-1h'
  assert.deepEqual(codes(`${bound} x=1 | stats count by host`), [])
  assert.deepEqual(codes('search *'), ['cost/search-all warning', 'cost/no-time-bound warning'])
  assert.deepEqual(codes('index=* earliest=-1h'), ['cost/search-all warning'])
  assert.deepEqual(codes(`${bound} *evil.exe`), ['cost/leading-wildcard warning'])
  assert.deepEqual(codes(`${bound} | rex "(?<x>a+)"`), ['cost/raw-regex warning'])
  assert.deepEqual(codes(`${bound} | rex field=url "(?<x>a+)"`), [])
  assert.deepEqual(codes(`${bound} | regex _raw="a+"`), ['cost/raw-regex warning'])
  assert.deepEqual(codes(`${bound} | regex url!="a+"`), [])
  assert.deepEqual(codes(`${bound} | where match(_raw, "a+")`), ['cost/raw-regex warning'])
  assert.deepEqual(codes(`${bound} | stats count by process_guid`), ['cost/high-cardinality info'])
  assert.deepEqual(codes(`${bound} | transaction host`), ['cost/transaction warning'])
})

test('writing, sending and running commands are effects, wherever they hide', () => {
  const macros = new Map([
    ['save', { definition: 'search x=1 | outputlookup y.csv', arguments: [] }],
  ])
  const effects = (text: string) => {
    const { value } = parseSpl(text)
    return readSpl(value!, text, { macros }).effects.map(({ kind, name }) => `${kind} ${name}`)
  }
  assert.deepEqual(effects('index=a | stats count'), [])
  assert.deepEqual(effects('index=a | OutputLookup x.csv'), ['writes outputlookup'])
  assert.deepEqual(effects('index=a | append [search index=b | collect index=c]'), [
    'writes collect',
  ])
  assert.deepEqual(effects('index=a | ```x``` sendemail to=a@b.example'), ['sends sendemail'])
  assert.deepEqual(effects('index=a | map search="search index=b"'), ['executes map'])
  assert.deepEqual(effects('index=a [ | `save` ]'), ['writes outputlookup'])
  assert.deepEqual(effects('index=a | delete'), ['writes delete'])
  assert.deepEqual(effects('index=a `who_knows`'), ['unknown who_knows'])
})

test('order inside conditions and case of keywords are no difference; the rest is', () => {
  const compare = (a: string, b: string) => compareSpl(clean(a), clean(b))
  assert.equal(compare('index=a x=1 y IN (1,2)', 'index=a AND y in (2,1) x="1" ```same```'), null)
  assert.equal(compare('index=a | stats count BY x', 'index=a|stats count by x'), null)
  assert.equal(
    compare('index=a x=1', 'index=a x=2'),
    'search no longer has x="1"; search now has x="2"',
  )
  assert.equal(compare('index=a', 'index=a | head 5'), 'adds head 5')
  assert.notEqual(compare('index=a | head 5 | sort x', 'index=a | sort x | head 5'), null)
  assert.notEqual(compare('index=a x=1 OR y=1', 'index=a (x=1 y=1)'), null)
})

test('no text makes the parser throw, and printing keeps what a clean search means', () => {
  const pieces = fc.constantFrom(
    'index=a', ' | ', 'stats count', ' by ', 'x', '=', '1', '"s"', '(', ')', '[', ']', ' OR ', 'NOT ', ' IN ', ',', 'eval y=',
    'where ', 'rename q as r', '`m`', '`', '```', '"', "'", '*', '-', '.', 'head 5', '\n', '<<FIELD>>', '\\', '!=', 'if(', 'TERM(z)',
  ) // prettier-ignore
  const property = (parts: readonly string[]) => {
    const text = parts.join('')
    const { value, problems } = parseSpl(text)
    if (value === undefined || hasErrors(problems)) return
    const printed = formatSpl(text)
    const again = parseSpl(printed)
    assert.ok(again.value && !hasErrors(again.problems), printed)
    assert.equal(compareSpl(value, again.value), null, printed)
    assert.equal(formatSpl(printed), printed)
  }
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), property), { numRuns: 3_000 })
  const after = fc.array(pieces, { maxLength: 12 }).map((parts) => ['index=a | where x ', ...parts])
  fc.assert(fc.property(after, property), { numRuns: 3_000 })
})

test('published searches parse, print and keep their meaning; known-bad ones are flagged', () => {
  const searches = corpusQueries('spl')
  let refused = 0
  for (const { query } of searches) {
    const { value, problems } = parseSpl(query)
    if (!value || hasErrors(problems)) {
      refused++
      continue
    }
    const printed = formatSpl(query)
    assert.equal(compareSpl(value, parseSpl(printed).value!), null, query)
    assert.equal(formatSpl(printed), printed)
  }
  assert.ok(refused <= searches.length * 0.01, `${refused} of ${searches.length} refused`)
  const bad = knownBadQueries('spl')
  const missed = bad.filter(({ query }) => !hasErrors(parseSpl(query).problems))
  // A quote dropped inside a macro's argument leaves a macro call that still reads.
  assert.ok(missed.every((query) => query.rule === 'unbalanced_quote'))
  assert.ok(missed.length <= bad.length * 0.01, `${missed.length} of ${bad.length} missed`)
})

test('macros and lookups are judged by the names a schema gives, and read through', () => {
  const schema = {
    macros: {
      win: { definition: 'index=win sourcetype=`kind`' },
      kind: { definition: '"xml*"' },
      'by_host(1)': { definition: 'host=$h$', arguments: ['h'] },
    },
    lookups: { 'assets.csv': ['ip'] },
  }
  const said = (text: string) =>
    DIALECTS.spl
      .lint(text, schema)
      .filter(({ code }) => code.startsWith('spl/'))
      .map(({ code, column, hint }) => [code, column, hint])
  assert.deepEqual(said('`win` `by_host(a)` | lookup assets.csv ip'), [])
  assert.deepEqual(said('`wim` | lookup assets.cvs ip'), [
    ['spl/unknown-macro', 1, 'Did you mean win?'],
    ['spl/unknown-lookup', 16, 'Did you mean assets.csv?'],
  ])
  assert.deepEqual(said('`by_host(a, b)`'), [['spl/unknown-macro', 1, undefined]])
  assert.deepEqual(DIALECTS.spl.lint('`wim` earliest=-1h').length, 0, 'nothing without a schema')
  const { facts } = DIALECTS.spl.read('`win` | stats count', schema)
  assert.deepEqual(
    facts?.sources.map(({ kind, name, start, end }) => `${kind} ${name} ${start}-${end}`),
    ['macro win 0-5', 'index win 0-5', 'sourcetype kind 0-5', 'macro kind 0-5'],
  )
  const text = '| tstats summariesonly=true count from datamodel=Endpoint'
  assert.match(DIALECTS.spl.read(text).facts?.scope.note ?? '', /accelerated/)
})
