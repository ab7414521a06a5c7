// The OpenAPI document as a whole: what the standard says of it, and its examples.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describeApi } from '#http/api/document.ts'
import { OPERATIONS } from '#http/api/operations.ts'
import { compilerOf, type Documented } from '#test/support/api-schema.ts'

const document = describeApi(OPERATIONS)

test('the document is one by the meta-schema of OpenAPI', async () => {
  const { valid, errors } = await new Validator().validate({ ...document })
  assert.ok(valid, JSON.stringify(errors))
  const broken = { ...document, paths: { '/me': { get: { parameters: [{ name: 'x' }] } } } }
  assert.equal((await new Validator().validate(broken)).valid, false, 'the premise')
})

test('every body and answer has an example, which is what its schema says', () => {
  const compile = compilerOf(document)
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  assert.ok(operations.length > 20, 'the premise')
  for (const { operationId, requestBody, responses } of operations) {
    for (const part of [requestBody, ...Object.values(responses)]) {
      const content = (part as Documented | undefined)?.content?.['application/json']
      if (!content) continue
      const what = `${operationId}: ${content.schema.$ref}`
      assert.ok(content.example, `${what} has no example in src/http/api/examples.ts`)
      const isValid = compile(content.schema)
      assert.ok(isValid(content.example), `${what}: ${JSON.stringify(isValid.errors)}`)
    }
  }
})

/** Tells of one thing, part by part: no list that goes on. */
const OF_ONE_THING = [
  '/alerts',
  '/coverage',
  '/changes/{id}/impact',
  '/changes/{id}/plan',
  '/changes/{id}/signatures',
  '/providers/{id}/keys',
  '/rules/{id}/renders',
]

test('a list takes limit and cursor and says what comes next', () => {
  const schemas = document.components.schemas as Record<
    string,
    { properties?: Record<string, { type?: string }> }
  >
  let lists = 0
  for (const [path, { get }] of Object.entries(document.paths)) {
    const content = (get?.responses['200'] as Documented | undefined)?.content?.['application/json']
    const { $ref = '' } = (content?.schema ?? {}) as { $ref?: string }
    if (OF_ONE_THING.includes(path)) continue
    const { id, items, ...rest } = schemas[$ref.split('/').at(-1)!]?.properties ?? {}
    const onlyOf = Object.values(rest).filter(({ type }) => type === 'array')
    assert.ok(
      onlyOf.length !== 1 || Object.keys(rest).length > 1,
      `${path} is a list: call it items`,
    )
    if (!items || id) continue
    lists += 1
    const names = get!.parameters.map(({ name }) => name)
    assert.ok(rest['next'] && names.includes('limit') && names.includes('cursor'), path)
  }
  assert.ok(lists > 30, 'the premise')
})
