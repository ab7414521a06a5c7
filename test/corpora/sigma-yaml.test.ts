// The fast reader of YAML over every published rule, edge case and hostile file: the same tree as the
// thorough reader makes, places included, or none.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Source } from '#languages/sigma/source.ts'
import { readEvents } from '#languages/sigma/yaml-events.ts'
import { readThoroughly } from '#languages/sigma/yaml.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'

function isSame(text: string): boolean {
  const fast = readEvents(text)
  if (fast === undefined) return false
  const source = new Source(text)
  const bare = (documents: typeof fast) =>
    JSON.stringify(documents.map(({ root, end }) => ({ root, end })))
  assert.ok(bare(fast) === bare(readThoroughly(source)), text.slice(0, 500))
  assert.deepEqual(source.problems, [])
  return true
}

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  test('every published rule and edge case is read to the same tree', (context) => {
    const texts = [
      ...readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz').map(({ yaml }) => yaml),
      ...readCorpus<{ rule: string }>('sigma/edge_cases.jsonl.gz').map(({ rule }) => rule),
    ]
    const plain = texts.filter(isSame).length
    context.diagnostic(`${plain} of ${texts.length} read by the fast reader`)
    assert.ok(plain > 0.98 * texts.length)
  })

  test('a hostile file is read the same or not at all', () => {
    for (const name of ['hostile/sigma', 'hostile/yaml']) {
      const folder = corpusPath(name)!
      for (const file of readdirSync(folder)) {
        const text = gunzipSync(readFileSync(path.join(folder, file))).toString('utf8')
        if (text.length < 100_000) isSame(text)
      }
    }
  })
}
