// Hostile rule files and documents: each ends as a document or as problems, soon, and matches nothing
// it should not.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { compileRegex } from '#languages/regex.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { lintFiles } from '#languages/sigma/lint.ts'
import { Matcher } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { corpusPath } from '#test/support/corpora.ts'
import { BACKENDS } from '#languages/sigma/names.ts'

for (const folder of ['hostile/sigma', 'hostile/yaml']) {
  const where = corpusPath(folder)
  if (where === undefined) continue
  for (const name of readdirSync(where)) {
    void test(`${folder}/${name} is answered`, () => {
      const text = unzip(path.join(where, name))
        .replace('REPLACE_WITH_100K', 'x, '.repeat(100_000))
        .replace('REPLACE_WITH_1MB', 'a'.repeat(1_000_000))
      const parsed = parseSigma(text)
      const isTold = text.trim() === '' || parsed.outlines.length > 0
      assert.ok(isTold, 'neither a document nor a problem')
      lintFiles([{ path: name, text, outlines: parsed.outlines }])
      for (const document of parsed.documents) {
        if (document.kind !== 'rule') continue
        for (const backend of BACKENDS) convertRule(document, backend)
        new Matcher([document]).match({ CommandLine: 'a'.repeat(20_000) })
      }
    })
  }
}

const patterns = corpusPath('hostile/redos_patterns.txt.gz')
if (patterns !== undefined) {
  void test('patterns that stall backtracking engines are refused or answered', () => {
    for (const line of unzip(patterns).split('\n')) {
      const tab = line.indexOf('\t')
      if (tab < 0 || line.startsWith('# ')) continue
      const compiled = compileRegex(line.slice(0, tab), [])
      if ('test' in compiled) compiled.test(JSON.parse(line.slice(tab + 1)) as string)
    }
  })
}

function unzip(file: string): string {
  return gunzipSync(readFileSync(file)).toString('utf8')
}
