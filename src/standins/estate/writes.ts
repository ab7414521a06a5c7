// What was written to SIEMs that stand in for real ones, by the log of their requests.

import type { Standin } from '#standins/server.ts'

// Of a rule that never runs by itself nothing else is asked; these ask with POST and change nothing.
const ASKS =
  /\/(?:auth\/login|token|_search|search\/|_security|query|runHuntingQuery|_has_privileges|account|_query|metadata|permissions)/

/** Method and path of each request that could have changed something. */
export function writesOn(standins: readonly Standin[]): readonly string[] {
  return standins
    .flatMap(({ requests }) => requests)
    .filter(({ query }) => query.get('dry_run') !== 'true')
    .filter(({ method, path }) => method !== 'GET' && method !== 'HEAD' && !ASKS.test(path))
    .map(({ method, path }) => `${method} ${path}`)
}
