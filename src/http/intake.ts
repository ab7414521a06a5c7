// A raw request before it has a URL: whose words about it to believe, whether it is one at all, and
// whether its sender holds too much already. What passes goes to the application with a URL made of a
// configured origin.

import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { makeApplication, type ApplicationParts } from './application.ts'
import { readClient } from './client.ts'
import { Counts } from './connections.ts'
import type { Env } from './env.ts'
import { RequestRefusal } from './error.ts'
import { requestTarget } from './host.ts'
import { HEADERS_MAX } from './settings.ts'

/** Load balancers ask by address. */
const ANY_HOST = /^\/(healthz|readyz)(\?|$)/

export type RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

export function makeListener(parts: ApplicationParts): RequestListener {
  const app = makeApplication(parts)
  const answer = getRequestListener((request, env) => app.fetch(request, env))
  const underWay = new Counts()
  return (incoming, outgoing) => {
    if (parts.stopping.aborted) outgoing.shouldKeepAlive = false
    try {
      settleTarget(incoming, parts)
      holdPlace(incoming, outgoing, parts, underWay)
    } catch (error) {
      void refuse(app, incoming, outgoing, error as RequestRefusal)
      return
    }
    void answer(incoming, outgoing)
  }
}

// Rewrites the request so that its URL is built from a configured origin and from nothing it claims.
function settleTarget(incoming: IncomingMessage, { publicUrls, trusted }: ApplicationParts): void {
  if (incoming.rawHeaders.length / 2 > HEADERS_MAX) {
    throw new RequestRefusal(431, 'too_large', `A request has at most ${HEADERS_MAX} headers.`)
  }
  if (incoming.method === 'TRACE') {
    throw new RequestRefusal(405, 'unsupported', 'TRACE is not served.')
  }
  const expected = incoming.headers.expect
  if (expected !== undefined && expected.toLowerCase() !== '100-continue') {
    throw new RequestRefusal(417, 'unsupported', 'That expectation is not known here.')
  }
  const { host, target } = requestTarget(incoming)
  const origin = ANY_HOST.test(target)
    ? publicUrls.first
    : publicUrls.originOf(host, readClient(incoming, trusted).isSecure)
  incoming.headers.host = origin.slice(origin.indexOf('//') + 2)
  incoming.url = target
}

// Sockets of a trusted proxy are not counted, so what one client has under way behind it is.
function holdPlace(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { settings, trusted }: ApplicationParts,
  underWay: Counts,
): void {
  const { isProxied, network } = readClient(incoming, trusted)
  if (!isProxied) return
  if (!underWay.take(network, settings.connectionsPerClientMax)) {
    throw new RequestRefusal(429, 'rate_limited', 'Too many requests at once.', {
      'Retry-After': '1',
    })
  }
  outgoing.once('close', () => underWay.release(network))
}

// Without a target no route can be found; the same application answers, so that headers, log and
// wording are those of any other refusal.
async function refuse(
  app: Hono<Env>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  refusal: RequestRefusal,
): Promise<void> {
  const wanted = { Accept: incoming.headers.accept ?? '' }
  const request = new Request('http://refused.invalid/', { headers: wanted })
  const answer = await app.fetch(request, { incoming, outgoing, refusal })
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), Connection: 'close' })
  outgoing.end(await answer.text())
}
