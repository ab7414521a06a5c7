// Talks to one management port. Signs in with a token, or with name and password once and again when the
// session has ended, never twice for one call; keeps the cookies, so that a cluster answers by one member.

import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Connection, Credential } from '#domain/targets/port.ts'
import type { HttpMethod, OutboundReply } from '#platform/outbound-client.ts'
import { failureOf } from './failures.ts'
import { feed, login, readAs } from './replies.ts'

export interface SplunkCall {
  readonly method?: HttpMethod
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly effect?: 'read' | 'write'
  /** What is asked, for a person: "the search". */
  readonly what: string
  /** Statuses that are an answer here and no failure. */
  readonly accepts?: readonly number[]
  readonly firstByteMs?: number
  readonly signal: AbortSignal
}

export interface SplunkReply {
  readonly status: number
  readonly headers: OutboundReply['headers']
  /** null where the answer is empty or none of splunkd's. */
  readonly body: Json | null
}

export interface SplunkClient {
  /** Throws AppError for every status from 300 on that the call does not accept. */
  send(call: SplunkCall): Promise<SplunkReply>
  /** Asked once. */
  version(signal: AbortSignal): Promise<SplunkVersion>
}

export interface SplunkVersion {
  readonly text: string
  /** Search jobs of the second version: results are asked for with a form of any length. */
  readonly hasV2: boolean
}

export function openClient({ client, credential }: Connection): SplunkClient {
  const outbound = client('api')
  const cookies = new Map<string, string>()
  let session: Promise<string> | undefined
  let version: Promise<SplunkVersion> | undefined

  async function exchange(call: SplunkCall, authorization: string | null): Promise<OutboundReply> {
    const isChosen = call.form?.['output_mode'] !== undefined
    const query = new URLSearchParams({ ...(!isChosen && { output_mode: 'json' }), ...call.query })
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await outbound.send({
      method: call.method ?? 'GET',
      path: `${call.path}?${query.toString()}`,
      headers: {
        Accept: 'application/json',
        ...(authorization !== null && { Authorization: authorization }),
        ...(cookie !== '' && { Cookie: cookie }),
        ...(call.form && { 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      ...(call.form && { body: new URLSearchParams(call.form).toString() }),
      effect: call.effect ?? 'read',
      ...(call.firstByteMs !== undefined && { firstByteMs: call.firstByteMs }),
      signal: call.signal,
    })
    keepCookies(cookies, reply)
    return reply
  }

  async function signIn(user: string, password: string, signal: AbortSignal): Promise<string> {
    cookies.clear()
    const call: SplunkCall = {
      method: 'POST',
      path: '/services/auth/login',
      form: { username: user, password, cookie: '1' },
      what: 'the sign-in',
      signal,
    }
    const reply = await exchange(call, null)
    if (reply.status !== 200) throw failureOf(reply, call.what)
    return `Splunk ${readAs(login, bodyOf(reply), call.what).sessionKey}`
  }

  async function authorized(call: SplunkCall): Promise<OutboundReply> {
    const fixed = fixedAuthorization(credential)
    if (fixed !== undefined) return exchange(call, fixed)
    if (credential.kind !== 'basic') throw new AppError('unsupported', SIGN_INS)
    const { user, password } = credential
    const known = session
    session ??= signIn(user, password, call.signal).catch((error: unknown) => {
      session = undefined
      throw error
    })
    const mine = session
    const reply = await exchange(call, await mine)
    // A refused session had no effect, so even a write may be sent again; a fresh one is not renewed.
    if (reply.status !== 401 || known === undefined) return reply
    if (session === mine) session = signIn(user, password, call.signal)
    return exchange(call, await session)
  }

  const send = async (call: SplunkCall): Promise<SplunkReply> => {
    const reply = await authorized(call)
    const isFine = reply.status < 300 || (call.accepts?.includes(reply.status) ?? false)
    if (!isFine) throw failureOf(reply, call.what)
    return { status: reply.status, headers: reply.headers, body: bodyOf(reply) }
  }
  return {
    send,
    version: (signal) =>
      (version ??= readVersion(send, signal).catch((error: unknown) => {
        version = undefined
        throw error
      })),
  }
}

const SIGN_INS = 'Splunk takes a token, or a user name and a password.'

function fixedAuthorization(credential: Credential): string | undefined {
  return credential.kind === 'token' ? `Bearer ${credential.token}` : undefined
}

const COOKIES_MAX = 20

function keepCookies(cookies: Map<string, string>, { headers }: OutboundReply): void {
  const given = headers['set-cookie'] ?? []
  for (const line of typeof given === 'string' ? [given] : given) {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    if (cookies.size < COOKIES_MAX || cookies.has(name)) cookies.set(name, value)
  }
}

/** Throws `upstream` for what calls itself fine and is no JSON. */
function bodyOf({ status, text }: OutboundReply): Json | null {
  if (text.trim() === '') return null
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    if (status >= 300) return null
    throw new AppError(
      'upstream',
      'The answer of Splunk is cut off, or something else spoke for it.',
      {
        cause,
      },
    )
  }
}

async function readVersion(
  send: SplunkClient['send'],
  signal: AbortSignal,
): Promise<SplunkVersion> {
  const what = 'who it is'
  const reply = await send({ path: '/services/server/info', what, signal })
  const { generator } = readAs(feed, reply.body, what)
  const text = generator?.version ?? ''
  return { text, hasV2: hasV2(text, generator?.instance_type === 'cloud') }
}

/** From 9.0.2 on, in the cloud from 9.0.2209; older ones know the first version alone. */
function hasV2(version: string, isCloud: boolean): boolean {
  const parts = version.split('.').map(Number)
  const least = isCloud ? [9, 0, 2_209] : [9, 0, 2]
  for (const [at, wanted] of least.entries()) {
    const part = parts[at] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}
