// The door of directories: `/scim/v2/…`, by a token of its own and by nothing else. No cookie is read, so
// no browser can be made to write here. Refusals have the shape of RFC 7644 section 3.12.

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { directoryCaller, findDirectory, type Directory } from '#domain/identity/scim-tokens.ts'
import { ScimRefusal } from '#domain/identity/scim.ts'
import { AppError } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { isWithin } from '#http/client.ts'
import type { HttpContext } from '#http/env.ts'
import { describeError, RequestRefusal } from '#http/error.ts'
import { RateLimit } from '#http/rate.ts'
import { SCIM_TYPE, scimError } from './refusal.ts'

/** What a handler is given: who asks, for which provider. */
export interface Asked extends Directory {
  readonly c: HttpContext
  readonly house: House
  readonly caller: Caller
}

/** Of one provider; a directory that begins sends some dozens at once. */
const REQUESTS_PER_SECOND_MAX = 25
const limits = new WeakMap<House, RateLimit>()

export function forDirectory(
  act: (asked: Asked) => Promise<Response>,
): (c: HttpContext) => Promise<Response> {
  return async (c) => {
    try {
      return await act(await admit(c))
    } catch (error) {
      return answerError(c, error)
    }
  }
}

/** Throws `ScimRefusal` 401 with the same words whatever is wrong with a token. */
async function admit(c: HttpContext): Promise<Asked> {
  const { house, client, requestId } = c.var
  const text = /^Bearer +(\S{1,300})$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  const within = (networks: readonly string[]) => isWithin(client.ip, networks)
  const now = house.clock.now()
  const found = text === undefined ? undefined : await findDirectory(house, text, now, within)
  if (!found) {
    throw new ScimRefusal(401, 'Send the token of a directory: Authorization: Bearer rw_scim_…')
  }
  brake(house, found)
  const personal = { name: found.provider.name, ip: client.ip }
  return { ...found, c, house, caller: directoryCaller(found, { now, requestId, personal }) }
}

function brake(house: House, { provider }: Directory): void {
  const limit = limits.get(house) ?? new RateLimit(house.clock, REQUESTS_PER_SECOND_MAX)
  limits.set(house, limit)
  const { isAllowed, waitMs } = limit.take(provider.id)
  if (isAllowed) return
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
  throw new ScimRefusal(429, 'Too many requests. Wait a moment.', { retryAfterSeconds })
}

// What is no refusal goes to the boundary of all doors, which logs it.
function answerError(c: HttpContext, error: unknown): Response {
  if (error instanceof ScimRefusal) {
    const { status, scimType, message, retryAfterSeconds } = error
    if (status === 401) c.header('WWW-Authenticate', 'Bearer')
    if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds))
    return answerScim(c, scimError(status, message, scimType), status)
  }
  if (!(error instanceof AppError || error instanceof RequestRefusal)) throw error
  const { status, detail, headers } = describeError(error)
  for (const [name, value] of Object.entries(headers)) c.header(name, value)
  const scimType = status === 400 ? 'invalidSyntax' : undefined
  return answerScim(c, scimError(status, detail, scimType), status)
}

export function answerScim(
  c: HttpContext,
  body: unknown,
  status: ContentfulStatusCode = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const type = { 'Content-Type': SCIM_TYPE }
  return c.body(JSON.stringify(body), status, { ...headers, ...type })
}
