// Every operation of the REST API, in the order of the document.

import { Once } from '#platform/idempotency/once.ts'
import type { Route } from '#http/routes.ts'
import { JOB_OPERATIONS } from './jobs.ts'
import { getMe } from './me.ts'
import { operationRoute, type Operation } from './operation.ts'
import { TOKEN_OPERATIONS } from './tokens.ts'

export const OPERATIONS: readonly Operation[] = [getMe, ...TOKEN_OPERATIONS, ...JOB_OPERATIONS]

export function apiRoutes(): readonly Route[] {
  const once = new Once()
  return OPERATIONS.map((operation) => operationRoute(operation, once))
}
