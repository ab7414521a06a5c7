// Serves operations: from a request to a call, from what the operation returns to an answer.

import { z } from 'zod'
import { AppError, assert, forbidden } from '#kernel/error.ts'
import { BODY_BYTES_MAX, EVENT_STREAMS_MAX, ZIP_BYTES_MAX } from '#kernel/limits.ts'
import { Once, type KeptAnswer } from '#platform/idempotency/once.ts'
import { capBody } from '#http/body.ts'
import { callerOf } from '#http/caller.ts'
import { Counts } from '#http/connections.ts'
import type { HttpContext } from '#http/env.ts'
import { RequestRefusal } from '#http/error.ts'
import { checkInput, readJson, readQuery } from '#http/input.ts'
import { apiRoute, type Route } from '#http/routes.ts'
import { Archives, readArchive } from './archive.ts'
import {
  API_BASE,
  demandsVersion,
  EVENT_STREAM,
  isWrite,
  respondTo,
  type Call,
  type Operation,
} from './operation.ts'
import { answerOnce } from './repeat.ts'
import type { StartedJob } from './started-job.ts'
import { isKnown, readExpected, tagOf } from './versions.ts'

interface ServeParts {
  readonly once: Once
  readonly archives: Archives
  /** Event streams that are open, by token. */
  readonly streams: Counts
}

export function operationRoutes(operations: readonly Operation[]): readonly Route[] {
  const parts = { once: new Once(), archives: new Archives(), streams: new Counts() }
  return operations.map((one) => operationRoute(one, parts))
}

function operationRoute(one: Operation, { once, archives, streams }: ServeParts): Route {
  const path = API_BASE + one.path.replaceAll(/\{(\w+)\}/g, ':$1')
  const { needsProof = false, takesArchive } = one
  const bodyBytesMax = takesArchive ? ZIP_BYTES_MAX : BODY_BYTES_MAX
  const serve = async (c: HttpContext) => {
    const call = await readCall(c, one)
    if (one.streams.includes(EVENT_STREAM)) countStream(call, streams)
    if (one.streams.length > 0) return (await respondTo(one, call)) as Response
    return answerOnce(call, once, isWrite(one), (house) => answerOf(one, { ...call, house }))
  }
  const handler = takesArchive ? (c: HttpContext) => archives.read(() => serve(c)) : serve
  return apiRoute(one.method, path, one.permission, handler, { needsProof, bodyBytesMax })
}

/** Until its connection closes. Throws `rate_limited` where the token holds all it may. */
function countStream(
  { c, holder }: Pick<Call<unknown, unknown, unknown>, 'c' | 'holder'>,
  streams: Counts,
): void {
  const { id } = holder.token
  if (!streams.take(id, EVENT_STREAMS_MAX)) {
    const message = `This token holds ${EVENT_STREAMS_MAX} event streams open. Let one go, or ask GET /jobs/{id} now and then.`
    throw new AppError('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
  c.env.outgoing.once('close', () => streams.release(id))
}

const RETRY_AFTER_SECONDS = 5

async function answerOf(
  one: Operation,
  call: Call<unknown, unknown, unknown>,
): Promise<KeptAnswer> {
  const value = await respondTo(one, call)
  if (!one.answer) return { status: one.status, headers: {}, body: '' }
  const headers: Record<string, string> = {
    ...(one.isVersioned && { ETag: tagOf(value) }),
    ...(one.status === 202 && { Location: `${API_BASE}/jobs/${(value as StartedJob).job.id}` }),
  }
  const isOld = one.method === 'GET' && one.isVersioned && isKnown(call.c, headers['ETag']!)
  if (isOld) return { status: 304, headers, body: '' }
  return { status: one.status, headers, body: JSON.stringify(value) }
}

const NO_QUERY = z.strictObject({})

async function readCall(c: HttpContext, one: Operation): Promise<Call<unknown, unknown, unknown>> {
  const { params, query, isVersioned } = one
  const { house, holder } = c.var
  assert(holder, 'an operation is called with a token')
  const read = params?.safeParse(c.req.param())
  if (read?.success === false) throw forbidden()
  return {
    house,
    caller: callerOf(c),
    holder,
    c,
    params: read?.data,
    expected: isVersioned ? readExpected(c, demandsVersion(one)) : 'any',
    query: query ? readQuery(c, query) : checkInput(NO_QUERY, c.req.query()),
    body: await readBody(c, one),
  }
}

function readBody(c: HttpContext, { body, takesArchive, caps }: Operation): Promise<unknown> {
  const isArchive = takesArchive && !(body && isJson(c))
  if (isArchive) return readArchive(c, caps)
  if (takesArchive) capBody(c, BODY_BYTES_MAX) // the route lets an archive's size in
  return body ? readJson(c, body) : refuseBody(c)
}

function isJson(c: HttpContext): boolean {
  return (c.req.header('Content-Type') ?? '').startsWith('application/json')
}

// What is sent would be ignored, and whoever sent it meant something by it.
async function refuseBody(c: HttpContext): Promise<undefined> {
  const { headers } = c.env.incoming
  const isDeclared = Number(headers['content-length'] ?? 0) > 0
  const isChunked = headers['transfer-encoding'] !== undefined
  if (isDeclared || (isChunked && (await c.req.arrayBuffer()).byteLength > 0)) {
    throw new RequestRefusal(400, 'invalid', 'This takes no body. Send it without one.')
  }
}
