// What a supervisor asks: is the process alive, and may it be sent work. Both answer whatever Host
// the question carries, because a load balancer asks by address.

import { publicRoute, type Route } from './routes.ts'

/** Why the product should get no work right now, in a few words; undefined when it should. */
export type ReadinessCheck = () => string | undefined

export function healthRoutes(checks: readonly ReadinessCheck[]): readonly Route[] {
  return [
    // The event loop turns.
    publicRoute('GET', '/healthz', (c) => c.json({ status: 'ok' }), { isQuiet: true }),
    // Every part takes work and the server is not stopping.
    publicRoute(
      'GET',
      '/readyz',
      (c) => {
        const reasons = checks.flatMap((check) => check() ?? [])
        if (c.var.stopping.aborted) reasons.push('the server is stopping')
        if (reasons.length === 0) return c.json({ status: 'ready' })
        return c.json({ status: 'not ready', reasons }, 503)
      },
      { isQuiet: true },
    ),
  ]
}
