// The way to the outside for adapters: a client for each endpoint, with the house's manners. Few calls
// at a time, what changes nothing is sent again after a wait, an endpoint that keeps failing is left
// alone, redirects are not followed, and no answer is larger or slower than agreed.

import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { AppError } from '#kernel/error.ts'
import { SECOND, type Clock } from '#kernel/time.ts'
import { readBody, textOf } from './outbound-body.ts'
import type {
  OutboundCall,
  OutboundClient,
  OutboundReply,
  OutboundStream,
} from './outbound-client.ts'
import {
  failureOf,
  isLost,
  openExchange,
  type EndpointAccess,
  type Exchange,
  type Limits,
} from './outbound-exchange.ts'
import { Breaker, Gate } from './outbound-gate.ts'
import { isBusy, SENDINGS_MAX, waitBefore } from './outbound-retry.ts'

export interface OutboundOptions extends EndpointAccess {
  readonly clock: Clock
  readonly random: (bytes: number) => Buffer
  readonly log: Logger
  /** Of the whole process; shared by all clients. */
  readonly gate?: Gate
  readonly limits?: Partial<Limits>
  /** How it waits between two sendings; a test need not. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

export interface OwnedOutboundClient extends OutboundClient {
  /** Ends kept connections. */
  close(): void
}

/** Calls under way at a time. */
const PER_ENDPOINT = 4
export const PER_PROCESS = 16

const BYTES_MAX = 64 * 1024 * 1024
const LIMITS: Limits = { connectMs: 5 * SECOND, firstByteMs: 30 * SECOND, idleMs: 30 * SECOND }

interface Parts {
  readonly options: OutboundOptions
  readonly exchange: Exchange
  readonly gates: readonly Gate[]
  readonly breaker: Breaker
  readonly limits: Limits
}

/** Throws `invalid` for an address that is none of http or https, or holds a user or a query. */
export function createOutboundClient(options: OutboundOptions): OwnedOutboundClient {
  const { base, clock } = options
  refuseOddBase(base)
  const parts: Parts = {
    options,
    exchange: openExchange(options, PER_ENDPOINT),
    gates: [new Gate(PER_ENDPOINT), options.gate ?? new Gate(PER_PROCESS)],
    breaker: new Breaker(clock),
    limits: { ...LIMITS, ...options.limits },
  }
  return {
    send: (call) => withRetries(parts, call),
    stream: (call) => openStream(parts, call),
    close: () => parts.exchange.close(),
  }
}

function refuseOddBase(base: URL): void {
  const isOdd =
    base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== ''
  if (isOdd || !/^https?:$/.test(base.protocol)) {
    throw new AppError('invalid', 'An endpoint is an address like https://siem.example.com:8089.')
  }
}

async function withRetries(parts: Parts, call: OutboundCall): Promise<OutboundReply> {
  const { clock, random, wait = sleepFor } = parts.options
  for (let sent = 1; ; sent++) {
    const outcome = await attempt(parts, call)
    const mayRepeat = call.effect === 'read' && sent < SENDINGS_MAX
    const isOver = 'reply' in outcome ? !isBusy(outcome.reply.status) : !isLost(outcome.error)
    if (isOver || !mayRepeat) {
      if ('reply' in outcome) return outcome.reply
      throw outcome.error
    }
    const asked = 'reply' in outcome ? outcome.reply.headers['retry-after'] : undefined
    const ms = waitBefore(sent, {
      retryAfter: typeof asked === 'string' ? asked : asked?.[0],
      now: clock.now(),
      random: random(4).readUInt32BE() / 2 ** 32,
    })
    await wait(ms, call.signal)
  }
}

type Outcome = { readonly reply: OutboundReply } | { readonly error: AppError }

async function attempt(parts: Parts, call: OutboundCall): Promise<Outcome> {
  const leave = await enterGates(parts, call.signal)
  try {
    const message = await begin(parts, call)
    const text = await textOf(bodyOf(parts, call, message), BYTES_MAX)
    return { reply: { ...headOf(message), text } }
  } catch (error) {
    if (error instanceof AppError) return { error }
    throw error
  } finally {
    leave()
  }
}

async function openStream(parts: Parts, call: OutboundCall): Promise<OutboundStream> {
  const leave = await enterGates(parts, call.signal)
  try {
    const message = await begin(parts, call)
    return { ...headOf(message), chunks: leavingAfter(bodyOf(parts, call, message), leave) }
  } catch (error) {
    leave()
    throw error
  }
}

async function* leavingAfter(chunks: AsyncIterable<Buffer>, leave: () => void) {
  try {
    yield* chunks
  } finally {
    leave()
  }
}

async function enterGates({ gates }: Parts, signal: AbortSignal): Promise<() => void> {
  const exits: (() => void)[] = []
  const leave = () => exits.forEach((exit) => exit())
  try {
    for (const gate of gates) exits.push(await gate.enter(signal))
    return leave
  } catch (error) {
    leave()
    throw error
  }
}

// The breaker is told here of everything but a body that broke off, which is told where it is read.
async function begin(parts: Parts, call: OutboundCall): Promise<IncomingMessage> {
  const { options, exchange, breaker, limits } = parts
  const { base, log, clock } = options
  const url = resolvePath(base, call.path)
  breaker.pass(base.host)
  const startedMs = clock.monotonicMs()
  try {
    const message = await exchange.send({
      method: call.method,
      url,
      headers: { 'accept-encoding': 'gzip', ...lowerCased(call.headers) },
      body: call.body,
      isWrite: call.effect === 'write',
      limits: { ...limits, firstByteMs: call.firstByteMs ?? limits.firstByteMs },
      signal: call.signal,
    })
    const status = message.statusCode ?? 0
    breaker.tell(status !== 502 && status !== 504)
    const ms = Math.round(clock.monotonicMs() - startedMs)
    log.debug({ host: base.host, method: call.method, status, ms }, 'asked the outside')
    return message
  } catch (cause) {
    const error = failureOf(base.host, cause, { isAmbiguous: false })
    breaker.tell(isTheirs(error) ? false : undefined)
    log.debug({ host: base.host, method: call.method, code: error.code }, 'the outside failed')
    throw error
  }
}

async function* bodyOf(
  { options: { base }, breaker, limits }: Parts,
  call: OutboundCall,
  message: IncomingMessage,
): AsyncGenerator<Buffer> {
  const { signal, bytesMax = BYTES_MAX } = call
  const host = base.hostname
  const bounds = { bytesMax: Math.min(bytesMax, BYTES_MAX), idleMs: limits.idleMs, signal, host }
  try {
    yield* readBody(message, bounds)
  } catch (cause) {
    // Whoever changes something and does not hear how it went does not know whether it happened.
    const error = failureOf(base.host, cause, { isAmbiguous: call.effect === 'write' })
    if (isTheirs(error)) breaker.tell(false)
    throw error
  }
}

function isTheirs({ code }: AppError): boolean {
  return code === 'upstream' || code === 'timeout'
}

/** Below the base, or a whole address of the same origin. Throws `forbidden` for any other. */
function resolvePath(base: URL, path: string): URL {
  const isWhole = /^https?:/i.test(path)
  const url = isWhole
    ? new URL(path)
    : new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}${path}`)
  const isSound = (isWhole || path.startsWith('/')) && url.username === '' && url.password === ''
  if (url.origin === base.origin && isSound) return url
  throw new AppError('forbidden', `${base.host} names an address elsewhere, which is not followed.`)
}

function headOf(message: IncomingMessage): Pick<OutboundReply, 'status' | 'headers'> {
  const headers = Object.entries(message.headersDistinct).map(
    ([name, values]) => [name, values?.length === 1 ? values[0] : values] as const,
  )
  return { status: message.statusCode ?? 0, headers: Object.fromEntries(headers) }
}

function lowerCased(headers: OutboundCall['headers'] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal, ref: false })
  } catch (cause) {
    throw new AppError('cancelled', 'The request was given up.', { cause })
  }
}
