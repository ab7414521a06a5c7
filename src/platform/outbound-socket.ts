// Sockets for what the settings or the command line name: the mail server, and the server that a command
// talks to. Names are looked up here and the address is judged before connecting, so that a name cannot
// be moved to a machine's metadata service between two look-ups.

import { lookup } from 'node:dns/promises'
import { Agent as PlainAgent, type IncomingMessage, request as requestPlain } from 'node:http'
import { Agent as TlsAgent, request as requestTls } from 'node:https'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import ipaddr from 'ipaddr.js'
import { AppError } from '#kernel/error.ts'
import { SECOND } from '#kernel/time.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
  /** Speak TLS from the first byte. Certificates are checked against the machine's authorities. */
  readonly isTls: boolean
  readonly signal: AbortSignal
}

const CONNECT_TIMEOUT_MS = 5 * SECOND

/** Azure answers its virtual machines here, from a public address. */
const METADATA = new Set(['168.63.129.16', 'fd00:ec2::254'])

/**
 * A connected socket to an endpoint that the settings name. Throws `forbidden` for an address that no
 * setting may lead to, `timeout` after 5 s, `upstream` for the rest.
 */
export async function openSocket({ host, port, isTls, signal }: Endpoint): Promise<Socket> {
  const address = await findAddress(host)
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const target = { host: address, port, timeout: CONNECT_TIMEOUT_MS }
    const servername = isIP(host) === 0 ? { servername: host } : {}
    const socket = isTls ? connectTls({ ...target, ...servername }) : connectPlain(target)
    const fail = (cause: Error) => {
      socket.destroy()
      reject(
        cause instanceof AppError
          ? cause
          : new AppError('upstream', `${host}:${port} could not be reached.`, { cause }),
      )
    }
    socket.once('error', fail)
    socket.once('timeout', () => fail(new AppError('timeout', `${host}:${port} did not answer.`)))
    const abort = () => fail(new AppError('cancelled', 'The connection was given up.'))
    signal.addEventListener('abort', abort, { once: true })
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort)
      socket.removeAllListeners('error')
      socket.removeAllListeners('timeout')
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

const AGENTS = { keepAlive: true, maxSockets: 4 }
const PLAIN_AGENT = new PlainAgent(AGENTS)
const TLS_AGENT = new TlsAgent(AGENTS)
/** More than any answer that is asked for. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/**
 * Asks an address that whoever started the process named. Follows no redirect: the token that goes with
 * it is for this address alone. Throws as openSocket, and `too_large`.
 */
export async function sendRequest(request: HttpRequest): Promise<HttpAnswer> {
  const { url, method, body, signal, timeoutMs } = request
  const isTls = url.protocol === 'https:'
  const name = url.hostname.replace(/^\[|\]$/g, '')
  const host = await findAddress(name)
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const headers = { ...request.headers, ...length, Host: url.host }
  const target = { host, port, path: url.pathname + url.search, method, headers }
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const options = { ...target, signal: limit, ...(isIP(name) === 0 ? { servername: name } : {}) }
    const sent = isTls
      ? requestTls({ ...options, agent: TLS_AGENT })
      : requestPlain({ ...options, agent: PLAIN_AGENT })
    sent.once('error', (cause) => reject(failureOf(url, cause, signal)))
    sent.once('response', (message) => {
      readAnswer(message).then(resolve, (cause: unknown) => reject(failureOf(url, cause, signal)))
    })
    sent.end(body)
  })
}

async function readAnswer(message: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) {
      message.destroy()
      throw new AppError('too_large', 'The answer is larger than any that was asked for.')
    }
    chunks.push(chunk)
  }
  const { statusCode = 0, headers } = message
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString('utf8') }
}

function failureOf({ origin }: URL, cause: unknown, signal: AbortSignal): AppError {
  if (cause instanceof AppError) return cause
  if (signal.aborted) return new AppError('cancelled', 'The request was given up.', { cause })
  const isLate =
    cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError')
  if (isLate) return new AppError('timeout', `${origin} did not answer in time.`, { cause })
  return new AppError('upstream', `${origin} could not be reached.`, { cause })
}

async function findAddress(host: string): Promise<string> {
  const found = isIP(host) === 0 ? await lookUp(host) : [host]
  const [first] = found
  if (first === undefined) throw new AppError('upstream', `${host} has no address.`)
  // One forbidden answer among several is enough: the next connection might take it.
  for (const address of found) refuseMetadata(host, address)
  return first
}

async function lookUp(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (cause) {
    throw new AppError('upstream', `${host} is not a name that can be looked up.`, { cause })
  }
}

function refuseMetadata(host: string, address: string): void {
  const parsed = ipaddr.process(address)
  const isLinkLocal = parsed.range() === 'linkLocal' || parsed.range() === 'unspecified'
  if (!isLinkLocal && !METADATA.has(parsed.toString())) return
  throw new AppError('forbidden', `${host} leads to ${address}, where nothing may connect.`)
}
