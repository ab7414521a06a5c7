// The door of directories: `/scim/v2/…`, by a token of its own and by nothing else. No cookie is read, so
// no browser can be made to write here. Refusals have the shape of RFC 7644 section 3.12.

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { noteRequest, type DirectoryRequest } from '#domain/identity/scim-requests.ts'
import {
  directoryCaller,
  findDirectory,
  type Directory,
  type Shut,
} from '#domain/identity/scim-tokens.ts'
import { ScimRefusal } from '#domain/identity/scim.ts'
import { AppError } from '#kernel/error.ts'
import type { ProviderId } from '#kernel/id.ts'
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
    const { house } = c.var
    let whose: ProviderId | undefined
    try {
      const found = await findOpen(c)
      whose = found.providerId
      const answer = await act(admit(c, found))
      noteRequest(house, whose, requestOf(c, answer.status, null))
      return answer
    } catch (error) {
      const answer = answerError(c, error)
      const why = error instanceof ScimRefusal ? error.message : PROBLEM
      if (whose) noteRequest(house, whose, requestOf(c, answer.status, why))
      return answer
    }
  }
}

const PROBLEM = 'The request was refused before it was read: it is too large, or no JSON.'

function requestOf(c: HttpContext, status: number, problem: string | null): DirectoryRequest {
  const path = c.req.path.replace('/scim/v2', '') || '/'
  return { at: c.var.house.clock.now(), method: c.req.method, path, status, problem }
}

type Open = Directory & Pick<Shut, 'providerId'>

/** Throws `ScimRefusal` 401 with the same words whatever is wrong with a token. */
async function findOpen(c: HttpContext): Promise<Open> {
  const { house, client } = c.var
  const text = /^Bearer +(\S{1,300})$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  const within = (networks: readonly string[]) => isWithin(client.ip, networks)
  const now = house.clock.now()
  const found = text === undefined ? undefined : await findDirectory(house, text, now, within)
  if (found && 'provider' in found) return { ...found, providerId: found.provider.id }
  if (found) noteRequest(house, found.providerId, requestOf(c, 401, found.why))
  throw new ScimRefusal(401, 'Send the token of a directory: Authorization: Bearer rw_scim_…')
}

function admit(c: HttpContext, found: Directory): Asked {
  const { house, client, requestId } = c.var
  brake(house, found)
  const personal = { name: found.provider.name, ip: client.ip }
  const now = house.clock.now()
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
