// Every page of the product, in the order a person meets them. app.ts serves this list.

import { embedded } from '#platform/embedded.ts'
import type { Route } from '#http/routes.ts'
import type { Face } from '#http/face.ts'
import type { SignInParts } from '#http/sign-in.ts'
import { streamSignals } from '#http/stream.ts'
import { pageRoute } from '#http/routes.ts'
import { accountRoutes } from './account.tsx'
import { asOfRoutes } from './as-of-routes.ts'
import { attackRoutes } from './attack.tsx'
import { auditRoutes } from './audit.tsx'
import { changeRoutes } from './changes-routes.ts'
import { deploymentRoutes } from './deployments-routes.ts'
import { docsRoutes } from './docs-routes.ts'
import { driftRoutes } from './drift-routes.ts'
import { emailRoutes } from './email.tsx'
import { exclusionRoutes } from './exclusions.tsx'
import { listRoutes } from './lists-routes.ts'
import { eventRoutes } from './events.tsx'
import { forecastRoutes } from './forecasts-routes.ts'
import { hotfixRoutes } from './hotfixes-routes.ts'
import { findRoutes } from './find.tsx'
import { healthRoutes } from './health-routes.ts'
import { instanceRoutes } from './instance.tsx'
import { jobRoutes } from './jobs.tsx'
import { observedRoutes } from './observed-routes.ts'
import { overviewRoutes } from './overview-routes.ts'
import { linkRoutes } from './links.tsx'
import { mappingRoutes } from './mapping-routes.ts'
import { memberRoutes } from './members.tsx'
import { peopleRoutes } from './people.tsx'
import { resetRoutes } from './reset.tsx'
import { ruleBulkRoutes } from './rule-bulk-routes.ts'
import { ruleGroupRoutes } from './rule-groups-routes.ts'
import { ruleImportRoutes } from './rule-imports-routes.ts'
import { ruleRoutes } from './rules.tsx'
import { upstreamRoutes } from './upstreams-routes.ts'
import { searchRoutes } from './searches-routes.ts'
import { providerPartsRoutes } from './provider-parts-routes.ts'
import { providerRoutes } from './providers-routes.ts'
import { settingsRoutes } from './settings.tsx'
import { securityRoutes } from './security.tsx'
import { proveRoutes } from './prove.tsx'
import { signOnRoutes } from './sign-on-routes.ts'
import { signInPages } from './sign-in.tsx'
import { startRoutes } from './start.tsx'
import { targetRoutes } from './targets.tsx'
import { tokenRoutes } from './tokens.tsx'
import { workspaceRoutes } from './workspaces.tsx'

/** Where something changed is told to who may read there. */
const SIGNALS = [
  ['/w/:slug', 'workspace.read'],
  ['/instance', 'instance.read'],
] as const

export interface PageParts {
  readonly face: Face
  readonly signIn: SignInParts
  /** Where one signs in while developing; null in a release. */
  readonly devSignIn: string | null
}

export function pageRoutes({ face, signIn, devSignIn }: PageParts): readonly Route[] {
  const { sessions } = signIn
  return [
    face.statics.route(),
    ...startRoutes(sessions, devSignIn),
    ...linkRoutes(sessions),
    ...resetRoutes(),
    ...signInPages(signIn),
    ...signOnRoutes(signIn),
    ...proveRoutes(signIn),
    ...accountRoutes(sessions),
    ...emailRoutes(),
    ...securityRoutes(signIn),
    ...overviewRoutes(),
    ...ruleImportRoutes(),
    ...upstreamRoutes(),
    ...ruleBulkRoutes(),
    ...ruleGroupRoutes(),
    ...ruleRoutes(),
    ...healthRoutes(),
    ...changeRoutes(),
    ...deploymentRoutes(),
    ...driftRoutes(),
    ...asOfRoutes(),
    ...exclusionRoutes(),
    ...listRoutes(),
    ...eventRoutes(),
    ...hotfixRoutes(),
    ...searchRoutes(),
    ...forecastRoutes(),
    ...targetRoutes(),
    ...mappingRoutes(),
    ...observedRoutes(),
    ...jobRoutes(),
    ...attackRoutes(),
    ...auditRoutes(),
    ...settingsRoutes(),
    ...memberRoutes(),
    ...providerPartsRoutes(),
    ...providerRoutes(),
    ...tokenRoutes(),
    ...instanceRoutes(),
    ...peopleRoutes(),
    ...workspaceRoutes(),
    ...findRoutes(),
    ...docsRoutes(embedded),
    ...SIGNALS.map(([place, verb]) =>
      pageRoute('GET', `${place}/signals`, verb, (c) =>
        streamSignals(c, { signals: face.signals, sessions }),
      ),
    ),
  ]
}
