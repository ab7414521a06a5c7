// The people who may sign in a workspace, and who made whom: somebody whose account, role or factor was
// made or reset lately by another is not yet a second pair of eyes beside them. For writes that decide,
// on the handle of their transaction.

import type { Actor } from '#kernel/actor.ts'
import { ID_PREFIXES, isId, type UserId } from '#kernel/id.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import { listActorsOn, listAskers } from '#platform/audit/actors.ts'
import type { Caller } from '#platform/caller.ts'
import { runSteps, type Steps } from '#platform/db/steps.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { selectMembers } from './member-store.ts'
import { verbsOf, type Verb } from './permission.ts'
import { flagsOf } from './person.ts'
import { findTokenOf } from './token-store.ts'
import { findMembership, findUser } from './user-store.ts'

/** For so long whoever made or reset an account counts as one with it. */
export const MADE_DAYS = 30

export interface Holder {
  readonly userId: UserId
  readonly name: string
  readonly email: string | null
}

const MEMBERS_AT_ONCE = 200

/** Active members whose role and flags hold the verb, by name. */
export async function listHolders(
  db: Pick<Reader, 'selectFrom'>,
  house: Pick<House, 'keys'>,
  scope: WorkspaceScope,
  verb: Verb,
): Promise<readonly Holder[]> {
  const key = house.keys.purpose('row-mac')
  const found: Holder[] = []
  let after: { readonly name: string; readonly userId: UserId } | null = null
  for (;;) {
    const page: Awaited<ReturnType<typeof selectMembers>> = await selectMembers(
      db,
      key,
      scope,
      {},
      { limit: MEMBERS_AT_ONCE, after },
    )
    for (const { user, membership } of page) {
      if (user.state !== 'active') continue
      if (!verbsOf(membership.role, flagsOf(membership)).has(verb)) continue
      found.push({ userId: user.id, name: user.name, email: user.email })
    }
    const last = page.at(-1)
    if (!last || page.length < MEMBERS_AT_ONCE) return found
    after = { name: last.user.name, userId: last.user.id }
  }
}

const MAKING = [
  'user.add',
  'user.change',
  'member.add',
  'member.change',
  'approver.confirm',
  'reset.make',
  'factor.remove',
] as const

/** Where to ask: inside of a write on its own handle, else on a reader. */
export interface Asking {
  readonly db: Pick<Reader, 'selectFrom'>
  readonly run: <T>(steps: Steps<T>) => Promise<T>
  readonly scope: WorkspaceScope
}

export function askIn(tx: Tx): Asking {
  return { db: tx, run: (steps) => runSteps(tx, steps), scope: tx.scope }
}

export function askFrom({ db }: Pick<House, 'db'>, { scope }: Pick<Caller, 'scope'>): Asking {
  return { db: db.read(scope), run: (steps) => db.inspect(steps), scope }
}

/**
 * People who made the account, gave the role or reset a factor of this person within the last days. The
 * log is asked, in which nobody can leave out what they did.
 */
export async function listMakersOf(
  asking: Asking,
  house: Pick<House, 'keys'>,
  { userId, now }: { readonly userId: UserId; readonly now: Instant },
): Promise<ReadonlySet<UserId>> {
  const since = addMs(now, -MADE_DAYS * DAY)
  const deeds = { target: userId, actions: MAKING, since }
  const { db, run, scope } = asking
  const actors = await run(listActorsOn(scope.workspaceId, deeds))
  const key = house.keys.purpose('row-mac')
  const rows = [await findUser(db, key, userId), await findMembership(db, key, scope, userId)]
  const made = rows.flatMap((row) => (row && row.createdAt >= since ? row.createdBy : []))
  return peopleBehind(asking, house, [...actors, ...made])
}

/** Who stands behind these actors: whoever made the token, whoever asked for the job. */
export async function peopleBehind(
  { db, run, scope }: Asking,
  house: Pick<House, 'keys'>,
  actors: readonly Actor[],
): Promise<ReadonlySet<UserId>> {
  const people = new Set<UserId>()
  const seen = new Set<string>()
  const open: Actor[] = [...actors]
  for (let actor = open.pop(); actor !== undefined; actor = open.pop()) {
    if (seen.has(actor)) continue
    seen.add(actor)
    if (isId(ID_PREFIXES.user, actor)) people.add(actor)
    else if (isId(ID_PREFIXES.token, actor)) {
      const token = await findTokenOf(db, house.keys.purpose('row-mac'), scope, actor)
      if (token) people.add(token.userId)
    } else if (isId(ID_PREFIXES.job, actor)) {
      open.push(...(await run(listAskers(scope.workspaceId, actor))))
    }
  }
  return people
}

/** Whether a token is a person's own for programs, and not one that a model acts under. */
export async function isPersonalToken(
  { db, scope }: Asking,
  house: Pick<House, 'keys'>,
  actor: Actor,
): Promise<boolean> {
  if (!isId(ID_PREFIXES.token, actor)) return false
  const token = await findTokenOf(db, house.keys.purpose('row-mac'), scope, actor)
  return token?.kind === 'pat' && token.serviceRole === null
}
