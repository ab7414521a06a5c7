// Talks to Elasticsearch and to Kibana, which sign in alike and refuse differently, and turns what they
// refuse into the product's words.

import type { z } from 'zod'
import type { Connection, Credential } from '#domain/targets/port.ts'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import type { HttpMethod, OutboundReply } from '#platform/outbound-client.ts'
import { ofWrite } from '#platform/outbound-retry.ts'
import { elasticFailure, kibanaFailure } from './replies.ts'
import type { ElasticSettings } from './settings.ts'

export type Side = 'Elasticsearch' | 'Kibana'

export interface ElasticCall {
  readonly method?: HttpMethod
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Json
  /** In place of a body: one value a line. */
  readonly lines?: readonly unknown[]
  readonly effect?: 'read' | 'write'
  /** What is asked, for a person: "the search". */
  readonly what: string
  readonly accepts?: readonly number[]
  readonly firstByteMs?: number
  /** Names the work in Elasticsearch's own lists and logs. */
  readonly opaqueId?: string
  readonly signal: AbortSignal
}

export interface ElasticReply {
  readonly status: number
  readonly headers: OutboundReply['headers']
  readonly body: Json | null
}

export interface ElasticClient {
  /** Throws AppError for every status from 300 on that the call does not accept. */
  send(call: ElasticCall): Promise<ElasticReply>
}

export function openElasticsearch({ client, credential }: Connection): ElasticClient {
  const outbound = client('api')
  const send = (call: ElasticCall) =>
    exchange(outbound, 'Elasticsearch', call, {
      ...authorizationOf(credential),
      ...(call.opaqueId !== undefined && { 'X-Opaque-Id': call.opaqueId }),
    })
  return { send }
}

/** Paths are those of the target's space. */
export function openKibana(
  { client, credential }: Connection,
  { space }: ElasticSettings,
): ElasticClient {
  const outbound = client('kibana')
  const prefix = space === 'default' ? '' : `/s/${space}`
  const send = (call: ElasticCall) =>
    exchange(
      outbound,
      'Kibana',
      { ...call, path: prefix + call.path },
      {
        ...authorizationOf(credential),
        'elastic-api-version': '2023-10-31',
        'kbn-xsrf': 'rulewright',
      },
    )
  return { send }
}

async function exchange(
  outbound: ReturnType<Connection['client']>,
  side: Side,
  call: ElasticCall,
  headers: Readonly<Record<string, string>>,
): Promise<ElasticReply> {
  const query = new URLSearchParams(call.query).toString()
  const body = writtenBody(call)
  const reply = await outbound.send({
    method: call.method ?? 'GET',
    path: query === '' ? call.path : `${call.path}?${query}`,
    headers: {
      ...headers,
      Accept: 'application/json',
      ...(body !== undefined && {
        'Content-Type': call.lines === undefined ? 'application/json' : 'application/x-ndjson',
      }),
    },
    ...(body !== undefined && { body }),
    effect: call.effect ?? 'read',
    ...(call.firstByteMs !== undefined && { firstByteMs: call.firstByteMs }),
    signal: call.signal,
  })
  const isFine = reply.status < 300 || (call.accepts?.includes(reply.status) ?? false)
  if (!isFine)
    throw ofWrite(failureOf(reply, side, call.what), { effect: call.effect, status: reply.status })
  return { status: reply.status, headers: reply.headers, body: bodyOf(reply, side) }
}

function writtenBody({ body, lines }: ElasticCall): string | undefined {
  if (lines !== undefined) return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  return body === undefined ? undefined : JSON.stringify(body)
}

/** None where the certificate that the connection shows says who we are. */
function authorizationOf(credential: Credential): { readonly Authorization?: string } {
  switch (credential.kind) {
    case 'none':
      return {}
    case 'api_key':
      return { Authorization: `ApiKey ${base64(`${credential.id}:${credential.key}`)}` }
    case 'basic':
      return { Authorization: `Basic ${base64(`${credential.user}:${credential.password}`)}` }
    case 'token':
      return { Authorization: `Bearer ${credential.token}` }
    default:
      throw new AppError('unsupported', 'Elastic takes an API key, or a user name and a password.')
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/** Whole numbers beyond what a double holds stay text, so that no digit changes. */
const exact: Reviver = (_, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? source
    : value

function bodyOf({ status, text }: OutboundReply, side: Side): Json | null {
  if (text.trim() === '') return null
  try {
    const isLong = /\d{16}/.test(text)
    return JSON.parse(
      text,
      isLong ? (exact as (key: string, value: unknown) => unknown) : undefined,
    ) as Json
  } catch (cause) {
    if (status >= 300) return null
    const message = `The answer of ${side} is cut off, or something else spoke for it.`
    throw new AppError('upstream', message, { cause })
  }
}

/** Throws `upstream`: another version, a proxy, or an answer that was cut. */
export function readAs<S extends z.ZodType>(
  schema: S,
  value: Json | null,
  what: string,
): z.output<S> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new AppError('upstream', `Elastic's answer to ${what} is not what it should be.`, {
    cause: read.error,
  })
}

// ── Refusals ─────────────────────────────────────────────────────────────────────────────────────

type Words = (side: Side, what: string) => string

const CODES: Readonly<Record<number, readonly [ErrorCode, Words]>> = {
  400: ['invalid', (side, what) => `${side} refuses ${what}.`],
  401: ['unauthenticated', (side) => `${side} does not know this credential, or it has expired.`],
  403: ['forbidden', (side, what) => `The credential may not do this on ${side}: ${what}.`],
  404: ['not_found', (side, what) => `${side} does not have this: ${what}.`],
  409: ['conflict', (side, what) => `${side} finds a contradiction in ${what}.`],
  412: ['stale', (side, what) => `Somebody was faster in ${side}: ${what}.`],
  413: [
    'too_large',
    (side, what) => `This is larger than ${side} takes (${LIMITS[side]}): ${what}.`,
  ],
  429: ['rate_limited', (side) => `${side} is too busy, and asks for fewer requests.`],
}

const LIMITS: Readonly<Record<Side, string>> = {
  Elasticsearch: 'http.max_content_length',
  Kibana: 'server.maxPayload',
}

function failureOf(reply: OutboundReply, side: Side, what: string): AppError {
  const { status, text } = reply
  const reasons = reasonsIn(text)
  const cause = new Error(`${status}: ${reasons.join(' ')}`)
  if (status >= 300 && status < 400) {
    const message = `${side} sends ${what} to another address, which is not followed.`
    return new AppError('upstream', message, { cause })
  }
  const known = CODES[status]
  if (known === undefined) {
    const message = `${side}, or what stands before it, answered ${status} to ${what}.`
    return new AppError('upstream', message, { cause })
  }
  const isTold = [400, 403, 404, 409].includes(status)
  const seconds = Number(reply.headers['retry-after'])
  return new AppError(known[0], known[1](side, what), {
    cause,
    ...(isTold && { details: { problems: problemsOf(reasons) } }),
    ...(Number.isFinite(seconds) && { retryAfterSeconds: Math.ceil(seconds) }),
  })
}

export function problemsOf(reasons: readonly string[]): readonly Problem[] {
  return reasons.map((message) => ({ code: 'elastic/refused', severity: 'error', message }))
}

const REASONS_MAX = 10

/** What the answer says of itself, in any of the three shapes; none where a proxy speaks. */
export function reasonsIn(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text)
    const kibana = kibanaFailure.safeParse(value)
    if (kibana.success) return told([kibana.data.message].flat())
    const { error } = elasticFailure.parse(value)
    if (typeof error === 'string') return told([error])
    const causes = error.root_cause.length > 0 ? error.root_cause : [error]
    return told(causes.map(({ reason }) => reason))
  } catch {
    return [] // a proxy, or an answer that was cut: the status alone speaks
  }
}

function told(reasons: readonly string[]): readonly string[] {
  return [...new Set(reasons.map(tidy).filter((reason) => reason !== ''))].slice(0, REASONS_MAX)
}

const TEXT_CHARS_MAX = 500

/** One line, not too long. */
export function tidy(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > TEXT_CHARS_MAX ? `${line.slice(0, TEXT_CHARS_MAX)}…` : line
}
