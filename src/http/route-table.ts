// The table of routes without a product behind it, for `rulewright routes`: nothing here is called.

import { randomBytes } from 'node:crypto'
import { Sessions, type SessionHouse } from '#domain/access/sessions.ts'
import { systemClock } from '#platform/clock.ts'
import { createEventBus } from '#platform/events.ts'
import { Metrics } from '#platform/metrics.ts'
import { listRoutes } from './door.ts'
import { metricsRoute } from './metrics.ts'
import { describeRoutes, type RouteRow } from './routes.ts'
import { makeSignInParts } from './sign-in.ts'
import { Signals } from './signals.ts'
import { StaticFiles } from './static.ts'

/** Every route of a release, by path, and with those that a setting opens. */
export function routeTable(): readonly RouteRow[] {
  const idle = { clock: systemClock, random: randomBytes, events: createEventBus(() => {}) }
  const backups = { folder: '', keep: 0, schedule: '' }
  const about = {
    version: '',
    dataDir: '',
    settingsFile: null,
    settings: [],
    isSecretApart: false,
    backups,
  }
  const face = { statics: new StaticFiles([]), signals: new Signals(idle), about }
  const sessions = new Sessions(idle as unknown as SessionHouse) // nobody comes in
  return describeRoutes([
    ...listRoutes({ face, readiness: [] }, makeSignInParts(randomBytes, sessions)),
    metricsRoute(new Metrics(), () => undefined),
  ])
}
