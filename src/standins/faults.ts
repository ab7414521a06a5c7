// What can go wrong between the product and a SIEM, as switches: each is a named fault for the requests
// that fit a match, so many times or until it is taken back. None waits for time: what is held is held
// until the test lets go. Faults of one vendor's own states are edits of its JSON, in its folder.

import { gzipSync } from 'node:zlib'
import type { Json } from '#kernel/json.ts'
import type { Reply, SeenRequest } from './exchange.ts'

/** Around the stand-in's own answer: one that never calls `answer` kept the request from having an effect. */
export interface Fault {
  readonly name: string
  readonly apply: (answer: () => Promise<Reply>, request: SeenRequest) => Promise<Reply>
}

export interface FaultMatch {
  readonly method?: string
  /** A part of the path as it was sent, or a pattern of it. */
  readonly path?: string | RegExp
  /** Any other property of the request. */
  readonly where?: (request: SeenRequest) => boolean
  /** So many fitting requests pass first. */
  readonly after?: number
  /** Fits so many requests, then no more. */
  readonly times?: number
}

export interface Switch {
  /** How often it has bitten. */
  readonly count: number
  off(): void
}

interface Entry {
  readonly match: FaultMatch
  readonly fault: Fault
  seen: number
  count: number
}

export class Faults {
  #entries: Entry[] = []

  /** Several that fit one request are nested: the last added is outermost. */
  on(match: FaultMatch, fault: Fault): Switch {
    const entry: Entry = { match, fault, seen: 0, count: 0 }
    this.#entries.push(entry)
    return {
      get count() {
        return entry.count
      },
      off: () => {
        this.#entries = this.#entries.filter((other) => other !== entry)
      },
    }
  }

  clear(): void {
    this.#entries = []
  }

  /** The faults of one request, as one. */
  take(request: SeenRequest): { apply(answer: () => Promise<Reply>): Promise<Reply> } {
    const bites = this.#entries.filter((entry) => fits(entry, request)).map(({ fault }) => fault)
    return {
      apply: (answer) =>
        bites.reduce((inner, fault) => () => fault.apply(inner, request), answer)(),
    }
  }
}

function fits(entry: Entry, request: SeenRequest): boolean {
  const { method, path, where, after = 0, times = Infinity } = entry.match
  if (method !== undefined && method !== request.method) return false
  if (typeof path === 'string' && !request.path.includes(path)) return false
  if (path instanceof RegExp && !path.test(request.path)) return false
  if (where !== undefined && !where(request)) return false
  entry.seen++
  if (entry.seen <= after || entry.seen > after + times) return false
  entry.count++
  return true
}

// ── Late and lost ────────────────────────────────────────────────────────────────────────────────

export interface Gate {
  /** A request has come to it. */
  readonly reached: Promise<void>
  readonly fault: Fault
  open(): void
}

/**
 * Holds what comes: `before` the stand-in does anything, `after` it has done all but answer, or `midway`
 * through the bytes of its answer.
 */
export function gate(where: 'before' | 'after' | 'midway' = 'before'): Gate {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const pass = () => {
    reached.resolve()
    return opened.promise
  }
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    fault: {
      name: `held-${where}`,
      async apply(answer) {
        if (where === 'before') await pass()
        const reply = await answer()
        if (where === 'after') await pass()
        if (where !== 'midway') return reply
        const half = reply.body.length >> 1
        const tail = (async function* () {
          await pass()
          yield reply.body.subarray(half)
        })()
        return { ...reply, body: reply.body.subarray(0, half), tail }
      },
    },
  }
}

/** The connection breaks: `before` the request had its effect, `after` it, or `midway` in the answer. */
export function dropped(where: 'before' | 'after' | 'midway'): Fault {
  return {
    name: `dropped-${where}`,
    async apply(answer) {
      if (where === 'before') return { ...instead(502, ''), cutAt: 'before' }
      const reply = await answer()
      return { ...reply, cutAt: where === 'after' ? 'before' : reply.body.length >> 1 }
    },
  }
}

// ── Other answers than the stand-in's ────────────────────────────────────────────────────────────

/** Any status with any body, instead of an effect: 401, 403, 409, 412, 204, 404, 500. */
export function answers(status: number, body: Json | string = '', headers = {}): Fault {
  return {
    name: `answers-${status}`,
    apply: async () => instead(status, body, headers),
  }
}

/** A proxy in between speaks, and not JSON. */
export function badGateway(): Fault {
  const page = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'
  return {
    name: 'bad-gateway',
    apply: async () => instead(502, page, { 'content-type': 'text/html' }),
  }
}

/** Retry-After as it is written: seconds or an HTTP date; undefined leaves it out. */
export function tooManyRequests(retryAfter?: string, body: Json | string = ''): Fault {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  return { name: 'too-many-requests', apply: async () => instead(429, body, headers) }
}

export function redirected(location: string, status = 302): Fault {
  return { name: 'redirected', apply: async () => instead(status, '', { location }) }
}

/** So many bytes of `a` and never an end of JSON; nothing of it is held. */
export function endless(bytes: number): Fault {
  return {
    name: 'endless',
    apply: async () => ({
      ...instead(200, '"', { 'content-type': 'application/json' }),
      tail: (async function* () {
        const chunk = Buffer.alloc(65_536, 'a')
        for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk
      })(),
    }),
  }
}

// ── The stand-in's answer, changed ───────────────────────────────────────────────────────────────

/** JSON that ends in the middle, as though it were whole. */
export function truncatedJson(): Fault {
  return changed('truncated-json', (reply) => ({
    ...reply,
    body: reply.body.subarray(0, Math.max(1, reply.body.length >> 1)),
  }))
}

export function gzipped(): Fault {
  return changed('gzipped', (reply) => ({
    ...reply,
    headers: { ...reply.headers, 'content-encoding': 'gzip' },
    body: gzipSync(reply.body),
  }))
}

/** Where the text `marker` stood are two bytes that are no UTF-8. */
export function invalidUtf8(marker: string): Fault {
  return changed('invalid-utf8', (reply) => {
    const at = reply.body.indexOf(marker)
    if (at < 0) return reply
    const bytes = Buffer.from([0xc3, 0x28])
    const after = reply.body.subarray(at + Buffer.byteLength(marker))
    return { ...reply, body: Buffer.concat([reply.body.subarray(0, at), bytes, after]) }
  })
}

export function clockSkewed(by: number, now: () => number): Fault {
  return changed('clock-skewed', (reply) => ({
    ...reply,
    headers: { ...reply.headers, date: new Date(now() + by).toUTCString() },
  }))
}

/** Gives the page before this one again; the first comes through. */
export function repeatedPage(): Fault {
  let before: Reply | undefined
  return {
    name: 'repeated-page',
    apply: async (answer) => (before ??= await answer()),
  }
}

/** Changes JSON by hand: partial errors, stuck progress, page drift, totals that move, a huge cell. */
export function edited(change: (value: Json, request: SeenRequest) => Json): Fault {
  return {
    name: 'edited',
    async apply(answer, request) {
      const reply = await answer()
      if (reply.body.length === 0) return reply
      const value = JSON.parse(reply.body.toString('utf8')) as Json
      return { ...reply, body: Buffer.from(JSON.stringify(change(value, request))) }
    },
  }
}

/** A field that nobody has heard of in every object. */
export function unknownFields(): Fault {
  const add = (value: Json): Json => {
    if (isList(value)) return value.map(add)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).map(([key, item]) => [key, add(item)])
    return { ...Object.fromEntries(members), 'x-new-in-this-version': { a: [1, null] } }
  }
  return { ...edited(add), name: 'unknown-fields' }
}

/** Numbers and booleans as text, as some versions and some fields have them: `0`, `"0"`, `false`. */
export function retypedFields(): Fault {
  const retype = (value: Json): Json => {
    if (isList(value)) return value.map(retype)
    if (typeof value === 'number') return String(value)
    if (typeof value === 'boolean') return value ? '1' : '0'
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, retype(item)]))
  }
  return { ...edited(retype), name: 'retyped-fields' }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function changed(name: string, change: (reply: Reply) => Reply): Fault {
  return { name, apply: async (answer) => change(await answer()) }
}

function instead(status: number, body: Json | string, headers: Record<string, string> = {}): Reply {
  const isText = typeof body === 'string'
  const type: Record<string, string> = isText ? {} : { 'content-type': 'application/json' }
  return {
    status,
    headers: { ...type, ...headers },
    body: Buffer.from(isText ? body : JSON.stringify(body)),
  }
}
