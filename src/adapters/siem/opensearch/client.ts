// Talks to one cluster, and turns what it refuses into the product's words.

import type { z } from 'zod'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Connection, Credential } from '#domain/targets/port.ts'
import type { HttpMethod, OutboundReply } from '#platform/outbound-client.ts'
import { ofWrite } from '#platform/outbound-retry.ts'
import { failure } from './replies.ts'

export interface OpensearchCall {
  readonly method?: HttpMethod
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Json
  /** Sent as it is, in place of a body: a Sigma rule. */
  readonly text?: string
  readonly effect?: 'read' | 'write'
  /** What is asked, for a person: "the search". */
  readonly what: string
  readonly accepts?: readonly number[]
  readonly firstByteMs?: number
  readonly signal: AbortSignal
}

export interface OpensearchReply {
  readonly status: number
  readonly headers: OutboundReply['headers']
  readonly body: Json | null
}

export interface OpensearchClient {
  /** Throws AppError for every status from 300 on that the call does not accept. */
  send(call: OpensearchCall): Promise<OpensearchReply>
}

export function openClient({ client, credential }: Connection): OpensearchClient {
  const outbound = client('api')
  return {
    async send(call) {
      const query = new URLSearchParams(call.query).toString()
      const body = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
      const reply = await outbound.send({
        method: call.method ?? 'GET',
        path: query === '' ? call.path : `${call.path}?${query}`,
        headers: {
          Accept: 'application/json',
          ...authorizationOf(credential),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        effect: call.effect ?? 'read',
        ...(call.firstByteMs !== undefined && { firstByteMs: call.firstByteMs }),
        signal: call.signal,
      })
      const isFine = reply.status < 300 || (call.accepts?.includes(reply.status) ?? false)
      if (!isFine)
        throw ofWrite(failureOf(reply, call.what), { effect: call.effect, status: reply.status })
      return { status: reply.status, headers: reply.headers, body: bodyOf(reply) }
    },
  }
}

/** None where the certificate that the connection shows says who we are. */
function authorizationOf(credential: Credential): { readonly Authorization?: string } {
  if (credential.kind === 'none') return {}
  if (credential.kind === 'token') return { Authorization: `Bearer ${credential.token}` }
  if (credential.kind === 'basic') {
    const { user, password } = credential
    const pair = Buffer.from(`${user}:${password}`, 'utf8').toString('base64')
    return { Authorization: `Basic ${pair}` }
  }
  const message = 'OpenSearch takes a token, a user name and a password, or a certificate.'
  throw new AppError('unsupported', message)
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/** Whole numbers beyond what a double holds stay text, so that no digit changes. */
const exact: Reviver = (_, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? source
    : value

function bodyOf({ status, text }: OutboundReply): Json | null {
  if (text.trim() === '') return null
  try {
    const isLong = /\d{16}/.test(text)
    return JSON.parse(
      text,
      isLong ? (exact as (key: string, value: unknown) => unknown) : undefined,
    ) as Json
  } catch (cause) {
    if (status >= 300) return null
    const message = 'The answer of OpenSearch is cut off, or something else spoke for it.'
    throw new AppError('upstream', message, { cause })
  }
}

const CODES: Readonly<Record<number, readonly [ErrorCode, (what: string) => string]>> = {
  400: ['invalid', (what) => `OpenSearch refuses ${what}.`],
  401: ['unauthenticated', () => 'OpenSearch does not know this credential, or it has expired.'],
  403: ['forbidden', (what) => `The credential may not do this on OpenSearch: ${what}.`],
  404: ['not_found', (what) => `OpenSearch does not have this: ${what}.`],
  409: ['stale', (what) => `Somebody was faster on OpenSearch: ${what}.`],
  412: ['stale', (what) => `Somebody was faster on OpenSearch: ${what}.`],
  413: ['too_large', (what) => `This is larger than OpenSearch takes: ${what}.`],
  429: ['rate_limited', () => 'OpenSearch asks for fewer requests.'],
}

/** What the cluster says stays beside, as a problem where it is about a query or a rule. */
function failureOf(reply: OutboundReply, what: string): AppError {
  const { status, text } = reply
  const reasons = reasonsIn(text)
  const cause = new Error(`${status}: ${reasons.join(' ')}`)
  if (status >= 300 && status < 400) {
    const message = `OpenSearch sends ${what} to another address, which is not followed.`
    return new AppError('upstream', message, { cause })
  }
  const known = CODES[status]
  if (known === undefined) {
    const message = `OpenSearch, or what stands before it, answered ${status} to ${what}.`
    return new AppError('upstream', message, { cause })
  }
  const problems = reasons.map((message) => ({
    code: 'opensearch/refused',
    severity: 'error' as const,
    message,
  }))
  const isTold = status === 400 || status === 403
  const seconds = Number(reply.headers['retry-after'])
  return new AppError(known[0], known[1](what), {
    cause,
    ...(isTold && { details: { problems } }),
    ...(Number.isFinite(seconds) && { retryAfterSeconds: Math.ceil(seconds) }),
  })
}

const REASONS_MAX = 10

/** The root causes before what wraps them. */
export function reasonsIn(text: string): readonly string[] {
  try {
    const { error } = failure.parse(JSON.parse(text))
    if (typeof error === 'string') return [tidy(error)]
    const causes = error.root_cause.length > 0 ? error.root_cause : [error]
    return [...new Set(causes.map(({ reason }) => tidy(reason)))].slice(0, REASONS_MAX)
  } catch {
    return [] // a proxy, or an answer that was cut: the status alone speaks
  }
}

const TEXT_CHARS_MAX = 500

/** One line, not too long. */
export function tidy(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > TEXT_CHARS_MAX ? `${line.slice(0, TEXT_CHARS_MAX)}…` : line
}

/** Throws `upstream`: another version, a proxy, or an answer that was cut. */
export function readAs<S extends z.ZodType>(
  schema: S,
  value: Json | null,
  what: string,
): z.output<S> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new AppError('upstream', `OpenSearch's answer to ${what} is not what it should be.`, {
    cause: read.error,
  })
}
