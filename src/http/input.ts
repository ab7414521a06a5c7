// The boundary for what a request says: JSON, forms and query strings through a strict schema. What
// comes out is plain typed data and is not checked again; what does not fit is refused with every
// problem at once.

import type { z } from 'zod'
import { AppError, forbidden } from '#kernel/error.ts'
import { isId, type Id } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { parseStrictJson } from '#kernel/strict-json.ts'
import type { HttpContext } from './env.ts'
import { RequestRefusal } from './error.ts'

/** Throws 415 for another format, 400 for text that is no JSON (RFC 8259), `invalid` for the rest. */
export async function readJson<S extends z.ZodType>(
  c: HttpContext,
  schema: S,
): Promise<z.output<S>> {
  requireType(c, ['application/json'])
  return checkInput(schema, parseJson(await c.req.arrayBuffer()))
}

/** JSON of any shape in one of these formats, for a reader of its own. Throws as `readJson`. */
export async function readJsonOf(c: HttpContext, types: readonly string[]): Promise<unknown> {
  requireType(c, types)
  return parseJson(await c.req.arrayBuffer())
}

/** A form as a browser sends it. A field sent twice is a list. Throws as `readJson`. */
export async function readForm<S extends z.ZodType>(
  c: HttpContext,
  schema: S,
): Promise<z.output<S>> {
  requireType(c, ['application/x-www-form-urlencoded', 'multipart/form-data'])
  return checkInput(schema, { ...(await c.req.parseBody({ all: true })) })
}

/** The query string. A name given twice is a list. */
export function readQuery<S extends z.ZodType>(c: HttpContext, schema: S): z.output<S> {
  const given = Object.entries(c.req.queries())
  return checkInput(
    schema,
    Object.fromEntries(
      given.map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
    ),
  )
}

/** The id in the path. Throws `forbidden` for what is none: it is answered like one that is not there. */
export function readId<Prefix extends string>(c: HttpContext, prefix: Prefix): Id<Prefix> {
  const id = c.req.param('id')
  if (!isId(prefix, id)) throw forbidden()
  return id
}

/** Throws `invalid` with a problem for each thing that does not fit. */
export function checkInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, PROBLEMS_MAX).map(describeIssue)
  const [first] = problems
  const more = problems.length > 1 ? ` And ${problems.length - 1} more.` : ''
  throw new AppError('invalid', `${first?.message ?? 'This was not accepted.'}${more}`, {
    details: { problems },
  })
}

/**
 * The problems of a form by field, each a sentence that begins with what people call the field. For
 * pages that show them beside it and keep what was typed.
 */
export function problemsByField(
  { issues }: z.ZodError,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    issues.map(({ path, message }) => {
      const field = String(path[0])
      return [field, `${names[field] ?? field} ${message}.`]
    }),
  )
}

const PROBLEMS_MAX = 100

function describeIssue(issue: z.core.$ZodIssue): Problem {
  const place = issue.path.map(String).join('.')
  return {
    code: `input/${issue.code.replaceAll('_', '-')}`,
    severity: 'error',
    message: place === '' ? `${issue.message}.` : `${place}: ${issue.message}.`,
  }
}

// A byte order mark is no JSON, and bytes that are no UTF-8 must not become question marks.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parseJson(bytes: ArrayBuffer): unknown {
  const parsed = parseStrictJson(decodeUtf8(bytes))
  if (parsed.ok) return parsed.value
  throw new RequestRefusal(400, 'invalid', `The body is no JSON of ours: ${parsed.why}.`)
}

function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw new RequestRefusal(400, 'invalid', 'The body is no JSON: it is not UTF-8.')
  }
}

/** Throws 415 for another type than one of these. */
export function requireType(c: HttpContext, accepted: readonly string[]): void {
  const type = (c.req.header('Content-Type') ?? '').split(';')[0]!.trim().toLowerCase()
  if (accepted.includes(type)) return
  throw new RequestRefusal(415, 'unsupported', `Send this as ${accepted.join(' or ')}.`)
}
