// Every published rule under every check. They are sound rules, read and tested by many: a check that
// calls one an error is wrong, and one that warns of many says nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lintFiles } from '#languages/sigma/lint.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'

/** The share of rules one check may warn of. */
const WARNINGS_SHARE_MAX = 0.01

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  const files = readCorpus<{ path: string; yaml: string }>('sigma/rules.jsonl.gz').map(
    ({ path, yaml }) => ({ path, text: yaml, outlines: parseSigma(yaml).outlines }),
  )
  const linted = lintFiles(files, { today: '2100-01-01' })

  test('no check calls a published rule an error', () => {
    const errors = linted.flatMap(({ path, problems }) =>
      problems.filter(({ severity }) => severity === 'error').map(({ code }) => `${path}: ${code}`),
    )
    assert.deepEqual(errors, [])
    assert.ok(linted.length > 2_000)
  })

  test('no check warns of more than a few published rules', (context) => {
    const counts = new Map<string, number>()
    for (const { problems } of linted) {
      const codes = problems
        .filter(({ severity }) => severity === 'warning')
        .map(({ code }) => code)
      for (const code of new Set(codes)) counts.set(code, (counts.get(code) ?? 0) + 1)
    }
    for (const [code, count] of counts) context.diagnostic(`${count} rules: ${code}`)
    const noisy = [...counts].filter(([, count]) => count > WARNINGS_SHARE_MAX * linted.length)
    assert.deepEqual(noisy, [])
  })
}
