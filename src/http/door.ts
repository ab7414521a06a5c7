// The product's door put together: every route there is, the numbers about requests, and the switch
// that only a run from source knows.

import { addMember, addUser, findUserId, isMember } from '#domain/access/actions.ts'
import { openClaim } from '#domain/access/claim.ts'
import { endAllResets } from '#domain/access/resets.ts'
import { Sessions } from '#domain/access/sessions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { Tokens } from '#domain/access/tokens.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import type { UserId } from '#kernel/id.ts'
import type { ClockMark } from '#platform/clock-mark.ts'
import type { Settings } from '#platform/config/schema.ts'
import type { House } from '#platform/house.ts'
import { Metrics } from '#platform/metrics.ts'
import { measureProcess } from '#platform/process-metrics.ts'
import { apiRoutes } from './api/operations.ts'
import type { Face } from './face.ts'
import { healthRoutes, type ReadinessCheck } from './health.ts'
import { mcpRoutes } from './mcp/route.ts'
import { measureRequests, metricsRoute } from './metrics.ts'
import { pageRoutes } from './pages/pages.ts'
import { samlRoutes } from './pages/saml-routes.ts'
import { reportRoute } from './reports.ts'
import type { Route } from './routes.ts'
import { scimRoutes } from './scim/routes.ts'
import { securityTxtRoute } from './security-txt.ts'
import { startServer, type RunningServer } from './server.ts'
import type { ServerSettings } from './settings.ts'
import { clearSignIns, makeSignInParts, signInRoutes, type SignInParts } from './sign-in.ts'

export interface DoorParts {
  readonly house: House
  readonly settings: Settings
  readonly face: Face
  readonly clockMark: Pick<ClockMark, 'look' | 'onBehind'>
  readonly readiness: readonly ReadinessCheck[]
  /** Asked at each scrape: its file may change. Undefined when none is set. */
  readonly metricsToken: () => Uint8Array | undefined
  /** Gauges of other parts of the product. */
  readonly measure?: (metrics: Metrics) => void
  /** Signing in without a password, and the page of all parts. A release cannot be told so. */
  readonly isDevelopment?: boolean
  readonly drainMs?: number
}

export interface Door extends RunningServer {
  readonly sessions: Sessions
  /** An address that signs this person in once. */
  readonly signInLink: (userId: UserId) => string
  /** The one address with which somebody claims the install; undefined once it is owned. */
  readonly claimLink: () => Promise<string | undefined>
}

/** Rejects as startServer does. */
export async function openDoor(parts: DoorParts): Promise<Door> {
  const { house, settings, face } = parts
  const metrics = new Metrics()
  parts.measure?.(metrics)
  const isMeasured = settings.server.metrics
  const stopMeasuring = isMeasured ? measureProcess(metrics, face.about.version) : () => {}
  const clockFellBack = () => void parts.clockMark.look()
  const sessions = new Sessions(house, { limits: settings.sessions, clockFellBack })
  const tokens = new Tokens(house)
  const signIn = makeSignInParts(house.random, sessions)
  parts.clockMark.onBehind((mark) => {
    clearSignIns(signIn)
    endAllResets(house, systemCaller(house, 'clock')).catch((err: unknown) =>
      house.log.warn({ err }, 'links for passwords did not end'),
    )
    // Not stored: the next request tries again, and lets nobody in until it is.
    sessions.revokeAll().catch((err: unknown) => house.log.warn({ err }, 'sessions did not end'))
    tokens.endExpired(mark).catch((err: unknown) => house.log.warn({ err }, 'tokens did not end'))
  })
  const server = await startServer({
    house,
    face,
    sessions,
    tokens,
    settings: serverSettings(settings),
    ...(parts.drainMs !== undefined && { drainMs: parts.drainMs }),
    ...(isMeasured && { observe: measureRequests(metrics) }),
    routes: [
      ...listRoutes(parts, signIn),
      ...(isMeasured ? [metricsRoute(metrics, parts.metricsToken)] : []),
      ...(await developmentRoutes(parts, sessions)),
    ],
  })
  return {
    ...server,
    sessions,
    signInLink: (userId) => `${server.publicUrl}/demo/${signIn.demoLinks.make(userId)}`,
    async claimLink() {
      // A volume that takes no data keeps nobody from reading, so it does not keep us from serving.
      const token = await openClaim(house, systemCaller(house, 'start')).catch((err: unknown) => {
        house.log.warn({ err }, 'no link to claim the install could be made')
        return undefined
      })
      return token && `${server.publicUrl}/claim/${token}`
    },
    async stop() {
      await server.stop()
      stopMeasuring()
    },
  }
}

/** Every route of a release, in the order of the table that `rulewright routes` prints. */
export function listRoutes(
  { face, readiness, isDevelopment }: Pick<DoorParts, 'face' | 'readiness' | 'isDevelopment'>,
  signIn: SignInParts,
): readonly Route[] {
  const isFromSource = typeof RULEWRIGHT_DEV === 'undefined'
  const devSignIn = isFromSource && isDevelopment === true ? '/dev/sign-in' : null
  return [
    ...healthRoutes(readiness),
    reportRoute(),
    securityTxtRoute(),
    ...signInRoutes(signIn),
    ...apiRoutes(),
    ...scimRoutes(),
    ...samlRoutes(),
    ...mcpRoutes(),
    ...pageRoutes({ face, signIn, devSignIn }),
  ]
}

function serverSettings({ server, proxy, tls }: Settings): ServerSettings {
  const { certFile, keyFile, minVersion } = tls
  const hasTls = certFile !== undefined && keyFile !== undefined // the configuration has both or none
  return {
    ...server,
    trustedProxies: proxy.trusted,
    tls: hasTls ? { certFile, keyFile, minVersion } : undefined,
  }
}

/** False in a release, so that what stands behind it falls out of the bundle. */
declare const RULEWRIGHT_DEV: boolean

async function developmentRoutes(
  { house, isDevelopment }: DoorParts,
  sessions: Sessions,
): Promise<readonly Route[]> {
  if (typeof RULEWRIGHT_DEV === 'undefined') {
    if (isDevelopment !== true) return []
    const { devSignInRoutes } = await import('./dev-sign-in.ts')
    const { devRoutes } = await import('./pages/dev.tsx')
    return [...devSignInRoutes(sessions, () => makeDeveloper(house)), ...devRoutes()]
  }
  return []
}

const DEVELOPER = { email: 'developer@localhost', name: 'Developer', isOwner: true }

/** Admin of every workspace there is, and owner. */
async function makeDeveloper(house: House): Promise<{ userId: UserId }> {
  const caller = systemCaller(house, 'dev')
  const userId =
    (await findUserId(house, caller, DEVELOPER.email)) ??
    (await addUser(house, caller, DEVELOPER)).id
  for (const { id } of await listWorkspaces(house, caller)) {
    const inside = systemCaller(house, 'dev', undefined, id)
    if (await isMember(house, inside, userId)) continue
    await addMember(house, inside, userId, { role: 'admin', isApprover: false, isAuditor: true })
  }
  return { userId }
}
