// The front door: one server over the declared routes, on http or https, that holds its limits from the
// first byte and gives up its sockets in order when it stops.

import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { AppError } from '#kernel/error.ts'
import type { House } from '#platform/house.ts'
import type { ApplicationParts } from './application.ts'
import { TrustedProxies } from './client.ts'
import { answerBrokenRequests, limitConnections } from './connections.ts'
import { ownUrls, PublicUrls } from './host.ts'
import { makeListener } from './intake.ts'
import { DRAIN_MS, HEADERS_MAX, NODE_LIMITS, type ServerSettings } from './settings.ts'
import { TlsFiles } from './tls.ts'

export interface RunningServer {
  /** The address to open: `http://127.0.0.1:8420`. */
  readonly url: string
  /** The first public origin, for links: `http://localhost:8420`. */
  readonly publicUrl: string
  /** Stops accepting, waits for what is under way, then cuts what is left. */
  stop(): Promise<void>
}

export interface ServerParts extends Pick<
  ApplicationParts,
  'house' | 'face' | 'settings' | 'routes' | 'sessions' | 'tokens' | 'observe'
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
  const { server, scheme, close } = makeServer(settings, house)
  server.maxConnections = settings.connectionsMax
  // One more than allowed: Node drops what is over its limit unseen, and we refuse what we can count.
  server.maxHeadersCount = HEADERS_MAX + 1
  limitConnections(server, settings.connectionsPerClientMax, trusted)
  answerBrokenRequests(server, () => house.random(18).toString('base64url'))
  const boundPort = await listen(server, hostname, port)
  const own = ownUrls(scheme, hostname, boundPort)
  const publicUrls = new PublicUrls(settings.publicUrls.length > 0 ? settings.publicUrls : own)
  const listener = makeListener({ ...parts, publicUrls, trusted, stopping: stopping.signal })
  server.on('request', listener)
  server.on('checkExpectation', listener)
  let stopped: Promise<void> | undefined
  return {
    url: own.at(-1)!,
    publicUrl: publicUrls.first,
    stop() {
      close()
      return (stopped ??= drain(server, stopping, parts.drainMs ?? DRAIN_MS))
    },
  }
}

interface MadeServer {
  readonly server: Server | TlsServer
  readonly scheme: 'http' | 'https'
  readonly close: () => void
}

function makeServer({ tls }: ServerSettings, house: House): MadeServer {
  if (!tls) return { server: createServer(NODE_LIMITS), scheme: 'http', close: () => {} }
  const files = new TlsFiles(tls, house)
  const handshakeTimeout = NODE_LIMITS.headersTimeout
  const server = createTlsServer({ ...NODE_LIMITS, ...files.identity, handshakeTimeout })
  files.watch((identity) => server.setSecureContext(identity))
  return { server, scheme: 'https', close: () => files.close() }
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
  if (isLoopback || settings.tls || settings.allowHttp) return
  throw new AppError(
    'invalid',
    `server.listen: ${settings.listen} would carry passwords unencrypted. Set tls.cert_file and tls.key_file, listen on 127.0.0.1 behind a proxy, or set server.allow_http = true.`,
  )
}

function listen(server: Server | TlsServer, hostname: string, port: number): Promise<number> {
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

async function drain(
  server: Server | TlsServer,
  stopping: AbortController,
  drainMs: number,
): Promise<void> {
  stopping.abort()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection kept alive turns idle when its answer is out; close() looks only once.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS)
  const cut = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}
