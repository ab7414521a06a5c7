// The OpenAPI 3.1 document, made from the operations: what is not declared there is not in it, and a
// test holds every answer against it.

import { z } from 'zod'
import { answerComponents, describeAnswers, jsonOf } from './document-answers.ts'
import { API_BASE, demandsVersion, isWrite, type Operation } from './operation.ts'
import { accepted, named, shownAs } from './shapes.ts'

type JsonSchema = z.core.JSONSchema.JSONSchema

interface Part {
  readonly [name: string]: unknown
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: Part
  readonly servers: readonly Part[]
  readonly security: readonly Part[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly securitySchemes: Part
    readonly responses: Part
    readonly headers: Part
  }
}

export interface DocumentedOperation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  /** The verb that scopes and role must leave to the token. */
  readonly 'x-permission': string
  readonly parameters: readonly DocumentedParameter[]
  readonly requestBody?: { readonly required: true; readonly content: Part }
  readonly responses: Readonly<Record<string, Part>>
}

export interface DocumentedParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

export const API_ABOUT =
  'Detection rules of one workspace. Send a token as Authorization: Bearer rw_pat_…; it names the workspace.'

export function describeApi(operations: readonly Operation[]): OpenApiDocument {
  const paths: Record<string, Record<string, DocumentedOperation>> = {}
  for (const one of operations) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: describe(one) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rulewright',
      version: '1',
      description: API_ABOUT,
    },
    servers: [{ url: API_BASE }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { ...schemasOf(accepted, 'input'), ...schemasOf(named, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      ...answerComponents(),
    },
  }
}

const componentUri = (id: string): string => `#/components/schemas/${id}`

const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  problems: z
    .array(
      z.object({
        code: z.string(),
        severity: z.enum(['error', 'warning', 'info']),
        message: z.string(),
      }),
    )
    .optional(),
  requestId: z.string(),
})
problem.register(named, { id: 'Refusal' })

function schemasOf(registry: typeof named, io: 'input' | 'output'): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(registry, { uri: componentUri, io, override: showAs })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  )
}

type Override = NonNullable<z.core.ToJSONSchemaParams['override']>

/** For `z.toJSONSchema`: what a query takes as text is shown as what it means. */
export const showAs: Override = ({ zodSchema, jsonSchema }) => {
  const shown = shownAs.get(zodSchema)
  if (!shown) return
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
  Object.assign(jsonSchema, shown)
}

function describe(one: Operation): DocumentedOperation {
  const { path, name, summary, about, permission } = one
  return {
    operationId: name,
    tags: [path.split('/')[1]!],
    summary,
    ...(about !== undefined && { description: about }),
    'x-permission': permission,
    parameters: [
      ...parametersOf(one.params, 'path'),
      ...parametersOf(one.query, 'query'),
      ...(isWrite(one) ? [IDEMPOTENCY_KEY] : []),
      ...versionParametersOf(one),
    ],
    ...describeBody(one),
    responses: describeAnswers(one),
  }
}

function describeBody({ body, takesArchive }: Operation): Pick<DocumentedOperation, 'requestBody'> {
  if (!body && !takesArchive) return {}
  const content = {
    ...(takesArchive && { 'application/zip': {} }),
    ...(body && { 'application/json': jsonOf(accepted.get(body)!.id) }),
  }
  return { requestBody: { required: true, content } }
}

const IDEMPOTENCY_KEY: DocumentedParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Sent again within a day, the request gets the first answer and is not done again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

function versionParametersOf(one: Operation): readonly DocumentedParameter[] {
  if (!one.isVersioned) return []
  if (one.method === 'GET') return [IF_NONE_MATCH]
  return [{ ...IF_MATCH, required: demandsVersion(one) }]
}

const IF_MATCH: DocumentedParameter = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description:
    'The ETag you saw: the change is made over that version and no other, else 412. `*` for whatever is there.',
  schema: { type: 'string', minLength: 1 },
}

const IF_NONE_MATCH: DocumentedParameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The ETag you have: 304 while it is still that version.',
  schema: { type: 'string', minLength: 1 },
}

function parametersOf(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
): readonly DocumentedParameter[] {
  if (!schema) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    override: showAs,
  })
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property as JsonSchema,
  }))
}
