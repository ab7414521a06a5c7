// `/metrics`: off unless it is switched on, and then for those who hold its token; without a token for
// this machine only. And the numbers about requests.

import { AppError } from '#kernel/error.ts'
import { isSameBytes, sha256 } from '#kernel/hash.ts'
import type { Metrics } from '#platform/metrics.ts'
import type { HttpContext } from './env.ts'
import { publicRoute, type Route } from './routes.ts'

export type RequestObserver = (c: HttpContext, seconds: number) => void

const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Counts requests by method, route pattern and status. */
export function measureRequests(metrics: Metrics): RequestObserver {
  const seconds = metrics.histogram(
    'rulewright_http_request_seconds',
    'From the first line of a request to the head of its answer.',
    LATENCY_BUCKETS,
  )
  const total = metrics.counter('rulewright_http_requests_total', 'Requests answered.')
  return (c, took) => {
    const route = c.var.route?.path ?? 'none'
    const method = c.var.route?.method ?? 'none' // a stranger's word for it is no label
    total.add({ method, route, status: String(c.res.status) })
    seconds.observe(took, { route })
  }
}

/** `token` is asked at each request: its file may change while the server runs. */
export function metricsRoute(metrics: Metrics, token: () => Uint8Array | undefined): Route {
  const answer = (c: HttpContext): Response => {
    refuseStranger(c, token())
    c.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    return c.body(metrics.format())
  }
  return publicRoute('GET', '/metrics', answer, { isQuiet: true })
}

function refuseStranger(c: HttpContext, token: Uint8Array | undefined): void {
  if (token === undefined) {
    const isHere = /^(127\.|::1$)/.test(c.var.client.ip)
    if (isHere) return
    throw new AppError('forbidden', 'Without server.metrics_token only this machine may read this.')
  }
  const given = /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? ''
  // Digests, so that neither length nor prefix can be timed.
  if (isSameBytes(sha256(given), sha256(token))) return
  throw new AppError('unauthenticated', 'Send the token of server.metrics_token as Bearer.')
}
