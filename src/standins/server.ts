// The server of every stand-in: a SIEM's wire format on loopback, over http or https, for tests and for
// the demonstration. It keeps what it was asked, and its faults (faults.ts) break what it answers.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Clock } from '#kernel/time.ts'
import { SHOWN_BY, type Reply, type SeenRequest } from './exchange.ts'
import { Faults } from './faults.ts'

/** What a vendor's folder makes: Hono's `app.fetch` fits. */
export type Answerer = (request: Request) => Response | Promise<Response>

export interface StandinOptions {
  /** Speaks https with this certificate, which may be expired. PEM. */
  readonly tls?: {
    readonly cert: string
    readonly key: string
    /** Demands a certificate of this authority from whoever connects. PEM. */
    readonly clientCa?: string
  }
  /** Tells the Date header. */
  readonly clock: Pick<Clock, 'now'>
}

export interface Standin {
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string
  /** The latest requests, oldest first. */
  readonly requests: readonly SeenRequest[]
  readonly faults: Faults
  stop(): Promise<void>
}

const REQUESTS_KEPT_MAX = 10_000
const BODY_BYTES_MAX = 64 * 1024 * 1024

/** On a free port of 127.0.0.1. */
export async function startStandin(
  answer: Answerer,
  { tls, clock }: StandinOptions,
): Promise<Standin> {
  const requests: SeenRequest[] = []
  const faults = new Faults()
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy())
  }
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const seen = await readRequest(incoming)
    requests.push(seen)
    if (requests.length > REQUESTS_KEPT_MAX) requests.shift()
    const broken = faults.take(seen)
    const reply = await broken.apply(() => replyOf(answer, seen, url))
    await send(outgoing, reply, clock)
  }
  const server =
    tls === undefined ? createServer(listener) : createTlsServer(tlsOptions(tls), listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  return {
    url,
    requests,
    faults,
    stop: () =>
      new Promise((resolve) => {
        faults.clear()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function tlsOptions({ clientCa, ...own }: NonNullable<StandinOptions['tls']>) {
  if (clientCa === undefined) return own
  return { ...own, ca: clientCa, requestCert: true, rejectUnauthorized: true }
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) throw new Error('a request larger than a stand-in reads')
    chunks.push(chunk)
  }
  const target = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const { socket } = incoming
  const shown = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined
  return {
    method: incoming.method ?? 'GET',
    path: target.pathname,
    query: target.searchParams,
    headers: { ...incoming.headers, [SHOWN_BY]: shown },
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

async function replyOf(answer: Answerer, seen: SeenRequest, url: string): Promise<Reply> {
  const query = seen.query.size === 0 ? '' : `?${seen.query.toString()}`
  const headers = new Headers()
  for (const [name, value] of Object.entries(seen.headers)) {
    if (value === undefined) continue
    headers.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  const isBodiless = seen.method === 'GET' || seen.method === 'HEAD'
  const body = isBodiless ? {} : { body: seen.body }
  const response = await answer(
    new Request(`${url}${seen.path}${query}`, { method: seen.method, headers, ...body }),
  )
  const names: Record<string, string | string[]> = Object.fromEntries(response.headers)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) names['set-cookie'] = cookies
  return { status: response.status, headers: names, body: await bytesOf(response) }
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer())
}

async function send(outgoing: ServerResponse, reply: Reply, clock: Pick<Clock, 'now'>) {
  const { status, headers, body, cutAt, tail } = reply
  if (cutAt === 'before') return void outgoing.destroy()
  const isBodiless = status === 204 || status === 304
  outgoing.writeHead(status, {
    date: new Date(clock.now()).toUTCString(),
    ...headers,
    ...(isBodiless || tail !== undefined ? {} : { 'content-length': body.length }),
  })
  if (isBodiless) return void outgoing.end()
  if (cutAt !== undefined) {
    await written(outgoing, body.subarray(0, cutAt))
    return void outgoing.destroy()
  }
  if (tail === undefined) return void outgoing.end(body)
  await written(outgoing, body)
  for await (const chunk of tail) {
    if (outgoing.destroyed) return
    await written(outgoing, chunk)
  }
  outgoing.end()
}

/** Resolves when the bytes have left, or cannot leave any more. */
function written(outgoing: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    outgoing.once('close', resolve)
    outgoing.write(chunk, () => {
      outgoing.off('close', resolve)
      resolve()
    })
  })
}
