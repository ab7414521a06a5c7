// An operation of the REST API, declared once: from this come its route, what it accepts, and its
// part of the OpenAPI document. A test compares every answer with what is declared here.

import type { z } from 'zod'
import type { TokenHolder } from '#domain/access/tokens.ts'
import { reachFor, type WriteReach } from '#domain/access/within.ts'
import type { Verb } from '#domain/access/permission.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { ZipCaps, ZipFile } from '#platform/zip/read.ts'
import { sendDownload, type Download } from '#http/download.ts'
import type { HttpContext } from '#http/env.ts'
import type { Method } from '#http/routes.ts'

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
  /**
   * Of one that changes something: what it touches, for tokens that reach only some targets or groups.
   * Absent, they are refused.
   */
  readonly reach?: WriteReach
}

export interface Operation extends Declared<Shape, Shape, z.ZodType | undefined> {
  readonly status: 200 | 201 | 202 | 204
  /** Undefined for an answer without a body, and for a stream. */
  readonly answer: z.ZodType | undefined
  /** Media types of an answer that is a stream; none for JSON. */
  readonly streams: readonly string[]
  readonly takesArchive: boolean
  /** Of the archive, where they are not the usual ones. */
  readonly caps?: ZipCaps
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
    streams: [],
    takesArchive: false,
    respond: (call) => run(call as Call<Given<P>, Given<Q>, Given<B>>),
  }
}

/**
 * An operation whose body is a ZIP file of up to 64 MiB: `call.body` lists its files, which are unpacked
 * when they are read (platform/zip). Read them `inTurns` (platform/turns.ts): there may be 20,000. With a
 * `body` it takes JSON of the usual size as well. For the rest as `operation`; what they hold is read
 * before the one write begins.
 */
export function archiveOperation<
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends z.ZodType | undefined = undefined,
  A extends z.ZodType | undefined = undefined,
>(
  declared: Declared<P, Q, B> & {
    readonly status?: 200 | 201 | 202
    readonly answer?: A
    readonly caps?: ZipCaps
    readonly run: (call: Call<Given<P>, Given<Q>, Archive<B>>) => Promise<Told<A>>
  },
): Operation {
  const { run, ...rest } = declared
  const respond = (call: Call<unknown, unknown, unknown>) =>
    run(call as Call<Given<P>, Given<Q>, Archive<B>>)
  return { ...operation({ ...rest, run: respond }), takesArchive: true, respond }
}

type Archive<B> = readonly ZipFile[] | (B extends z.ZodType ? z.output<B> : never)

export const EVENT_STREAM = 'text/event-stream'

/** An operation that answers with server-sent events. */
export function streamOperation<P extends Shape = undefined>(
  declared: Declared<P, undefined, undefined> & {
    readonly run: (call: Call<Given<P>, undefined, undefined>) => Promise<Response>
  },
): Operation {
  const { run, ...rest } = declared
  return {
    ...rest,
    ...STREAM,
    streams: [EVENT_STREAM],
    respond: (call) => run(call as Call<Given<P>, undefined, undefined>),
  }
}

/** An operation that answers with a file, made while it is sent: `types` are those it may have. */
export function downloadOperation<P extends Shape = undefined, Q extends Shape = undefined>(
  declared: Declared<P, Q, undefined> & {
    readonly types: readonly string[]
    readonly run: (call: Call<Given<P>, Given<Q>, undefined>) => Promise<Download>
  },
): Operation {
  const { run, types, ...rest } = declared
  return {
    ...rest,
    ...STREAM,
    streams: types,
    async respond(call) {
      const download = await run(call as Call<Given<P>, Given<Q>, undefined>)
      return sendDownload(call.c, download, call.c.var.isHolderLive)
    },
  }
}

const STREAM = { status: 200, answer: undefined, takesArchive: false } as const

/** Whether it must be told over which version. */
export function demandsVersion({ method, isVersioned }: Operation): boolean {
  return isVersioned === true && ['PATCH', 'PUT', 'DELETE'].includes(method)
}

/** The answer, with the caller narrowed to what its token reaches. Throws as `reachFor`. */
export async function respondTo(
  one: Operation,
  call: Call<unknown, unknown, unknown>,
): Promise<unknown> {
  if (!isWrite(one)) return one.respond(call)
  const { house, params, query, body } = call
  const caller = await reachFor(house, call.caller, one.reach, { params, query, body })
  return one.respond({ ...call, caller })
}

/** Whether it changes anything. */
export function isWrite({ method, isQuestion }: Operation): boolean {
  return method !== 'GET' && isQuestion !== true
}
