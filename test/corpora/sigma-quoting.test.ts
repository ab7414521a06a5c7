// The same as test/languages/sigma/quoting.test.ts, over ten thousand texts and names.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { breach, hostileName, hostileText, shape } from '#test/languages/sigma/proof/quoting.ts'
import { BACKENDS } from '#languages/sigma/names.ts'

for (const backend of BACKENDS) {
  void test(`${backend}: ten thousand hostile texts stay texts, and names names`, () => {
    fc.assert(
      fc.property(hostileText, shape, (text, shaped) => {
        assert.equal(breach(backend, 'A', text, shaped(text)), null)
      }),
      { numRuns: 10_000, seed: 11 },
    )
    fc.assert(
      fc.property(hostileName, (name) => {
        assert.equal(breach(backend, name, 'value', ['value']), null)
      }),
      { numRuns: 10_000, seed: 11 },
    )
  })
}
