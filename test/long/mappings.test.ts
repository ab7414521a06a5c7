// Mappings of any shape: what goes out comes in as the same, what was typed into the tables is read from
// them, and a hostile text is refused or understood, never half taken.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { checkDocument, readDocument, writeDocument } from '#domain/mappings/document.ts'
import type { FieldRow, LogSourceKeys, SourceRow } from '#domain/mappings/input.ts'
import {
  putField,
  putSource,
  readTable,
  removeField,
  removeSource,
} from '#domain/mappings/table.ts'
import type { PipelineData } from '#languages/sigma/pipeline.ts'
import { ELASTIC_PIPELINES } from '#languages/sigma/pipelines/elastic.ts'
import { SPLUNK_PIPELINES } from '#languages/sigma/pipelines/splunk.ts'
import { WINDOWS_PIPELINES } from '#languages/sigma/pipelines/windows.ts'
import { corpusPath } from '#test/support/corpora.ts'

const RUNS = { numRuns: 300 }

/** Texts that readers of YAML 1.1 and 1.2 take for something else are among them. */
const text = fc.oneof(
  fc.constantFrom(
    'yes',
    'no',
    'on',
    '~',
    'null',
    '010',
    '1e3',
    '0x1F',
    '1_000',
    '2020-01-01',
    '-',
    '? a',
    '.inf',
    '!!str',
    '*a',
    '&a',
    '#',
    "'",
    '"',
    'a: b',
    '<<',
    '=',
    '__proto__',
    'C:\\a\\',
    '%x%',
    '@',
    '`',
  ),
  fc
    .string({ minLength: 1, maxLength: 12 })
    .filter((one) => one.trim() === one && !/[\p{Cc}\p{Cs}]/u.test(one) && one !== ''),
)
const keys: fc.Arbitrary<LogSourceKeys> = fc
  .record({ product: text, category: text, service: text }, { requiredKeys: [] })
  .map((one) => ({ ...one }))
const someKeys = keys.filter((one) => Object.keys(one).length > 0)
const source: fc.Arbitrary<SourceRow> = fc.record({
  logsource: someKeys,
  isReplacing: fc.boolean(),
  places: fc.uniqueArray(text, { maxLength: 3 }),
  conditions: fc.dictionary(
    text.filter((one) => one !== 'index' && one !== '__proto__'),
    fc.uniqueArray(text, { minLength: 1, maxLength: 3 }),
    { maxKeys: 3 },
  ),
})
const field: fc.Arbitrary<FieldRow> = fc.record({
  logsource: keys,
  field: text.filter((one) => one !== '__proto__'),
  to: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }),
})
const kind = fc.constantFrom('splunk', 'sentinel', 'elastic' as const)

const sameKeys = (a: LogSourceKeys, b: LogSourceKeys) =>
  (['product', 'category', 'service'] as const).every((key) => a[key] === b[key])

test('rows of any names are read back, and the file of them comes in as it went out', () => {
  fc.assert(
    fc.property(
      kind,
      fc.uniqueArray(source, {
        maxLength: 4,
        comparator: (a, b) => sameKeys(a.logsource, b.logsource),
      }),
      fc.uniqueArray(field, {
        maxLength: 6,
        comparator: (a, b) => a.field === b.field && sameKeys(a.logsource, b.logsource),
      }),
      (of, sources, fields) => {
        const empty: PipelineData = { priority: 5, transformations: [] }
        const placed = sources.reduce((made, row) => putSource(made, of, row), empty)
        const document = fields.reduce((made, row) => putField(made, row), placed)
        const table = readTable(document, of)
        assert.equal(table.others.length, 0)
        assert.equal(table.sources.length, sources.length)
        assert.equal(table.fields.length, fields.length)
        for (const row of fields) {
          const read = table.fields.find(
            (one) => one.field === row.field && sameKeys(one.logsource, row.logsource),
          )
          assert.deepEqual(read?.to, row.to)
        }
        const read = readDocument(writeDocument(document))
        assert.deepEqual(read.problems, [])
        assert.equal(JSON.stringify(read.document), JSON.stringify(document))
        const without = fields.reduce((made, row) => removeField(made, row), document)
        const bare = sources.reduce((made, row) => removeSource(made, of, row.logsource), without)
        assert.deepEqual(bare, empty, 'what was added can be taken away')
      },
    ),
    RUNS,
  )
})

test('a hostile text is refused, or understood as a whole', () => {
  const folder = corpusPath('hostile/yaml')
  const files = folder === undefined ? [] : filesBelow(folder)
  for (const file of files) {
    const bytes = readFileSync(file)
    const hostile = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    const { document, problems } = readDocument(hostile)
    assert.ok((document === undefined) === problems.length > 0, file)
    if (document) assert.deepEqual(readDocument(writeDocument(document)).document, document, file)
  }
})

test('pipelines as large as the product’s own come in and go out as the same', () => {
  const all = { ...WINDOWS_PIPELINES, ...SPLUNK_PIPELINES, ...ELASTIC_PIPELINES }
  for (const [name, make] of Object.entries(all)) {
    // As a file has it: nothing that only code can say.
    const given = JSON.parse(JSON.stringify(make())) as PipelineData
    const { document, problems } = checkDocument(given)
    assert.deepEqual(problems, [], name)
    assert.deepEqual(readDocument(writeDocument(document!)).document, given, name)
  }
})

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((file) => statSync(file).isFile())
}
