// Which fields of an answer may hold what others wrote: log lines, names and texts of SIEMs, rules,
// comments, names that people gave. Decided by the schema: an id, an instant, a number or one of a few
// words cannot hold a sentence, and every other text can, unless it is named here as our own. So a field
// that is added tomorrow is marked until somebody has looked at it.

import type { z } from 'zod'
import { assert } from '#kernel/error.ts'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** Said of a field in the schema of an answer. */
export const MARK = 'x-untrusted'

/** Free texts of answers that we write, in any answer: cursors, digests, ids, codes, words of a table. */
const OWN: ReadonlySet<string> = new Set([
  'next',
  'hash',
  'bodyHash',
  'contentHash',
  'inputHash',
  'digest',
  'revision',
  'signature',
  'publicKey',
  'credentialId',
  'assertion',
  'code',
  'verbs',
  'action',
  'actor',
  'createdBy',
  'updatedBy',
  'changedBy',
  'startedBy',
  'setBy',
  'by',
  'unit',
  'engine',
  'targetKind',
  'fix',
  'limit',
  'technique',
  'techniqueID',
  'attack',
  'navigator',
  'layer',
  'domain',
])

/** Marks the schema in place, and tells where: names joined by slashes, a star for any item of a list. */
export function markForeign(schema: JsonSchema): readonly string[] {
  const found = new Set<string>()
  walk(schema, [], found)
  return [...found]
}

function walk(schema: JsonSchema, path: readonly string[], found: Set<string>): void {
  assert(schema.$ref === undefined, 'the schema of an answer holds all of itself')
  const name = path.findLast((part) => part !== ANY)
  if (name !== undefined && OWN.has(name)) return
  if (holdsAnything(schema)) {
    schema[MARK] = true
    found.add(path.join('/'))
    return
  }
  for (const [key, one] of Object.entries(schema.properties ?? {}))
    inside(one, [...path, key], found)
  inside(schema.items, [...path, ANY], found)
  for (const one of [schema.anyOf, schema.oneOf, schema.allOf].flat()) inside(one, path, found)
}

const ANY = '*'

function inside(schema: unknown, path: readonly string[], found: Set<string>): void {
  for (const one of Array.isArray(schema) ? schema : [schema]) {
    if (typeof one === 'object' && one !== null) walk(one as JsonSchema, path, found)
  }
}

/** Any text, any value, or a record whose keys are anybody's. */
function holdsAnything(schema: JsonSchema): boolean {
  const { type, properties, propertyNames, anyOf, oneOf, allOf } = schema
  if (schema.const !== undefined || schema.enum || anyOf || oneOf || allOf) return false
  if (type === undefined) return true
  if (type === 'string') return schema.pattern === undefined && schema.format === undefined
  if (type !== 'object' || properties) return false
  const keys = propertyNames as JsonSchema | undefined
  return keys?.enum === undefined
}

/** Those of the marked places that hold something in this answer. */
export function foreignIn(value: unknown, places: readonly string[]): readonly string[] {
  return places.filter((place) => holds(value, place === '' ? [] : place.split('/')))
}

function holds(value: unknown, [part, ...rest]: readonly string[]): boolean {
  if (part === undefined) return isSomething(value)
  if (typeof value !== 'object' || value === null) return false
  if (part === ANY) return Array.isArray(value) && value.some((one) => holds(one, rest))
  return Object.hasOwn(value, part) && holds((value as Record<string, unknown>)[part], rest)
}

function isSomething(value: unknown): boolean {
  if (typeof value === 'string') return value !== ''
  if (typeof value !== 'object' || value === null) return value !== undefined && value !== null
  return Object.keys(value).length > 0
}
