// Our verdict on a document is that of the official JSON schemas: over all published rules, the edge
// cases of the community's tests, and thousands of documents with something put out of place.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { judgeSchema } from '#languages/sigma/lint/schema.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { toData, valueOf, type YamlMap } from '#languages/sigma/yaml.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'
import { ruleText } from '#test/support/rule-text.ts'

const folder = corpusPath('sigma/spec')

if (folder !== undefined) {
  const schemas = {
    rule: compile('sigma-detection-rule-schema.json'),
    correlation: compile('sigma-correlation-rules-schema.json'),
    filter: compile('sigma-filters-schema.json'),
  }

  const compare = (text: string) => {
    const roots = parseSigma(text).outlines.flatMap(({ root }) => root ?? [])
    for (const root of roots) {
      const told: string[] = []
      judgeSchema(root, (code) => told.push(code))
      const schema = schemas[kindOf(root)]
      const isValid = schema(toData(root))
      const why = JSON.stringify(schema.errors)
      assert.equal(
        told.length === 0,
        isValid,
        `${text.slice(0, 2_000)}\n${why}\n${told.join(', ')}`,
      )
    }
    return roots.length
  }

  test('every published rule has the verdict of its schema', () => {
    const rules = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz')
    assert.equal(
      rules.reduce((count, { yaml }) => count + compare(yaml), 0),
      rules.length,
    )
  })

  test('every edge case has the verdict of its schema', () => {
    const cases = readCorpus<{ rule: string }>('sigma/edge_cases.jsonl.gz')
    for (const { rule } of cases) compare(rule)
    assert.ok(cases.length > 300)
  })

  test('a document with something out of place has the verdict of its schema', () => {
    const verdicts = new Set<boolean>()
    const anything = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, 7, 1.5, '', 'x', 'any', 'low') },
      fc.constantFrom<unknown>([], {}, ['a', 'a'], [null], ['a', 1], [{ a: 1 }, { a: 1 }], [[]]),
      fc.constantFrom<unknown>('2024-02-31', '2024-13-01', 'attack.t1059', 'value_median'),
      fc.constantFrom<unknown>('y'.repeat(257), 'value_percentile', 'temporal', 'a'.repeat(11)),
    )
    const change = fc.record({ at: fc.nat(), value: fc.option(anything, { nil: undefined }) })
    const changes = fc.array(change, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), changes, (sample, applied) => {
        const document = structuredClone(sample)
        for (const { at, value } of applied) disturb(document, at, value)
        const kind =
          'correlation' in document ? 'correlation' : 'filter' in document ? 'filter' : 'rule'
        verdicts.add(schemas[kind](document))
        compare(JSON.stringify(document))
      }),
      { numRuns: 5_000, seed: 1 },
    )
    assert.deepEqual(verdicts, new Set([true, false]))
  })
}

function compile(name: string): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false })
  ajv.addFormat('uuid', /^(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i)
  const { $schema: _, ...schema } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as {
    readonly $schema: string
  }
  return ajv.compile(schema)
}

function kindOf(root: YamlMap): 'rule' | 'correlation' | 'filter' {
  if (valueOf(root, 'correlation')) return 'correlation'
  return valueOf(root, 'filter') ? 'filter' : 'rule'
}

type Json = Record<string, unknown>

/** Sets or, for undefined, removes the part that `at` falls on, counting all keys at all depths. */
function disturb(document: Json, at: number, value: unknown): void {
  const places: (readonly [holder: Json, key: string])[] = []
  const walk = (holder: Json) => {
    for (const [key, inner] of Object.entries(holder)) {
      places.push([holder, key])
      if (typeof inner === 'object' && inner !== null) walk(inner as Json)
    }
  }
  walk(document)
  const place = places[at % Math.max(1, places.length)]
  if (place === undefined) return
  const [holder, key] = place
  if (value !== undefined) holder[key] = value
  else if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}

const UUID = '80167ada-7a12-41ed-b8e9-aa47195c66a2'

const SAMPLES: readonly Json[] = [
  `related: [{id: ${UUID}, type: similar}]
name: whoami
taxonomy: sigma
license: MIT
references: ['https://example.com/a', 'https://example.com/b']
modified: 2024-06-05
fields: [Image, User]
falsepositives: [Backup jobs, Updates]
tags: [attack.t1059, attack.execution]
scope: [server, workstation]
detection: {a: {Image: x}, b: [one, 2], c: [{User: y}], condition: a or b or c}`,
  `correlation: {type: value_count, rules: [one, two], group-by: [User, Host], timespan: 5m, aliases: {who: {one: User}}, condition: {gte: 10, field: Image}}
generate: true
falsepositives: [Backup jobs]`,
  'correlation: {type: temporal, rules: [one, two], group-by: [User], timespan: 5m}\nfalsepositives: Backup jobs',
  'filter: {rules: [one, two], selection: {User: ada}, condition: not selection}',
].map((lines) => toData(parseSigma(ruleText(lines)).outlines[0]!.root!) as Json)
