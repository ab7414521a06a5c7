// The routes as one Hono application: what every request gets (ids, client, headers, a line in the
// log), then the gate of the matched route, its handler, and the one boundary for what fails.

import { Hono, type MiddlewareHandler } from 'hono'
import type { Sessions } from '#domain/access/sessions.ts'
import type { Tokens } from '#domain/access/tokens.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { SECOND } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { readClient, type TrustedProxies } from './client.ts'
import type { Env, HttpContext } from './env.ts'
import { answerRefusal, describeError, RequestRefusal, type Refusal } from './error.ts'
import type { Face } from './face.ts'
import { gate } from './gate.ts'
import { contentSecurityPolicy, FIXED_HEADERS, NO_STORE } from './headers.ts'
import type { PublicUrls } from './host.ts'
import type { RequestObserver } from './metrics.ts'
import { RateLimit } from './rate.ts'
import { traceFlood, traceRefusal } from './refusals.ts'
import type { Route } from './routes.ts'
import type { ServerSettings } from './settings.ts'

export interface ApplicationParts {
  readonly house: House
  readonly face: Face
  readonly settings: ServerSettings
  readonly routes: readonly Route[]
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly publicUrls: PublicUrls
  readonly trusted: TrustedProxies
  /** Told of every answer. */
  readonly observe?: RequestObserver | undefined
  /** Aborted when the server begins to stop. */
  readonly stopping: AbortSignal
}

export function makeApplication(parts: ApplicationParts): Hono<Env> {
  const { house, routes, sessions, tokens, settings, publicUrls } = parts
  const app = new Hono<Env>()
  const origins = { own: publicUrls.origins, trusted: new Set(settings.trustedOrigins) }
  const doors = {
    sessions,
    tokens,
    origins,
    routes,
    perToken: new RateLimit(house.clock, settings.tokenRequestsPerSecondMax),
    perWorkspace: new RateLimit(house.clock, settings.workspaceRequestsPerSecondMax),
  }
  app.use(furnish(parts))
  app.use(brake(new RateLimit(house.clock, settings.requestsPerSecondMax)))
  for (const route of routes) {
    app.on(route.method, route.path, gate(route, doors), route.handler)
  }
  for (const [path, methods] of methodsByPath(routes)) {
    app.all(path, () => {
      throw new RequestRefusal(405, 'unsupported', 'This address is not called that way.', {
        Allow: methods.join(', '),
      })
    })
  }
  app.notFound(() => {
    throw new AppError('not_found', 'There is no such page.')
  })
  app.onError(async (error, c) => {
    const refusal = describeError(error, c.var.holder)
    report(c, error, refusal)
    await traceRefusal(c, error, refusal)
    return answerRefusal(c, refusal)
  })
  return app
}

/** What every request gets, before it is looked at and after it is answered. */
function furnish({
  house,
  face,
  publicUrls,
  trusted,
  stopping,
  observe,
}: ApplicationParts): MiddlewareHandler<Env> {
  return async (c, next) => {
    const startedMs = house.clock.monotonicMs()
    c.set('house', house)
    c.set('face', face)
    c.set('stopping', stopping)
    c.set('publicUrl', publicUrls.first)
    c.set('nonce', house.random(18).toString('base64url'))
    c.set('requestId', makeId(ID_PREFIXES.request, house.clock.now(), house.random(10)))
    c.set('client', readClient(c.env.incoming, trusted))
    await next()
    setHeaders(c)
    const ms = house.clock.monotonicMs() - startedMs
    logRequest(c, ms)
    observe?.(c, ms / SECOND)
  }
}

/** Refuses what came without a usable target, and whoever asks too fast. */
function brake(rate: RateLimit): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.env.refusal) throw c.env.refusal
    const verdict = rate.take(c.var.client.network)
    if (c.req.path.startsWith('/api/')) {
      c.header('RateLimit-Limit', String(rate.burst))
      c.header('RateLimit-Remaining', String(verdict.remaining))
      c.header('RateLimit-Reset', String(Math.ceil(verdict.waitMs / 1_000)))
    }
    if (verdict.isAllowed) return next()
    await traceFlood(c)
    throw new AppError('rate_limited', 'Too many requests. Wait a moment, then go on.', {
      retryAfterSeconds: Math.max(1, Math.ceil(verdict.waitMs / 1_000)),
    })
  }
}

function setHeaders(c: HttpContext): void {
  const { headers } = c.res
  headers.set('Content-Security-Policy', contentSecurityPolicy(c.var.nonce))
  for (const [name, value] of FIXED_HEADERS) headers.set(name, value)
  headers.set('X-Request-Id', c.var.requestId)
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', NO_STORE)
}

/** One line a request. The path itself is not logged: it may carry a token; the pattern says enough. */
function logRequest(c: HttpContext, ms: number): void {
  const { house, requestId, route, caller } = c.var
  const line = {
    requestId,
    method: c.env.refusal ? (c.env.incoming.method ?? '') : c.req.method,
    route: route?.path ?? null,
    status: c.res.status,
    ms: Math.round(ms * 10) / 10,
    actor: caller?.actor ?? null,
  }
  if (route?.isQuiet === true) house.log.debug(line, 'request')
  else house.log.info(line, 'request')
}

function report(c: HttpContext, error: unknown, refusal: Refusal): void {
  const { house, requestId, route } = c.var
  const where = { requestId, route: route?.path ?? null }
  if (refusal.code === 'bug') house.log.error({ ...where, err: error }, 'a request met a bug')
  else if (refusal.status >= 500) house.log.warn({ ...where, err: error }, 'a request failed')
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of routes) {
    const known = methods.get(path) ?? []
    methods.set(path, [...known, ...(method === 'GET' ? ['GET', 'HEAD'] : [method])])
  }
  return methods
}
