// The front door: one HTTP server over the declared routes. It decides whose words about a request to
// believe before a URL is made of it, and gives up its sockets in order when it stops.

import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '#kernel/error.ts'
import { makeApplication, type ApplicationParts } from './application.ts'
import { readClient, TrustedProxies } from './client.ts'
import { answerBrokenRequests, Counts, limitConnections } from './connections.ts'
import type { Env } from './env.ts'
import { RequestRefusal } from './error.ts'
import { ownUrls, PublicUrls, requestTarget } from './host.ts'
import { DRAIN_MS, HEADERS_MAX, NODE_LIMITS, type ServerSettings } from './settings.ts'

export interface RunningServer {
  /** The address to open: `http://127.0.0.1:8420`. */
  readonly url: string
  /** Stops accepting, waits for what is under way, then cuts what is left. */
  stop(): Promise<void>
}

export interface ServerParts extends Pick<
  ApplicationParts,
  'house' | 'face' | 'settings' | 'routes' | 'sessions'
> {
  readonly drainMs?: number
}

/** Rejects with `invalid` for a setting that cannot hold, or an address that cannot be had. */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { settings, house } = parts
  const { hostname, port } = parseListen(settings.listen)
  refusePlainHttp(settings, hostname)
  const stopping = new AbortController()
  const trusted = new TrustedProxies(settings.trustedProxies)
  const server = createServer(NODE_LIMITS)
  server.maxConnections = settings.connectionsMax
  // One more than allowed: Node drops what is over its limit unseen, and we refuse what we can count.
  server.maxHeadersCount = HEADERS_MAX + 1
  limitConnections(server, settings.connectionsPerClientMax, trusted)
  answerBrokenRequests(server, () => house.random(18).toString('base64url'))
  const boundPort = await listen(server, hostname, port)
  const own = ownUrls('http', hostname, boundPort)
  const publicUrls = new PublicUrls(settings.publicUrls.length > 0 ? settings.publicUrls : own)
  const listener = makeListener({ ...parts, publicUrls, trusted, stopping: stopping.signal })
  server.on('request', listener)
  server.on('checkExpectation', listener)
  let stopped: Promise<void> | undefined
  return {
    url: own.at(-1)!,
    stop: () => (stopped ??= drain(server, stopping, parts.drainMs ?? DRAIN_MS)),
  }
}

const ANY_HOST = /^\/(healthz|readyz)(\?|$)/

function makeListener(parts: ApplicationParts) {
  const app = makeApplication(parts)
  const answer = getRequestListener((request, env) => app.fetch(request, env))
  const inFlight = new Counts()
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (parts.stopping.aborted) outgoing.shouldKeepAlive = false
    try {
      settleTarget(incoming, parts)
      holdPlace(incoming, outgoing, parts, inFlight)
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
  inFlight: Counts,
): void {
  const { isProxied, network } = readClient(incoming, trusted)
  if (!isProxied) return
  if (!inFlight.take(network, settings.connectionsPerClientMax)) {
    throw new RequestRefusal(429, 'rate_limited', 'Too many requests at once.', {
      'Retry-After': '1',
    })
  }
  outgoing.once('close', () => inFlight.release(network))
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

function parseListen(text: string): { hostname: string; port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text)
  if (!match || Number(match[3]) > 65_535) {
    throw new AppError('invalid', `server.listen: "${text}" is no HOST:PORT.`)
  }
  return { hostname: match[1] ?? match[2]!, port: Number(match[3]) }
}

function refusePlainHttp(settings: ServerSettings, hostname: string): void {
  const isLoopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(hostname)
  if (isLoopback || settings.allowHttp) return
  throw new AppError(
    'invalid',
    `server.listen: ${settings.listen} would carry passwords unencrypted. Set tls.cert_file and tls.key_file, listen on 127.0.0.1 behind a proxy, or set server.allow_http = true.`,
  )
}

function listen(server: Server, hostname: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cannotListen(hostname, port, cause)),
    )
    server.listen(port, hostname, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'ports below 1024 need a privilege',
  EADDRNOTAVAIL: 'no network interface of this machine has that address',
  ENOTFOUND: 'that name has no address',
}

function cannotListen(hostname: string, port: number, cause: NodeJS.ErrnoException): AppError {
  const why = LISTEN_ERRORS[cause.code ?? ''] ?? cause.message
  return new AppError('invalid', `server.listen: cannot listen on ${hostname}:${port}: ${why}.`, {
    cause,
  })
}

const IDLE_CHECK_MS = 50

async function drain(server: Server, stopping: AbortController, drainMs: number): Promise<void> {
  stopping.abort()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection kept alive turns idle when its answer is out; close() looks only once.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS)
  const cut = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}
