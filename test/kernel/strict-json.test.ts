// JSON from strangers: read in one way or not at all.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { parseStrictJson } from '#kernel/strict-json.ts'
import { readCorpus } from '#test/support/corpora.ts'

test('any value that JSON can say comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value)
      if (text.includes('__proto__') || !text.isWellFormed() || /\\ud[89a-f]/i.test(text)) return
      assert.deepEqual(parseStrictJson(text), { ok: true, value: JSON.parse(text) })
    }),
  )
})

test('no text makes it throw', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', 'e', '-', '\\', 'a', ' ')
  fc.assert(fc.property(fc.array(pieces), (parts) => void parseStrictJson(parts.join(''))))
})

const REFUSED: readonly (readonly [text: string, why: RegExp])[] = [
  ['{"role":"viewer","role":"admin"}', /"role" stands there twice/],
  ['{"a":{"b":1,"b":2}}', /"b" stands there twice/],
  ['{"a":1,"\\u0061":2}', /"a" stands there twice/],
  ['{"__proto__":{"isAdmin":true}}', /__proto__/],
  ['{"a":{"\\u005f_proto__":1}}', /__proto__/],
  ['{"a":"\\ud800"}', /half a character/],
  ['{"\\udc00":1}', /half a character/],
  ['[1e999]', /larger than any/],
  ['{"limit":-1e400}', /larger than any/],
  ['[', /JSON/],
  ['{"a":1/*x*/}', /JSON/],
  ['\ufeff{"a":1}', /JSON|token/],
  ['['.repeat(65) + ']'.repeat(65), /nested/],
  ['['.repeat(500_000), /nested/],
  [`[${'1,'.repeat(200_000)}1]`, /more than 100000 values/],
]

for (const [text, why] of REFUSED) {
  test(`refused: ${text.slice(0, 40)}`, () => {
    const answer = parseStrictJson(text)
    assert.ok(!answer.ok)
    assert.match(answer.why, why)
  })
}

const TAKEN = [
  '{"a":{"b":1},"b":2,"c":[{"b":1},{"b":2}]}',
  '["a","a"]',
  '{"constructor":{"prototype":1},"toJSON":1,"then":1,"hasOwnProperty":1}',
  '{"a":"{\\"b\\":1,\\"b\\":2}"}',
  '{"":1," ":2}',
  ' [ 1 , -0 , 1.5e3 , true , null ] ',
  '['.repeat(64) + ']'.repeat(64),
]

for (const text of TAKEN) {
  test(`taken: ${text.slice(0, 40)}`, () => {
    assert.deepEqual(parseStrictJson(text), { ok: true, value: JSON.parse(text) })
  })
}

test('the published suite of JSON texts is judged as it says', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const isTaken = (b64: string) => {
    try {
      return parseStrictJson(decoder.decode(Buffer.from(b64, 'base64'))).ok
    } catch {
      return false
    }
  }
  const cases = readCorpus<{ name: string; expect: string; b64: string }>(
    'hostile/json_test_suite.jsonl.gz',
  )
  for (const { name, expect, b64 } of cases) {
    // What the grammar allows and we refuse on purpose: a name that stands twice.
    if (name.includes('duplicated_key')) assert.equal(isTaken(b64), false, name)
    else if (expect !== 'either') assert.equal(isTaken(b64), expect === 'accept', name)
    else isTaken(b64)
  }
})
