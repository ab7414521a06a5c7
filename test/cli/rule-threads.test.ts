// Rule files over several threads: the answers are the same, to the byte, as without.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convertShares } from '#cli/rule-threads.ts'
import { convertAll } from '#languages/sigma/convert-files.ts'
import { settleShares, type RuleText } from '#languages/sigma/convert-shares.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { shellFor } from '#test/support/shell.ts'
import { thoroughly } from '#test/support/thorough.ts'

function rule(at: number): string {
  return `title: Program ${at}
name: program_${at}
logsource: {category: process_creation, product: windows}
detection: {sel: {Image|endswith: '\\p${at}.exe'}, condition: sel}
`
}

function correlation(title: string, reference: string, more = ''): string {
  return `title: ${title}
name: ${title}
correlation: {type: event_count, rules: [${reference}], group-by: [User], timespan: 5m, condition: {gte: 10}${more}}
`
}

function filter(rules: string, user: string): string {
  const search = `selection: {User: ${user}}, condition: not selection`
  return `title: Not ${user}
logsource: {category: process_creation, product: windows}
filter: {rules: ${rules}, ${search}}
`
}

const PLAIN = Array.from({ length: 130 }, (_, at) => rule(at))
/** Files that speak of documents in others, far from them. */
const BOUND = [
  ...PLAIN.slice(0, 70),
  correlation('many', 'program_3'),
  filter('[program_5]', 'ada'),
  `title: Broken\ndetection: {sel: {A|contians: x}, condition: sel}\n---\n${rule(500)}`,
  ...PLAIN.slice(70),
  correlation('chain', 'many'),
  correlation('lost', 'program_999'),
  correlation('loud', 'program_100', ', generate: true'),
  filter('any', 'eve'),
  'no: [map',
]
/** A quick look at the text does not find this filter. */
const HIDDEN = [...PLAIN, `{${filter('any', 'eve').trim().replaceAll('\n', ', ')}}`]

const HOW = { to: 'spl', withOutputs: false } as const

for (const [what, texts] of Object.entries({ plain: PLAIN, bound: BOUND, hidden: HIDDEN })) {
  void test(`${what} files are converted alike by any number of threads`, async () => {
    const files = texts.map((text, at): RuleText => ({ path: `${at}.yml`, text }))
    const parsed = files.map(({ path, text }) => ({ path, outlines: parseSigma(text).outlines }))
    const wanted = convertAll(parsed, 'spl', []).map(({ path, outline, conversion }) => {
      const { queries, problems } = conversion
      return [path, outline.index, outline.title, queries, problems]
    })
    assert.equal(what === 'plain', wanted.length === texts.length)
    for (const cores of thoroughly([2], [1, 2, 3])) {
      const threads = { cores, filesMin: 1 }
      const shared = await convertShares(shellFor(), files, { ...HOW, pipelines: [] }, threads)
      const settled = settleShares(files, shared, { ...HOW, pipelines: [] })
      const found = settled.map(({ path, document, title, queries, problems }) => {
        return [path, document, title, queries, problems]
      })
      assert.deepEqual(found, wanted)
    }
  })
}

void test('a person who gives up ends the threads', async () => {
  const files = PLAIN.map((text, at): RuleText => ({ path: `${at}.yml`, text }))
  const ending = new AbortController()
  const shell = shellFor({ signal: ending.signal })
  const threads = { cores: 2, filesMin: 1 }
  const running = convertShares(shell, files, { ...HOW, pipelines: [] }, threads)
  const reason = new Error('enough')
  ending.abort(reason)
  await assert.rejects(running, reason)
})
