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
