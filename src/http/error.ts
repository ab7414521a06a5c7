// The one place where a failure becomes an HTTP answer: the table from codes to statuses, and the
// boundary that shows it as a page, a fragment or problem+json (RFC 9457). What is not a refusal is a
// bug: logged in full, shown as "Something went wrong" with the request id and nothing more.

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { scopesFor } from '#domain/access/token-scope.ts'
import type { TokenHolder } from '#domain/access/tokens.ts'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import type { HttpContext } from './env.ts'
import { refused } from './respond.tsx'
import { SCIM_TYPE, scimError } from './scim/refusal.ts'

const STATUS: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  rate_limited: 429,
  unsupported: 422,
  busy: 503,
  storage_full: 507,
  upstream: 502,
  timeout: 504,
  cancelled: 409,
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'No such page',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  414: 'Address too long',
  415: 'Unsupported format',
  417: 'Expectation failed',
  421: 'Wrong host',
  422: 'Not accepted',
  428: 'Say over which version',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Something went wrong',
  502: 'The other side failed',
  503: 'Busy',
  504: 'Took too long',
  507: 'Storage is full',
}

/** A request that breaks a rule of HTTP or of this door, with the status that says which. */
export class RequestRefusal extends Error {
  override readonly name = 'RequestRefusal'
  readonly status: ContentfulStatusCode
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: ContentfulStatusCode,
    code: ErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** What a door shows of a failure. Safe for whoever sent the request. */
export interface Refusal {
  readonly status: ContentfulStatusCode
  readonly code: ErrorCode | 'bug'
  readonly title: string
  readonly detail: string
  readonly problems?: readonly Problem[]
  readonly headers: Readonly<Record<string, string>>
}

/** `holder` is the token of a program. */
export function describeError(error: unknown, holder?: TokenHolder): Refusal {
  if (error instanceof RequestRefusal) {
    const { status, code, message, headers } = error
    return { status, code, title: titleOf(status), detail: message, headers }
  }
  if (error instanceof AppError) {
    const detail = (holder && missingScope(error, holder)) ?? error.message
    return { ...describeAppError(error), detail }
  }
  if (isBrokenOff(error)) return describeError(BROKEN_OFF)
  return {
    status: 500,
    code: 'bug',
    title: titleOf(500),
    detail: 'This is a fault of ours. It was logged; the request id finds it there.',
    headers: {},
  }
}

const BROKEN_OFF = new RequestRefusal(400, 'invalid', 'The request broke off before its end.')

/** Whoever sent it has gone, as Node says it: nobody hears the answer, and nobody is to look into it. */
function isBrokenOff(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === 'ECONNRESET' && error.message === 'aborted'
}

function describeAppError(error: AppError): Refusal {
  const status = STATUS[error.code]
  const problems = error.details['problems']
  return {
    status,
    code: error.code,
    title: titleOf(status),
    detail: error.message,
    ...(Array.isArray(problems) && { problems: problems as Problem[] }),
    headers: {
      ...(error.retryAfterSeconds !== undefined && {
        'Retry-After': String(error.retryAfterSeconds),
      }),
      ...(error.code === 'unauthenticated' && { 'WWW-Authenticate': 'Bearer' }),
    },
  }
}

/** Its maker may do it and the token may not: that tells nothing of any row. */
function missingScope(
  { code, details }: AppError,
  { role, flags }: TokenHolder,
): string | undefined {
  const { lacks } = details
  if (code !== 'forbidden' || typeof lacks !== 'string') return undefined
  const scopes = scopesFor(lacks, role, flags)
  if (scopes.length === 0) return undefined
  const [last, ...others] = scopes.toReversed()
  const named = others.length === 0 ? last! : `${others.toReversed().join(', ')} or ${last!}`
  return `This token lacks a scope for it: ${named}. Make a token that holds it as well.`
}

export function titleOf(status: number): string {
  return TITLES[status] ?? `Status ${status}`
}

/** The answer to a failed request, in the form its door speaks. */
export async function answerRefusal(c: HttpContext, refusal: Refusal): Promise<Response> {
  for (const [name, value] of Object.entries(refusal.headers)) c.header(name, value)
  if (c.req.path.startsWith('/scim/')) return scimRefusal(c, refusal)
  if (speaksJson(c)) return problemJson(c, refusal)
  return refused(c, refusal)
}

function speaksJson(c: HttpContext): boolean {
  const door = c.var.route?.door
  return door === 'api' || door === 'mcp' || /^\/(api|mcp)(\/|$)/.test(c.req.path)
}

function scimRefusal(c: HttpContext, { status, detail }: Refusal): Response {
  const type = { 'Content-Type': SCIM_TYPE }
  return c.body(JSON.stringify(scimError(status, detail, undefined)), status, type)
}

function problemJson(c: HttpContext, refusal: Refusal): Response {
  const { status, code, title, detail, problems } = refusal
  return c.body(
    JSON.stringify({
      type: 'about:blank',
      title,
      status,
      detail,
      code,
      ...(problems && { problems }),
      requestId: c.var.requestId,
    }),
    status,
    { 'Content-Type': 'application/problem+json' },
  )
}
