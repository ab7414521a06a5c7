// A tool: an operation of the API under a name that a model calls it by. What it takes is the path, the
// query and the body of the operation as one object, so schema, permission and answer are the same at
// both doors and there is nothing a tool could do that its operation cannot.

import { z } from 'zod'
import type { Verb } from '#domain/access/permission.ts'
import { assert, forbidden } from '#kernel/error.ts'
import { showAs } from '#http/api/document.ts'
import { demandsVersion, type Call, type Operation } from '#http/api/operation.ts'
import { checkInput } from '#http/input.ts'
import { describeAnswer, type Answered } from './answer.ts'
import { WORDS } from './words.ts'

type JsonSchema = z.core.JSONSchema.JSONSchema
type Arguments = Readonly<Record<string, unknown>>

/** What a tool does to the world: nothing, asks a target something, or leaves a draft for people. */
export type ToolEffect = 'reads' | 'asks' | 'proposes'

export interface ToolRow {
  readonly operation: Operation
  readonly effect: ToolEffect
  /** It sends something to a SIEM. */
  readonly asksTargets?: true
  /** Not a read, and done twice is as done once. */
  readonly isIdempotent?: true
  /** What its answer leaves out because it is no business of a model. */
  readonly hides?: readonly string[]
}

export interface Tool extends ToolRow, Answered {
  readonly name: string
  readonly title: string
  readonly verb: Verb
  readonly description: string
  readonly inputSchema: { readonly type: 'object' } & JsonSchema
}

/** Whom a call is for; what is called comes from the arguments. */
export type CallBase = Pick<Call<unknown, unknown, unknown>, 'house' | 'caller' | 'holder' | 'c'>

export function makeTool(name: string, row: ToolRow): Tool {
  const { operation } = row
  assert(operation.streams.length === 0 && !operation.takesArchive, `${name} answers with JSON`)
  assert(operation.needsProof !== true, `${name} needs nobody at a browser`)
  const words = WORDS[name] ?? `${operation.summary}.`
  const told = operation.about ?? ''
  return {
    ...row,
    name,
    title: operation.summary,
    verb: operation.permission,
    description: `${words} ${told}`.trim(),
    inputSchema: inputOf(operation),
    ...describeAnswer(operation, row.hides ?? []),
  }
}

/** Throws `forbidden` for an id that is none, `invalid` for what else does not fit. */
export function readCall(
  { operation }: Tool,
  base: CallBase,
  given: Arguments,
): Call<unknown, unknown, unknown> {
  const { params, query, body } = operation
  const parts = [params, query, bodyObject(operation)]
  const known = new Set(parts.flatMap((part) => keysOf(part)))
  if (operation.isVersioned) known.add(VERSION)
  checkInput(NOTHING_ELSE, Object.fromEntries(without(given, known)))
  const path = params?.safeParse(asText(pick(given, params)))
  if (path?.success === false) throw forbidden()
  return {
    ...base,
    params: path?.data,
    query: query && checkInput(query, asText(pick(given, query))),
    body: body && checkInput(body, pick(given, bodyObject(operation)!)),
    expected: expectedOf(operation, given),
  }
}

/** Over which version a change is made: `If-Match` of the API. */
const VERSION = 'overVersion'
const NOTHING_ELSE = z.strictObject({})
const Version = z.union([z.string().min(1).max(200), z.int()]).transform(String)

function expectedOf(operation: Operation, given: Arguments): Call<0, 0, 0>['expected'] {
  if (!operation.isVersioned || operation.method === 'GET') return 'any'
  if (given[VERSION] === undefined && !demandsVersion(operation)) return 'any'
  const { [VERSION]: version } = checkInput(z.object({ [VERSION]: Version }), given)
  return new Set([version])
}

function inputOf(operation: Operation): Tool['inputSchema'] {
  const parts = [operation.params, operation.query, bodyObject(operation)]
  const schemas = parts.flatMap((part) => (part ? [jsonSchema(part)] : []))
  const properties: Record<string, JsonSchema> = {}
  for (const schema of schemas) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      assert(!(key in properties), `${operation.name} takes ${key} twice`)
      properties[key] = property as JsonSchema
    }
  }
  const required = schemas.flatMap((schema) => schema.required ?? [])
  if (operation.isVersioned && operation.method !== 'GET') {
    assert(!(VERSION in properties), `${operation.name} takes ${VERSION} twice`)
    properties[VERSION] = {
      type: ['string', 'integer'],
      description: 'The `version` you read: refused as stale when it is another one by now.',
    }
    if (demandsVersion(operation)) required.push(VERSION)
  }
  return { type: 'object', properties, required, additionalProperties: false }
}

function jsonSchema(schema: z.ZodObject): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', override: showAs })
  return rest
}

function bodyObject({ name, body }: Operation): z.ZodObject | undefined {
  if (!body) return undefined
  assert(body instanceof z.ZodObject, `the body of ${name} is an object`)
  return body
}

function keysOf(schema: z.ZodObject | undefined): readonly string[] {
  return schema ? Object.keys(schema.shape) : []
}

function pick(given: Arguments, schema: z.ZodObject): Arguments {
  const keys = new Set(keysOf(schema))
  return Object.fromEntries(Object.entries(given).filter(([key]) => keys.has(key)))
}

function without(given: Arguments, keys: ReadonlySet<string>) {
  return Object.entries(given).filter(([key]) => !keys.has(key))
}

/** As an address would have it: the schemas of paths and queries read texts. */
function asText(given: Arguments): Arguments {
  const written = Object.entries(given).map(([key, value]) => [key, textOf(value)])
  return Object.fromEntries(written) as Arguments
}

function textOf(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? value.join(',') : value
}
