// A fixed tenth of the shared rules beside what the community's converter printed; the corpora suite
// compares them all.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpusPath } from '#test/support/corpora.ts'
import { COMBINATIONS, compareWithReference, readSubjects } from '#test/support/sigma-reference.ts'

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  const subjects = readSubjects(10)
  for (const combination of COMBINATIONS) {
    void test(`${combination.name}: a tenth of the texts is the reference's or explained`, () => {
      const { identical, unexplained, lost } = compareWithReference(combination, subjects)
      assert.deepEqual(unexplained, [])
      assert.ok(lost.length <= 1)
      assert.ok(identical > 0)
    })
  }
}
