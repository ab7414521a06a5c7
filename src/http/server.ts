// The front door: one HTTP server over the declared routes. Every answer, refusals of Node's own
// parser included, carries the same headers; every failure passes one boundary; whatever no route
// names is not there.

import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeId, ID_PREFIXES } from '#kernel/id.ts'
import { AppError } from '#kernel/error.ts'
import type { House } from '#platform/house.ts'
import { readClient, TrustedProxies } from './client.ts'
import type { Env, HttpContext } from './env.ts'
import { answerRefusal, describeError, RequestRefusal } from './error.ts'
import { gate } from './gate.ts'
import { contentSecurityPolicy, FIXED_HEADERS, NO_STORE } from './headers.ts'
import { ownUrls, PublicUrls, requestTarget } from './host.ts'
import type { Route } from './routes.ts'
import type { Sessions } from './session.ts'

export interface ServerSettings {
  /** `host:port`; an IPv6 address in brackets. Port 0 picks one. */
  readonly listen: string
  /** Empty for the listen address by name and number. */
  readonly publicUrls: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly trustedOrigins: readonly string[]
}

export interface RunningServer {
  /** The address to open: `http://127.0.0.1:8420`. */
  readonly url: string
  /** Stops accepting, waits for what runs, then cuts what is left. */
  stop(): Promise<void>
}

export interface ServerParts {
  readonly house: House
  readonly settings: ServerSettings
  readonly routes: readonly Route[]
  readonly sessions: Sessions
}

/** Rejects with a plain Error of Node when the address cannot be listened on. */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { settings } = parts
  const at = settings.listen.lastIndexOf(':')
  const hostname = settings.listen.slice(0, at).replace(/^\[|\]$/g, '')
  const stopping = new AbortController()
  const server = createServer()
  const port = await listen(server, hostname, Number(settings.listen.slice(at + 1)))
  const own = ownUrls('http', hostname, port)
  const publicUrls = new PublicUrls(settings.publicUrls.length > 0 ? settings.publicUrls : own)
  server.on('request', makeListener(parts, publicUrls, stopping.signal))
  return {
    url: own.at(-1)!,
    async stop() {
      stopping.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await closed
    },
  }
}

function listen(server: Server, hostname: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

const ANY_HOST = /^\/(healthz|readyz)(\?|$)/

function makeListener(parts: ServerParts, publicUrls: PublicUrls, stopping: AbortSignal) {
  const trusted = new TrustedProxies(parts.settings.trustedProxies)
  const app = makeApp(parts, publicUrls, trusted, stopping)
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: true,
  })
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    try {
      settleTarget(incoming, publicUrls, trusted)
    } catch (error) {
      void refuse(app, incoming, outgoing, error)
      return
    }
    void listener(incoming, outgoing)
  }
}

// Rewrites the request so that its URL is built from a configured origin and nothing else.
function settleTarget(
  incoming: IncomingMessage,
  publicUrls: PublicUrls,
  trusted: TrustedProxies,
): void {
  if (incoming.method === 'TRACE')
    throw new RequestRefusal(405, 'unsupported', 'TRACE is not served.')
  const { host, target } = requestTarget(incoming)
  const origin = ANY_HOST.test(target)
    ? publicUrls.first
    : publicUrls.originOf(host, readClient(incoming, trusted).isSecure)
  incoming.headers.host = origin.slice(origin.indexOf('//') + 2)
  incoming.url = target
}

// Without a target no route can be found; the same app answers, so that headers and log are the same.
async function refuse(
  app: Hono<Env>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: unknown,
): Promise<void> {
  const request = new Request('http://refused.invalid/')
  const answer = await app.fetch(request, { incoming, outgoing, refusal: error as RequestRefusal })
  outgoing.writeHead(answer.status, {
    ...Object.fromEntries(answer.headers),
    Connection: 'close',
  })
  outgoing.end(await answer.text())
}

function makeApp(
  { house, routes, sessions, settings }: ServerParts,
  publicUrls: PublicUrls,
  trusted: TrustedProxies,
  stopping: AbortSignal,
): Hono<Env> {
  const app = new Hono<Env>()
  const origins = { own: publicUrls.origins, trusted: new Set(settings.trustedOrigins) }
  app.use(async (c, next) => {
    c.set('house', house)
    c.set('stopping', stopping)
    c.set('nonce', house.random(18).toString('base64url'))
    c.set('requestId', makeId(ID_PREFIXES.request, house.clock.now(), house.random(10)))
    c.set('client', readClient(c.env.incoming, trusted))
    await next()
    setHeaders(c)
  })
  app.use((c, next) => {
    if (c.env.refusal) throw c.env.refusal
    return next()
  })
  for (const route of routes) {
    app.on(route.method, route.path, gate(route, sessions, origins), route.handler)
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method)
    app.all(path, () => {
      throw new RequestRefusal(405, 'unsupported', 'This address is not called that way.', {
        Allow: allowed.join(', '),
      })
    })
  }
  app.notFound(() => {
    throw new AppError('not_found', 'There is no such page.')
  })
  app.onError((error, c) => {
    const refusal = describeError(error)
    if (refusal.code === 'bug') {
      c.var.house.log.error({ err: error, requestId: c.var.requestId }, 'a request met a bug')
    }
    return answerRefusal(c, refusal)
  })
  return app
}

function setHeaders(c: HttpContext): void {
  const { headers } = c.res
  headers.set('Content-Security-Policy', contentSecurityPolicy(c.var.nonce))
  for (const [name, value] of FIXED_HEADERS) headers.set(name, value)
  headers.set('X-Request-Id', c.var.requestId)
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', NO_STORE)
}
