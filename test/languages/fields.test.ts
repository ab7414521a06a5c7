// Names of fields against what a schema and the commands before them give.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIALECTS } from '#languages/dialects.ts'
import type { QuerySchema } from '#languages/query.ts'

const SCHEMA: QuerySchema = {
  tables: {
    'logs-endpoint': { '@timestamp': 'date', 'process.name': 'keyword', 'host.id': 'keyword' },
    'logs-cloud': { '@timestamp': 'date', 'cloud.account': 'keyword' },
    people: { 'user.id': 'keyword', team: 'keyword' },
    wineventlog: { EventCode: 'string', user: 'string', Image: 'string' },
  },
  lookups: { assets: ['ip', 'owner'] },
  macros: { tidy: { definition: 'rename proc.* AS *' } },
}

function unknown(language: 'spl' | 'esql' | 'eql', text: string, schema?: QuerySchema) {
  return DIALECTS[language]
    .lint(text, schema)
    .filter(({ code }) => code === `${language}/unknown-field`)
    .map(({ line, column, message, hint }) => {
      const [, name = ''] = /“(.*)”/.exec(message) ?? []
      return hint === undefined ? `${line}:${column} ${name}` : `${line}:${column} ${name}: ${hint}`
    })
}

test('ES|QL: a field that its indexes do not have is named with the nearest', () => {
  const from = (rest: string) => unknown('esql', `FROM logs-end* | ${rest}`, SCHEMA)
  assert.deepEqual(from('WHERE process.name == "a"'), [])
  assert.deepEqual(from('WHERE proces.name == "a"'), [
    '1:24 proces.name: Did you mean process.name?',
  ])
  assert.deepEqual(from('WHERE cloud.account == "a"'), ['1:24 cloud.account'])
  assert.deepEqual(unknown('esql', 'FROM logs-end* | WHERE anything == 1'), [])
  assert.deepEqual(unknown('esql', 'FROM logs-end* METADATA _id | KEEP _id', SCHEMA), [])
})

test('ES|QL: what commands make is known from there on, and what they drop is not', () => {
  const from = (rest: string) => unknown('esql', `FROM logs-endpoint\n| ${rest}`, SCHEMA)
  assert.deepEqual(from('EVAL a = 1, b = a + 1 | WHERE b > a'), [])
  assert.deepEqual(from('EVAL b = a + 1, a = 1'), ['2:12 a'])
  assert.deepEqual(from('STATS n = COUNT(*), COUNT(*) BY host.id | SORT n, `COUNT(*)`'), [])
  assert.deepEqual(from('STATS n = COUNT(*) BY host.id | WHERE process.name == "a"'), [
    '2:41 process.name',
  ])
  assert.deepEqual(from('INLINE STATS n = COUNT(*) BY host.id | WHERE process.name == "a"'), [])
  assert.deepEqual(from('DISSECT process.name "%{first} %{+rest}" | KEEP first, rest'), [])
  assert.deepEqual(from('GROK process.name "%{WORD:first:keyword}" | KEEP first'), [])
  assert.deepEqual(from('RENAME host.id AS h | KEEP h, host.id'), ['2:33 host.id'])
  assert.deepEqual(from('DROP host.* | KEEP host.id'), ['2:22 host.id'])
  assert.deepEqual(from('ENRICH p ON host.id WITH place | KEEP place'), [])
  assert.deepEqual(from('ENRICH p ON host.id | KEEP anything'), [])
  assert.deepEqual(from('EVAL user.id = "1" | LOOKUP JOIN people ON user.id | KEEP team'), [])
  assert.deepEqual(from('FORK (EVAL a = 1) (EVAL b = 2) | KEEP a, b, _fork'), [])
  assert.deepEqual(unknown('esql', 'ROW alpha = 1 | WHERE b == 1'), ['1:23 b'])
})

test('SPL: fields of events are those of the schema, and those that commands make', () => {
  const search = (rest: string, schema: QuerySchema = SCHEMA) =>
    unknown('spl', `index=win earliest=-1h ${rest}`, schema)
  assert.deepEqual(search('EventCode=1 host=a sourcetype=b tag=c'), [])
  assert.deepEqual(search('EventCod=1'), ['1:24 EventCod: Did you mean EventCode?'])
  assert.deepEqual(search('EventCod=1', {}), [])
  assert.deepEqual(search('| eval a=1, b=a | where b=1'), [])
  assert.deepEqual(search('| rex field=Image "(?<file>[^\\\\\\\\]+)$" | search file=x'), [])
  assert.deepEqual(search('| rex field=Imag "x"'), ['1:30 Imag: Did you mean Image?'])
  assert.deepEqual(search('| lookup assets ip OUTPUT owner AS who | where who="x"'), [])
  assert.deepEqual(search('| lookup assets ip | where owner="x"'), [])
  assert.deepEqual(search('| lookup elsewhere ip | where anything="x"'), [])
  assert.deepEqual(search('| spath | where anything="x"'), [])
  assert.deepEqual(search('| where isnull(gone) OR coalesce(gone, user)="x"'), [])
})

test('SPL: what a command leaves behind is known without a schema', () => {
  const search = (rest: string) =>
    unknown('spl', `index=win earliest=-1h\n| ${rest}`, { macros: SCHEMA.macros! })
  assert.deepEqual(search('stats count, values(x) as xs by user | where count>1 AND xs="a"'), [])
  assert.deepEqual(search('stats count by user | where usr="a"'), ['2:31 usr: Did you mean user?'])
  assert.deepEqual(search('stats dc(x) by user | where \'dc(x)\'>1 | sort -"dc(x)"'), [])
  assert.deepEqual(search('stats values(*) as * by user | where anything=1'), [])
  assert.deepEqual(search('eventstats count by user | where anything=1'), [])
  assert.deepEqual(search('table alpha b | fields - alpha | where alpha=1'), ['2:42 alpha'])
  assert.deepEqual(search('stats count by proc.name | rename proc.* as * | where name="a"'), [])
  assert.deepEqual(search('stats count by proc.name | `tidy` | where nam="a"'), [
    '2:45 nam: Did you mean name?',
  ])
  assert.deepEqual(search('stats count by user | `elsewhere` | where anything="a"'), [])
  assert.deepEqual(search('stats count by user | append [search index=b] | where x=1'), [])
  assert.deepEqual(
    search('stats count by user | append [search index=b | stats count by x] | where x=1'),
    [],
  )
  assert.deepEqual(search('top limit=3 user by host | where percent>5 AND user="a"'), [])
})
