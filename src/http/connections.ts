// Sockets, before there is a request: how many one address may hold, and what a peer is told whose
// bytes are no request. Node writes those answers itself, bare; ours carry the same headers as any
// other.

import type { Server as HttpServer } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { networkOf, peerAddress, type TrustedProxies } from './client.ts'
import { titleOf } from './error.ts'
import { contentSecurityPolicy, FIXED_HEADERS, NO_STORE } from './headers.ts'

type Server = HttpServer | TlsServer

/** How many of something each network holds right now. */
export class Counts {
  readonly #held = new Map<string, number>()

  /** False, and nothing counted, when the network holds `max` already. */
  take(network: string, max: number): boolean {
    const held = this.#held.get(network) ?? 0
    if (held >= max) return false
    this.#held.set(network, held + 1)
    return true
  }

  release(network: string): void {
    const held = this.#held.get(network) ?? 0
    if (held <= 1) this.#held.delete(network)
    else this.#held.set(network, held - 1)
  }
}

/** Cuts a connection too many from one address. Trusted proxies speak for many and are let through. */
export function limitConnections(server: Server, max: number, trusted: TrustedProxies): void {
  const counts = new Counts()
  server.on('connection', (socket: Socket) => {
    const peer = peerAddress(socket.remoteAddress)
    if (trusted.holds(peer)) return
    const network = networkOf(peer)
    if (!counts.take(network, max)) {
      socket.destroy()
      return
    }
    socket.once('close', () => counts.release(network))
  })
}

/** Answers what Node's parser refuses, and the methods that never become a request. */
export function answerBrokenRequests(server: Server, makeNonce: () => string): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswered = (socket as HttpSocket)._httpMessage?.headersSent === true
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswered) socket.destroy()
    else socket.end(plainAnswer(statusOf(error.code), makeNonce()))
  })
  server.on('connect', (_, socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(plainAnswer(405, makeNonce()))
  })
}

// Node keeps the answer in progress here; it is what its own default handler looks at.
type HttpSocket = Socket & { readonly _httpMessage?: { readonly headersSent: boolean } }

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}

function plainAnswer(status: number, nonce: string): string {
  const body = `${titleOf(status)}\n`
  const headers: readonly (readonly [string, string])[] = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Connection', 'close'],
    ['Cache-Control', NO_STORE],
    ['Content-Security-Policy', contentSecurityPolicy(nonce)],
    ...FIXED_HEADERS,
  ]
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `HTTP/1.1 ${status} ${titleOf(status)}\r\n${lines}\r\n${body}`
}
