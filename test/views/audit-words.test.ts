// Every act that the product records has words on the audit page.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { describeAction } from '#views/audit/words.ts'

const root = path.resolve(import.meta.dirname, '../..')

test('every recorded act is shown in words', () => {
  const files = globSync('src/{domain,http,platform}/**/*.{ts,tsx}', { cwd: root })
  const acts = new Set(
    files.flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8')
      return [...text.matchAll(/(?:\baction:|_ACTION =) '([a-z]+\.[a-z_]+)'/g)].map(
        ([, act]) => act!,
      )
    }),
  )
  assert.ok(acts.size > 20, 'the premise')
  const bare = [...acts].filter((act) => describeAction(act, 'done') === act)
  assert.deepEqual(bare, [], 'add them to views/audit/words.ts')
})
