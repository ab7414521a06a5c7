// What stops working by itself within 30 days, asked of every domain that keeps such a thing. A kind that
// is new is one more source.

import { credentialEndings } from '#domain/targets/endings.ts'
import { providerEndings } from '#domain/identity/endings.ts'
import { tokenEndings } from '#domain/access/endings.ts'
import { can, type Verb } from '#domain/access/permission.ts'
import { endingUntil, type Ending, type EndingSource } from '#domain/workspaces/endings.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'

/** Whoever can renew it is told. */
const SOURCES: readonly (readonly [Verb, EndingSource])[] = [
  ['provider.manage', providerEndings],
  ['target.write', credentialEndings],
]

type Handle = Pick<Reader, 'selectFrom'>

/** Those the caller can renew, the first to end first. */
export async function listEndings(house: House, caller: Caller): Promise<readonly Ending[]> {
  const mine = SOURCES.filter(([verb]) => can(caller, verb)).map(([, source]) => source)
  if (isId(ID_PREFIXES.user, caller.actor)) {
    mine.push(tokenEndings({ own: caller.actor, hasService: can(caller, 'token.manage') }))
  }
  return ask(mine, house.db.read(caller.scope), caller.scope, caller.now)
}

/** All of a workspace, for whoever holds the data directory. */
export async function endingsIn(
  db: Handle,
  scope: WorkspaceScope,
  now: Instant,
): Promise<readonly Ending[]> {
  const all = [...SOURCES.map(([, source]) => source), tokenEndings('all')]
  return ask(all, db, scope, now)
}

async function ask(
  sources: readonly EndingSource[],
  db: Handle,
  scope: WorkspaceScope,
  now: Instant,
): Promise<readonly Ending[]> {
  const found: Ending[] = []
  for (const source of sources) found.push(...(await source(db, scope, endingUntil(now))))
  return found.toSorted((one, other) => one.endsAt - other.endsAt)
}
