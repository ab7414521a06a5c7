// Canonical JSON against the examples of RFC 8785, and what has no canonical form.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentHash } from '#kernel/hash.ts'
import { canonicalJson, JSON_DEPTH_MAX, type Json } from '#kernel/json.ts'

test('numbers print as RFC 8785 appendix B lists them', () => {
  const samples: readonly [string, string][] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555555', '333333333.3333333'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
  ]
  for (const [bits, text] of samples) {
    assert.equal(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE()), text)
  }
})

test('members sort by UTF-16 code units, RFC 8785 section 3.2.3', () => {
  const value = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 }
  const order = [...canonicalJson(value).matchAll(/:(\d)/g)].map(([, place]) => place)
  assert.equal(order.join(''), '2467153')
})

test('the same value gives the same text whatever the order of its members', () => {
  const property = (value: Record<string, unknown>) => {
    const reversed = Object.fromEntries(Object.entries(value).reverse())
    assert.equal(canonicalJson(value as Json), canonicalJson(reversed as Json))
    assert.equal(contentHash(value as Json), contentHash(reversed as Json))
    assert.deepEqual(JSON.parse(canonicalJson(value as Json)), JSON.parse(JSON.stringify(value)))
  }
  const anything = fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 4 }),
  )
  fc.assert(fc.property(anything, property))
})

test('what has no JSON form is a bug, not a silent gap', () => {
  const refused: unknown[] = [Number.NaN, Infinity, '\ud800', { at: undefined }, new Date(0), [1n]]
  for (const value of refused) {
    assert.throws(() => canonicalJson(value as Json), { name: 'Bug' }, String(value))
  }
})

test('depth is bounded before the stack is', () => {
  let deep: Json = 1
  for (let level = 0; level < JSON_DEPTH_MAX; level++) deep = [deep]
  assert.ok(canonicalJson(deep))
  assert.throws(() => canonicalJson([deep]), { name: 'Bug' })
})
