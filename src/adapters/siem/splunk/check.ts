// Whether Splunk can be reached, who it is, who we are to it, and how its clock stands to ours.

import { z } from 'zod'
import type { CheckAnswer, Connection } from '#domain/targets/port.ts'
import { INSTANT_MAX, instant, SECOND, type Instant } from '#kernel/time.ts'
import type { SplunkClient } from './client.ts'
import { context, feed, readAs } from './replies.ts'

const info = z.object({ version: z.string().nullish(), product_type: z.string().nullish() })

const PRODUCTS: Readonly<Record<string, string>> = {
  enterprise: 'Splunk Enterprise',
  cloud: 'Splunk Cloud Platform',
}

export async function checkSplunk(
  client: SplunkClient,
  { credential, now }: Connection,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const asked = now()
  const what = 'who it is'
  const reply = await client.send({ path: '/services/server/info', what, signal })
  const { generator, entry } = readAs(feed, reply.body, what)
  const server = readAs(info, entry[0]?.content ?? {}, what)
  const mine = 'who this credential is'
  const me = await client.send({
    path: '/services/authentication/current-context',
    what: mine,
    signal,
  })
  const [found] = readAs(feed, me.body, mine).entry
  const { username } = readAs(context, found?.content ?? null, mine)
  return {
    product: PRODUCTS[server.product_type ?? ''] ?? 'Splunk',
    version: server.version ?? generator?.version ?? null,
    identity: username,
    clockSkewMs: skewOf(reply.headers['date'], asked),
    expiresAt: credential.kind === 'token' ? expiryOf(credential.token) : null,
  }
}

/** To the second, which is all that a Date header tells. */
function skewOf(date: string | readonly string[] | undefined, now: Instant): number | null {
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN
  if (Number.isNaN(theirs)) return null
  const skew = theirs - Math.floor(now / SECOND) * SECOND
  return Math.abs(skew) <= SECOND ? 0 : skew
}

const claims = z.object({ exp: z.number().int().positive() })

/** Splunk's tokens say when they end. Nothing is trusted here: it is only told to a person. */
function expiryOf(token: string): Instant | null {
  const [, payload] = token.split('.')
  if (payload === undefined) return null
  try {
    const text = Buffer.from(payload, 'base64url').toString('utf8')
    const { exp } = claims.parse(JSON.parse(text))
    return exp * SECOND > INSTANT_MAX ? null : instant(exp * SECOND)
  } catch {
    return null // another form of token
  }
}
