// Who a call is made as. Signs in with a token, or with name and password; the session is shared by all
// ports of the credential and renewed when it has ended, never twice for one call. Keeps the cookies, so
// that a cluster answers by one member.

import { AppError } from '#kernel/error.ts'
import { addMs, DAY, MINUTE } from '#kernel/time.ts'
import type { Connection, SignedIn } from '#domain/targets/port.ts'
import type { OutboundClient, OutboundReply } from '#platform/outbound-client.ts'
import type { SplunkCall } from './client.ts'
import { failureOf } from './failures.ts'
import { bodyOf, login, readAs } from './replies.ts'

/** Below the hour that Splunk keeps a session which nobody uses (server.conf, sessionTimeout). */
const SESSION_MS = 30 * MINUTE
const SESSION = 'session'
/** As long as the connection lasts: a token has no session, and yet stays with a member of a cluster. */
const TOKEN_MS = DAY

/** Sends calls as whoever is signed in. A refusal is an answer like any other. */
export function openSession(connection: Connection): (call: SplunkCall) => Promise<OutboundReply> {
  const { client, credential, signIns } = connection
  const outbound = client('api')
  let signingIn: Promise<SignedIn> | undefined

  /** Who is signed in already, or a new one: several calls at once sign in once. */
  async function signedIn(signal: AbortSignal): Promise<{ by: SignedIn; isNew: boolean }> {
    const known = signIns.find(SESSION)
    if (known !== undefined) return { by: known, isNew: false }
    const isMine = signingIn === undefined
    signingIn ??= signIn(connection, outbound, signal).finally(() => (signingIn = undefined))
    try {
      const by = await signingIn
      if (isMine) signIns.keep(SESSION, by)
      return { by, isNew: true }
    } catch (error) {
      // Whoever signed in for all gave up; that is not ours to give up.
      const isOthers = !isMine && error instanceof AppError && error.code === 'cancelled'
      if (!isOthers) throw error
      return signedIn(signal)
    }
  }

  return async (call) => {
    const { by, isNew } = await signedIn(call.signal)
    const reply = await exchange(outbound, call, by)
    if (reply.status !== 401 || credential.kind === 'token') return reply
    signIns.forget(SESSION, by)
    // A refused session had no effect, so even a write may be sent again; a fresh one is not renewed.
    if (isNew) return reply
    return exchange(outbound, call, (await signedIn(call.signal)).by)
  }
}

async function signIn(
  { credential, now }: Connection,
  outbound: OutboundClient,
  signal: AbortSignal,
): Promise<SignedIn> {
  const cookies = new Map<string, string>()
  if (credential.kind === 'token') {
    return { authorization: `Bearer ${credential.token}`, cookies, until: addMs(now(), TOKEN_MS) }
  }
  if (credential.kind !== 'basic') throw new AppError('unsupported', SIGN_INS)
  const call: SplunkCall = {
    method: 'POST',
    path: '/services/auth/login',
    form: { username: credential.user, password: credential.password, cookie: '1' },
    what: 'the sign-in',
    signal,
  }
  const reply = await exchange(outbound, call, null)
  if (reply.status !== 200) throw failureOf(reply, call.what)
  const { sessionKey } = readAs(login, bodyOf(reply), call.what)
  keepCookies(cookies, reply)
  return { authorization: `Splunk ${sessionKey}`, cookies, until: addMs(now(), SESSION_MS) }
}

const SIGN_INS = 'Splunk takes a token, or a user name and a password.'

async function exchange(
  outbound: OutboundClient,
  call: SplunkCall,
  by: SignedIn | null,
): Promise<OutboundReply> {
  const isChosen = call.form?.['output_mode'] !== undefined
  const query = new URLSearchParams({ ...(!isChosen && { output_mode: 'json' }), ...call.query })
  const cookie = [...(by?.cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  const reply = await outbound.send({
    method: call.method ?? 'GET',
    path: `${call.path}?${query.toString()}`,
    headers: {
      Accept: 'application/json',
      ...(by !== null && { Authorization: by.authorization }),
      ...(cookie !== '' && { Cookie: cookie }),
      ...(call.form && { 'Content-Type': 'application/x-www-form-urlencoded' }),
    },
    ...(call.form && { body: new URLSearchParams(call.form).toString() }),
    effect: call.effect ?? 'read',
    ...(call.firstByteMs !== undefined && { firstByteMs: call.firstByteMs }),
    signal: call.signal,
  })
  if (by !== null) keepCookies(by.cookies, reply)
  return reply
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
