// The fast reader against the thorough one: whatever it reads, it reads as the other does, places
// included, and only what the other finds no fault with.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Source } from '#languages/sigma/source.ts'
import { readEvents } from '#languages/sigma/yaml-events.ts'
import { readThoroughly } from '#languages/sigma/yaml.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'
import { ruleText } from '#test/support/rule-text.ts'

const PLAIN = [
  ruleText(''),
  ruleText(
    'detection:\n  a:\n    - Image|endswith: \'\\a.exe\'\n      User:\n    - B: "c\\td"\n  condition: a',
  ),
  'a: {b: [1, \'x\', "y"], c: {d: e}}\nf:\n- a\n- b: 1\n  c: |\n    x\n\n    y\n- >-\n  fold\n  ed\n',
  "k: plain\n  multi # comment\n# another\nl:\n  - - x\n    - y\n---\nz: 'q''q'\n--- \n# c\nlast: |-\n  x",
  'numbers: [1, 010, 0x1f, 1e3, .5, 12:30]\nwords: [yes, no, ~, null, True]\nmissing:\nafter: x\n',
]

function assertSame(text: string): boolean {
  const fast = readEvents(text)
  if (fast === undefined) return false
  const source = new Source(text)
  const thorough = readThoroughly(source)
  assert.deepEqual(source.problems, [], text)
  const bare = (documents: typeof thorough) => documents.map(({ root, end }) => ({ root, end }))
  assert.deepEqual(bare(fast), bare(thorough), text)
  return true
}

test('plain documents are read to the same tree with the same places', () => {
  for (const text of PLAIN) assert.ok(assertSame(text), text)
})

test('what is not plain is left to the thorough reader', () => {
  const odd = [
    'a: &b 1',
    'a: *b',
    '!!str a: b',
    'a: 1\na: 2',
    '<<: {a: 1}',
    '? a\n: b',
    '%YAML 1.1\n---\na: 1',
  ]
  odd.push('a:\tb', 'a: b\r\n', 'a: |+\n  b\n\n', 'a: [1 # c\n]', 'a: [', 'a: "x', '[a]: b')
  for (const text of odd) assert.equal(readEvents(text), undefined, text)
})

const BITS =
  ' |  |\n|\n\n|: |- | #|{|}|[|]|,|"|\'|>-|---\n|\n...\n|&a |*a|!!str |? |<<: |@|`|\\|~|\n    |x: y\n|- z\n|é|😀'
    .split('|')
    .concat('|')

test('a plain document with something put out of place is read the same or not at all', () => {
  const bits = fc.constantFrom(...BITS)
  const edit = fc.record({ at: fc.nat(400), cut: fc.nat(4), put: fc.option(bits, { nil: '' }) })
  let readCount = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...PLAIN),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (plain, edits) => {
        let text = plain
        for (const { at, cut, put } of edits) {
          const place = at % (text.length + 1)
          text = text.slice(0, place) + put + text.slice(place + cut)
        }
        if (assertSame(text)) readCount++
      },
    ),
    { numRuns: 4_000, seed: 1 },
  )
  assert.ok(readCount > 500, `only ${readCount} were read`)
})

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  test('published rules are nearly all plain, and read to the same tree', () => {
    const rules = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz').filter(
      (_, at) => at % 10 === 0,
    )
    const plain = rules.filter(({ yaml }) => assertSame(yaml))
    assert.ok(plain.length > 0.98 * rules.length)
  })
}
