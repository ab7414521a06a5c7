// What an editor is told while somebody types: completions, hovers and colours, of every language.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { colourQuery, completeQuery, hoverQuery } from '#domain/queries/actions.ts'
import type { QueryLanguage, QuerySchema } from '#languages/query.ts'
import { Workers } from '#platform/worker.ts'

const workers = new Workers(1)
after(() => workers.close())

const schema: QuerySchema = {
  tables: { 'logs-host': { 'process.name': 'keyword', pid: 'long' }, Own_CL: { Name_s: 'string' } },
  macros: { 'win(1)': { definition: 'index=$x$', arguments: ['x'] } },
  lookups: { 'assets.csv': ['ip', 'owner'] },
}

/** The caret is at `^`. */
async function offered(language: QueryLanguage, marked: string): Promise<readonly string[]> {
  const offset = marked.indexOf('^')
  const text = marked.replace('^', '')
  const { items, start, end } = await completeQuery(workers, { language, text, schema }, offset)
  assert.ok(start <= offset && end === offset)
  return items.map((item) => item.text)
}

async function hover(language: QueryLanguage, marked: string): Promise<string | null> {
  const offset = marked.indexOf('^')
  return hoverQuery(workers, { language, text: marked.replace('^', ''), schema }, offset)
}

async function colours(language: QueryLanguage, text: string): Promise<string> {
  const tokens = await colourQuery(workers, { language, text })
  return tokens.map((token) => `${text.slice(token.start, token.end)} ${token.class}`).join(', ')
}

test('SPL offers commands, functions, fields, lookups and macros where each can stand', async () => {
  assert.deepEqual((await offered('spl', 'index=a | sta^')).slice(0, 1), ['stats'])
  assert.ok(!(await offered('spl', '| ^')).includes('stats'), 'only generating commands begin')
  assert.ok((await offered('spl', '| ^')).includes('tstats'))
  assert.ok((await offered('spl', 'index=a user=x | eval y=us^')).includes('user'))
  assert.ok((await offered('spl', 'index=a | eval y=mvi^')).includes('mvindex'))
  assert.ok((await offered('spl', 'index=a | stats d^')).includes('dc'))
  assert.ok((await offered('spl', 'index=a | stats count by pid^')).every((text) => text !== 'pid'))
  assert.deepEqual(await offered('spl', 'index=a | lookup ^'), ['assets.csv'])
  assert.deepEqual(await offered('spl', 'index=a ```sta^```'), [])
  assert.match((await hover('spl', 'index=a | st^ats count')) ?? '', /a row for each group/)
  assert.equal(await hover('spl', 'index=a | eval x=repl^ace(a, b, c)'), 'replace(3 values)')
  assert.equal(await hover('spl', 'index=a `w^in(b)`'), 'macro win(1): index=$x$')
  assert.equal(
    await colours('spl', 'index=a x="b" | stats count(c) by d'),
    'index field, = operator, a source, x field, = operator, "b" string, | punctuation, ' +
      'stats command, count function, ( punctuation, c field, ) punctuation, by keyword, d field',
  )
})

test('ES|QL offers what the command it stands in takes', async () => {
  assert.ok((await offered('esql', 'fr^')).includes('FROM'))
  assert.deepEqual(await offered('esql', 'FROM lo^'), ['logs-host'])
  assert.deepEqual((await offered('esql', 'FROM a | STA^')).slice(0, 1), ['STATS'])
  assert.ok((await offered('esql', 'FROM a | WHERE process.^')).includes('process.name'))
  assert.ok((await offered('esql', 'FROM a | EVAL x = rou^')).includes('round'))
  assert.ok((await offered('esql', 'FROM a | FORK (wh^')).includes('WHERE'))
  assert.match((await hover('esql', 'FROM a | KE^EP b')) ?? '', /keeps columns/)
  assert.match((await hover('esql', 'FROM a | WHERE pi^d > 1')) ?? '', /pid: long of logs-host/)
  assert.equal(
    await colours('esql', 'FROM a | STATS n = count(x) BY y // c'),
    'FROM command, a source, | punctuation, STATS command, n field, = operator, count function, ' +
      '( punctuation, x field, ) punctuation, BY keyword, y field, // c comment',
  )
})

test('EQL, Lucene and kuery offer fields and their words', async () => {
  assert.ok((await offered('eql', 'proc^')).includes('process where'))
  assert.ok((await offered('eql', 'any where star^')).includes('startsWith'))
  assert.ok((await offered('eql', 'sequence [process where true] [fi^')).includes('file where'))
  assert.match((await hover('eql', 'any where ends^With(a, "b")')) ?? '', /2 values or more/)
  assert.ok((await offered('kuery', 'pro^')).includes('process.name: '))
  assert.ok((await offered('lucene', 'a:1 AND pro^')).includes('process.name:'))
  assert.equal(
    await colours('kuery', 'a: "b" and not c: d'),
    'a field, : operator, "b" string, and keyword, not keyword, c field, : operator, d text',
  )
  assert.equal(
    await colours('lucene', 'a:b AND [1 TO 2]'),
    'a field, : operator, b text, AND keyword, [1 TO 2] string',
  )
})

test('Kusto offers columns of the tables it names, and tables where one can stand', async () => {
  assert.ok((await offered('kusto', 'Own_CL | where Na^')).includes('Name_s'))
  assert.ok((await offered('kusto', 'SecurityEvent | where Acc^')).includes('Account'))
  assert.ok((await offered('kusto', 'SecurityEv^')).includes('SecurityEvent'))
  assert.ok((await offered('kusto', 'SecurityEvent | summ^')).includes('summarize'))
  assert.match((await hover('kusto', 'SecurityEvent | where Acc^ount == "a"')) ?? '', /string/)
  assert.equal(
    await colours('kusto', 'SecurityEvent | where Account has "x" // c'),
    'SecurityEvent source, | punctuation, where command, Account field, has operator, "x" string, // c comment',
  )
})
