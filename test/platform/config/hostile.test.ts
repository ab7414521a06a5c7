// Hostile settings files: each ends in a problem with a place, quickly. The larger collection lies
// beside the checkout and is used when it is there.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { fromFile } from '#platform/config/sources.ts'
import { readToml } from '#platform/config/toml.ts'
import { corpusPath } from '#test/support/corpora.ts'

const OWN: Readonly<Record<string, string>> = {
  'a day that does not exist': 'data = 2026-02-30\n',
  'a lone carriage return': 'data = "a"\rlog = 1',
  'a table twice': '[log]\n[log]\n',
  'a table that was a value': 'log = 1\n[log]\n',
  'an inline table extended': 'log = { level = "info" }\nlog.level = "warn"\n',
  'a number no machine holds': '[backup]\nkeep = 9223372036854775808\n',
  'a nesting bomb': `data = ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`,
  'a table bomb': `[${Array.from({ length: 5_000 }, () => 'a').join('.')}]\n`,
  'a string without end': 'data = """\nabc',
  'a NUL in a path': 'data = "a\\u0000b"\n',
  'an array of tables': '[[log]]\nlevel = "info"\n',
  'a secret key spelled with escapes': '"master\\u005fsecret" = "x"\n',
}

function problemsOf(bytes: Uint8Array) {
  const { value, problems } = readToml(bytes)
  return value ? fromFile(value).problems : problems
}

for (const [name, text] of Object.entries(OWN)) {
  test(`${name} is a problem with a place`, () => {
    const problems = problemsOf(Buffer.from(text))
    assert.ok(problems.length > 0)
    for (const { line, column } of problems) assert.ok(line! >= 1 && column! >= 1)
  })
}

const corpus = corpusPath('hostile/toml')
if (corpus !== undefined) {
  for (const file of globSync('*.gz', { cwd: corpus })) {
    test(`hostile ${file} is a problem with a place`, () => {
      const problems = problemsOf(gunzipSync(readFileSync(path.join(corpus, file))))
      assert.ok(problems.length > 0)
      assert.ok(problems.every(({ line }) => line! >= 1))
    })
  }
}
