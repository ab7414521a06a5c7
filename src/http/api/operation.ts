// An operation of the REST API, declared once: from this come its route, what it accepts, and its
// part of the OpenAPI document. A test compares every answer with what is declared here.

import { z } from 'zod'
import type { TokenHolder } from '#domain/access/tokens.ts'
import type { Verb } from '#domain/access/permission.ts'
import { assert, forbidden } from '#kernel/error.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { KeptAnswer } from '#platform/idempotency/once.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { RequestRefusal } from '#http/error.ts'
import { checkInput, readJson, readQuery } from '#http/input.ts'
import { apiRoute, type Method, type Route } from '#http/routes.ts'
import { answerOnce, type Repeats } from './repeat.ts'
import { isKnown, readExpected, tagOf } from './versions.ts'

export const API_BASE = '/api/v1'

type Shape = z.ZodObject | undefined
type Given<S> = S extends z.ZodType ? z.output<S> : undefined
type Told<S> = S extends z.ZodType ? z.input<S> : undefined

export interface Call<Params, Query, Body> {
  readonly house: House
  readonly caller: Caller
  readonly holder: TokenHolder
  readonly c: HttpContext
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Which versions a change may be made over; for the action, which compares. `any` when nobody says. */
  readonly expected: ExpectedVersion
}

interface Declared<P extends Shape, Q extends Shape, B extends z.ZodType | undefined> {
  readonly method: Method
  /** Below `/api/v1`, with `{id}` for what stands in the path. */
  readonly path: string
  /** `listTokens`: unique, for generated clients. */
  readonly name: string
  readonly summary: string
  /** More about it, when the summary does not say enough. */
  readonly about?: string
  readonly permission: Verb
  /** Ids: one that is none is answered like one that is not there. */
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** Sent as POST because it is long; it changes nothing, so it needs no Idempotency-Key. */
  readonly isQuestion?: true
  /**
   * Its thing has a version that changes whenever the thing does: a member `version` of the answer,
   * text or number, which is also the answer's ETag. PATCH, PUT and DELETE then demand `If-Match`
   * (428 without it), POST takes it, and `call.expected` says what it names. Give that to the action:
   * in its write body, on the row read there, it calls `requireVersion(expected, row.version)` of
   * kernel/version.ts, so of two who race one gets 412. Pages call the same action, with `any` or
   * with the version their form was made from. A GET whose If-None-Match names the version gets 304.
   */
  readonly isVersioned?: true
  /**
   * A page asks for a fresh proof of who one is before it does this: so the person behind the token
   * has given one in a browser, within the same minutes.
   */
  readonly needsProof?: true
}

export interface Operation extends Declared<Shape, Shape, z.ZodType | undefined> {
  readonly status: 200 | 201 | 202 | 204
  /** Undefined for an answer without a body, and for a stream. */
  readonly answer: z.ZodType | undefined
  readonly isStream: boolean
  readonly respond: (call: Call<unknown, unknown, unknown>) => Promise<unknown>
}

/**
 * An operation that answers with JSON: `run` returns what `answer` describes. One that changes something
 * calls an action with one write, and makes its answer of what that returned, with no query after it:
 * with an Idempotency-Key act and answer are committed together (platform/idempotency). What takes
 * more is a job, and the write enqueues it.
 */
export function operation<
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends z.ZodType | undefined = undefined,
  A extends z.ZodType | undefined = undefined,
>(
  declared: Declared<P, Q, B> & {
    readonly status?: 200 | 201 | 202
    readonly answer?: A
    readonly run: (call: Call<Given<P>, Given<Q>, Given<B>>) => Promise<Told<A>>
  },
): Operation {
  const { run, answer, status, ...rest } = declared
  return {
    ...rest,
    status: answer ? (status ?? 200) : 204,
    answer,
    isStream: false,
    respond: (call) => run(call as Call<Given<P>, Given<Q>, Given<B>>),
  }
}

/** An operation that answers with server-sent events. */
export function streamOperation<P extends Shape = undefined>(
  declared: Declared<P, undefined, undefined> & {
    readonly run: (call: Call<Given<P>, undefined, undefined>) => Promise<Response>
  },
): Operation {
  const { run, ...rest } = declared
  return {
    ...rest,
    status: 200,
    answer: undefined,
    isStream: true,
    respond: (call) => run(call as Call<Given<P>, undefined, undefined>),
  }
}

export function operationRoute(one: Operation, repeats: Repeats): Route {
  const path = API_BASE + one.path.replaceAll(/\{(\w+)\}/g, ':$1')
  const { needsProof = false } = one
  const handler = async (c: HttpContext) => {
    const call = await readCall(c, one)
    if (one.isStream) return (await one.respond(call)) as Response
    return answerOnce(call, repeats, isWrite(one), (house) => answerOf(one, { ...call, house }))
  }
  return apiRoute(one.method, path, one.permission, handler, { needsProof })
}

async function answerOf(
  one: Operation,
  call: Call<unknown, unknown, unknown>,
): Promise<KeptAnswer> {
  const value = await one.respond(call)
  if (!one.answer) return { status: one.status, headers: {}, body: '' }
  const headers: Record<string, string> = one.isVersioned ? { ETag: tagOf(value) } : {}
  const isOld = one.method === 'GET' && one.isVersioned && isKnown(call.c, headers['ETag']!)
  if (isOld) return { status: 304, headers, body: '' }
  return { status: one.status, headers, body: JSON.stringify(value) }
}

/** Whether it must be told over which version. */
export function demandsVersion({ method, isVersioned }: Operation): boolean {
  return isVersioned === true && ['PATCH', 'PUT', 'DELETE'].includes(method)
}

/** Whether it changes anything. */
export function isWrite({ method, isQuestion }: Operation): boolean {
  return method !== 'GET' && isQuestion !== true
}

const NO_QUERY = z.strictObject({})

async function readCall(c: HttpContext, one: Operation): Promise<Call<unknown, unknown, unknown>> {
  const { params, query, body, isVersioned } = one
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
    body: body ? await readJson(c, body) : await refuseBody(c),
  }
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
