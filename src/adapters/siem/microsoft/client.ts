// Talks to one service of Microsoft's with the token of an app. A 401 is answered by one new sign-in,
// never two for one call; whatever else is refused is told in the product's words.

import type { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { HttpMethod, OutboundClient, OutboundReply } from '#platform/outbound-client.ts'
import { ofWrite } from '#platform/outbound-retry.ts'
import { errorsIn, failureOf, type VendorError } from './failures.ts'
import type { SignIn } from './sign-in.ts'

export interface MicrosoftCall {
  readonly method?: HttpMethod
  /** Or a whole address of the same origin: a `nextLink` as it came. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  readonly effect?: 'read' | 'write'
  /** What is asked, for a person: “the search”. */
  readonly what: string
  /** Statuses that are an answer here and no failure. */
  readonly accepts?: readonly number[]
  readonly firstByteMs?: number
  readonly bytesMax?: number
  /** Signs in anew, whatever is kept. */
  readonly isFresh?: boolean
  readonly signal: AbortSignal
  /** What a refusal means here, where it means more than its status. */
  readonly explain?: (
    status: number,
    errors: readonly VendorError[],
    headers: OutboundReply['headers'],
  ) => AppError | undefined
}

export interface MicrosoftReply {
  readonly status: number
  readonly headers: OutboundReply['headers']
  /** null where the answer is empty, or a refusal in no JSON. */
  readonly body: Json | null
}

export interface MicrosoftClient {
  /** “Azure”, “Log Analytics”: for sentences. */
  readonly service: string
  /** Throws AppError for every status from 300 on that the call does not accept. */
  send(call: MicrosoftCall): Promise<MicrosoftReply>
}

export interface ServiceAccess {
  readonly outbound: OutboundClient
  readonly signIn: SignIn
  readonly scope: string
  readonly service: string
  /** First half of the codes of problems. */
  readonly area: string
}

export function openClient(access: ServiceAccess): MicrosoftClient {
  const { signIn, scope, service, area } = access
  return {
    service,
    async send(call) {
      const { signal, what, effect, isFresh = false, accepts = [], explain } = call
      const token = await signIn.token(scope, signal, { isFresh })
      let reply = await exchange(access, call, token)
      if (reply.status === 401) {
        const renewed = await signIn.token(scope, signal, { isFresh: true })
        reply = await exchange(access, call, renewed)
      }
      const { status, headers } = reply
      const body = bodyOf(reply, service)
      if (status < 300 || accepts.includes(status)) return { status, headers, body }
      const errors = errorsIn(body)
      const error =
        explain?.(status, errors, headers) ?? failureOf(reply, errors, { service, area, what })
      throw ofWrite(error, { effect, status })
    },
  }
}

function exchange(
  { outbound }: ServiceAccess,
  call: MicrosoftCall,
  token: string,
): Promise<OutboundReply> {
  const query = new URLSearchParams(call.query).toString()
  const { body, firstByteMs, bytesMax } = call
  return outbound.send({
    method: call.method ?? 'GET',
    path: query === '' ? call.path : `${call.path}?${query}`,
    headers: {
      Accept: 'application/json',
      Authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'Content-Type': 'application/json; charset=utf-8' }),
      ...call.headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    effect: call.effect ?? 'read',
    ...(firstByteMs !== undefined && { firstByteMs }),
    ...(bytesMax !== undefined && { bytesMax }),
    signal: call.signal,
  })
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/** Whole numbers beyond what a double holds stay text, so that no digit changes. */
const exact: Reviver = (_, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? source
    : value

/** Throws `SyntaxError`. */
export function parseExact(text: string): Json {
  const isLong = /\d{16}/.test(text)
  const reviver = isLong ? (exact as (key: string, value: unknown) => unknown) : undefined
  return JSON.parse(text, reviver) as Json
}

function bodyOf({ status, text }: OutboundReply, service: string): Json | null {
  if (text.trim() === '') return null
  try {
    return parseExact(text)
  } catch (cause) {
    if (status >= 300) return null
    const message = `The answer of ${service} is cut off, or something else spoke for it.`
    throw new AppError('upstream', message, { cause })
  }
}

/** Throws `upstream`: another version, a proxy, or an answer that was cut. */
export function readAs<S extends z.ZodType>(
  schema: S,
  value: Json | null,
  { service, what }: { readonly service: string; readonly what: string },
): z.output<S> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new AppError('upstream', `${service}’s answer to ${what} is not what it should be.`, {
    cause: read.error,
  })
}

/** To the second, which is all that a Date header tells. */
export function skewOf(headers: OutboundReply['headers'], now: number): number | null {
  const { date } = headers
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN
  if (Number.isNaN(theirs)) return null
  const skew = theirs - Math.floor(now / 1_000) * 1_000
  return Math.abs(skew) <= 1_000 ? 0 : skew
}
