// Why a service of Microsoft's refused, in the product's words. All say it in the same envelope, with the
// cause hidden deepest; a proxy in between says it in HTML.

import { z } from 'zod'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import type { OutboundReply } from '#platform/outbound-client.ts'

export interface VendorError {
  readonly code: string
  readonly message: string
  /** Of a query's text, from 1. */
  readonly line: number | null
  readonly column: number | null
}

interface Said {
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
  readonly line?: number | null | undefined
  readonly pos?: number | null | undefined
  readonly details?: readonly Said[] | null | undefined
  readonly innererror?: Said | null | undefined
  readonly innerError?: Said | null | undefined
}

// A member that is of another type than it should be is one that says nothing.
const text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null)
const place = z.coerce.number().int().nullish().catch(null)
const said: z.ZodType<Said> = z.lazy(() =>
  z.object({
    code: text,
    message: text,
    line: place,
    pos: place,
    details: z.array(said).nullish().catch(null),
    innererror: said.nullish().catch(null),
    innerError: said.nullish().catch(null),
  }),
)
const envelope = z.object({ error: said })

const DEPTH_MAX = 10
const ERRORS_MAX = 20

/** From the outermost to the cause. Nothing for an answer that is none of the service's. */
export function errorsIn(body: unknown): readonly VendorError[] {
  const read = envelope.safeParse(body)
  return read.success ? chainOf(read.data.error, 0).slice(0, ERRORS_MAX) : []
}

function chainOf(one: Said, depth: number): readonly VendorError[] {
  if (depth >= DEPTH_MAX) return []
  const inner = [...(one.details ?? []), one.innererror, one.innerError].flatMap((each) =>
    each === null || each === undefined ? [] : chainOf(each, depth + 1),
  )
  const own = {
    code: one.code ?? '',
    message: tidy(one.message ?? ''),
    line: one.line ?? null,
    column: one.pos ?? null,
  }
  return own.code === '' && own.message === '' ? inner : [own, ...inner]
}

/** What says most: the deepest error with a message. */
export function causeOf(errors: readonly VendorError[]): VendorError | undefined {
  return errors.findLast(({ message }) => message !== '')
}

const TEXT_CHARS_MAX = 500

/** One line, not too long. */
export function tidy(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  return line.length > TEXT_CHARS_MAX ? `${line.slice(0, TEXT_CHARS_MAX)}…` : line
}

/** The cause alone, with its place: what wraps it says only that there is one. */
export function problemsOf(errors: readonly VendorError[], area: string): readonly Problem[] {
  const cause = causeOf(errors)
  if (cause === undefined) return []
  const { message, line, column } = cause
  const from = line !== null && line > 0 ? { line, column: Math.max(1, column ?? 1) } : null
  const span = from && { ...from, endLine: from.line, endColumn: from.column + 1 }
  return [{ code: `${area}/refused`, severity: 'error', message, ...span }]
}

const PROPAGATION =
  'A role that was assigned a moment ago may take ten minutes or more until it holds.'

const CODES: Readonly<
  Record<number, readonly [ErrorCode, (service: string, what: string) => string]>
> = {
  400: ['invalid', (service, what) => `${service} refuses ${what}.`],
  401: [
    'unauthenticated',
    (service) => `${service} does not know this credential, or it has expired.`,
  ],
  403: [
    'forbidden',
    (service, what) => `The app may not do this on ${service}: ${what}. ${PROPAGATION}`,
  ],
  404: ['not_found', (service, what) => `${service} does not have this: ${what}.`],
  408: ['timeout', (service, what) => `${service} ran out of time for ${what}.`],
  409: ['stale', (service, what) => `Somebody was faster on ${service}: ${what}.`],
  412: ['stale', (service, what) => `Somebody was faster on ${service}: ${what}.`],
  413: ['too_large', (service, what) => `This is larger than ${service} takes: ${what}.`],
  429: ['rate_limited', (service) => `${service} asks for fewer requests.`],
  504: ['timeout', (service, what) => `${service} ran out of time for ${what}.`],
}

/** `service` and `what` for a sentence: “Log Analytics”, “the search”; `area` for codes of problems. */
export function failureOf(
  { status, headers }: Pick<OutboundReply, 'status' | 'headers'>,
  errors: readonly VendorError[],
  {
    service,
    area,
    what,
  }: { readonly service: string; readonly area: string; readonly what: string },
): AppError {
  const cause = new Error(
    `${status}: ${errors.map(({ code, message }) => `${code} ${message}`).join('; ')}`,
  )
  if (status >= 300 && status < 400) {
    const message = `${service} sends ${what} to another address, which is not followed.`
    return new AppError('upstream', message, { cause })
  }
  const known = CODES[status]
  if (known === undefined) {
    const message = `${service}, or what stands before it, answered ${status} to ${what}.`
    return new AppError('upstream', message, { cause })
  }
  const problems = problemsOf(errors, area)
  const seconds = Number(headers['retry-after'])
  return new AppError(known[0], known[1](service, what), {
    cause,
    ...(problems.length > 0 && (status === 400 || status === 403) && { details: { problems } }),
    ...(Number.isFinite(seconds) && { retryAfterSeconds: Math.ceil(seconds) }),
  })
}
