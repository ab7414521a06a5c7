// An operation of the REST API, declared once: from this come its route, what it accepts, and its
// part of the OpenAPI document. A test compares every answer with what is declared here.

import { z } from 'zod'
import type { TokenHolder } from '#domain/access/tokens.ts'
import type { Verb } from '#domain/access/permission.ts'
import { assert, forbidden } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { checkInput, readJson, readQuery } from '#http/input.ts'
import { apiRoute, type Method, type Route } from '#http/routes.ts'
import { answerOnce, type Repeats } from './repeat.ts'

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
}

export interface Operation extends Declared<Shape, Shape, z.ZodType | undefined> {
  readonly status: 200 | 201 | 202 | 204
  /** Undefined for an answer without a body, and for a stream. */
  readonly answer: z.ZodType | undefined
  readonly isStream: boolean
  readonly respond: (call: Call<unknown, unknown, unknown>) => Promise<unknown>
}

/** An operation that answers with JSON: `run` returns what `answer` describes. */
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
  return apiRoute(one.method, path, one.permission, async (c) => {
    const call = await readCall(c, one)
    if (one.isStream) return (await one.respond(call)) as Response
    return answerOnce(call, repeats, isWrite(one), async () => {
      const value = await one.respond(call)
      const body = one.answer ? JSON.stringify(value) : ''
      return { status: one.status, headers: {}, body }
    })
  })
}

/** Whether it changes anything. */
export function isWrite({ method, isQuestion }: Operation): boolean {
  return method !== 'GET' && isQuestion !== true
}

const NO_QUERY = z.strictObject({})

async function readCall(
  c: HttpContext,
  { params, query, body }: Operation,
): Promise<Call<unknown, unknown, unknown>> {
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
    query: query ? readQuery(c, query) : checkInput(NO_QUERY, c.req.query()),
    body: body ? await readJson(c, body) : undefined,
  }
}
