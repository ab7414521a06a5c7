// Somebody comes in by the word of a provider. Who they are here is found by the provider's own name for
// them; an e-mail address makes an account or finds one only where the provider vouches for it, an owner
// confirmed that its domain is this provider's, and nobody else loses anything by it.

import { addUserIn } from '#domain/access/actions.ts'
import { comeInWithin, type Arrival, type Entered } from '#domain/access/arrival.ts'
import {
  endProvidedSessions,
  findAccount,
  provideRole,
  withdrawRole,
  type FoundAccount,
} from '#domain/access/provided.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { PersonName } from '#domain/access/input.ts'
import { AppError } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { addMs, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import {
  findIdentity,
  insertIdentity,
  selectIdentitiesOf,
  touchIdentity,
  type Identity,
} from './identity-store.ts'
import { insideOf, recordRefused } from './inside.ts'
import { keepSignOut } from './signing-out.ts'
import { judge, type Facts, type Verdict } from './judging.ts'
import type { Asserted } from './port.ts'
import { domainOf, type Provider } from './provider.ts'
import { namesOf } from './scim.ts'
import { selectGroupsOf } from './scim-group-store.ts'
import { selectPeopleOf } from './scim-store.ts'
import { findConfirmedDomain, setAdminCame } from './store.ts'

export type Browser = Pick<Arrival, 'userAgent' | 'ip' | 'device' | 'before'>

/**
 * Begins a session, having made or changed whoever it is. Throws `forbidden` with what they can do;
 * `details.why` is for the log.
 */
export async function arriveBy(
  house: House,
  sessions: Sessions,
  visitor: Caller,
  provider: Provider,
  asserted: Asserted,
  browser: Browser,
): Promise<Entered> {
  const now = await sessions.now()
  const inside = insideOf(visitor, provider)
  const endsAt = addMs(now, provider.sessionHours * HOUR)
  const came = await house.db.write(inside, async (tx) => {
    const facts = await gatherFacts(tx, house, inside, provider, asserted)
    const verdict = judge(provider, asserted, facts)
    if (verdict.kind === 'refuse') {
      if (verdict.isWithdrawn && facts.account) {
        await withdraw(tx, house, inside, provider, facts.account.user.id)
      }
      return verdict
    }
    const userId = await settle(tx, house, inside, provider, asserted, facts, verdict)
    const self = { ...visitor, actor: userId }
    return comeInWithin(tx, house, sessions, self, now, {
      ...browser,
      userId,
      factors: ['sso'],
      by: {
        providerId: provider.id,
        providerSession: asserted.session,
        onlyWorkspaceId: provider.workspaceId,
        endsAt,
      },
      attempt: undefined,
    })
  })
  if (!('kind' in came)) {
    const { signOut: url } = asserted
    const at = { sessionId: came.id, expiresAt: endsAt }
    if (url !== undefined) await keepSignOut(house, visitor, provider, { ...at, url })
    return came
  }
  await recordRefused(house, visitor, provider, came.why)
  throw new AppError('forbidden', came.message, { details: { why: came.why } })
}

/** What judging needs to know. */
export async function gatherFacts(
  db: Pick<Reader, 'selectFrom'>,
  house: Pick<House, 'keys'>,
  inside: Caller,
  provider: Provider,
  { subject, email }: Pick<Asserted, 'subject' | 'email'>,
): Promise<Facts> {
  const key = house.keys.purpose('row-mac')
  const identity = await findIdentity(db, key, { providerId: provider.id, subject })
  const account = await accountOf(db, house, inside, identity, email)
  const domain = email === null ? undefined : domainOf(email)
  const confirmed = domain && (await findConfirmedDomain(db, key, domain))
  const known = account ? await selectIdentitiesOf(db, key, account.user.id) : []
  const told = await selectPeopleOf(db, key, provider.id, {
    userId: account?.user.id ?? null,
    email,
  })
  const here = told.filter(({ isActive }) => isActive)
  const groups = await Promise.all(here.map((person) => selectGroupsOf(db, key, person.id)))
  return {
    hasLeft: told.length > 0 && here.length === 0,
    directoryGroups: groups.flat().flatMap(namesOf),
    isKnown: identity !== undefined,
    account,
    isOwnDomain:
      confirmed !== undefined && confirmed !== '' && confirmed.providerId === provider.id,
    isTaken: known.some((one) => one.providerId === provider.id && one.subject !== subject),
  }
}

async function accountOf(
  db: Pick<Reader, 'selectFrom'>,
  house: Pick<House, 'keys'>,
  inside: Caller,
  identity: Identity | undefined,
  email: string | null,
): Promise<FoundAccount | undefined> {
  if (identity) return findAccount(db, house, inside, { userId: identity.userId })
  return email === null ? undefined : findAccount(db, house, inside, { email })
}

/** Makes or connects the account where that is the verdict, and gives the role. */
async function settle(
  tx: Tx,
  house: House,
  inside: Caller,
  provider: Provider,
  asserted: Asserted,
  facts: Facts,
  verdict: Exclude<Verdict, { kind: 'refuse' }>,
): Promise<UserId> {
  const userId = facts.account?.user.id ?? (await makeAccount(tx, house, inside, asserted))
  const { email, subject } = asserted
  const who = { providerId: provider.id, subject }
  if (facts.isKnown) await touchIdentity(tx, who, { email, usedAt: inside.now })
  else await connectIn(tx, house, inside, { ...who, userId, email })
  const role = verdict.gives
    ? await provideRole(tx, house, inside, userId, {
        ...verdict.gives,
        providerId: provider.id,
        askedBy: provider.changedBy,
      })
    : facts.account?.membership?.role
  if (role === 'admin') await setAdminCame(tx, provider.id, inside.now)
  return userId
}

/** From now on this person of the provider is that one here. */
export async function connectIn(
  tx: Tx,
  house: House,
  caller: Caller,
  who: Pick<Identity, 'providerId' | 'subject' | 'userId' | 'email'>,
): Promise<void> {
  const at = { createdAt: caller.now, usedAt: caller.now }
  await insertIdentity(tx, house.keys.purpose('row-mac'), { ...who, ...at })
  await house.audit.record(tx, caller, {
    action: 'identity.connect',
    target: who.userId,
    data: { provider: who.providerId },
    personal: { ...caller.personal, subject: who.subject },
  })
}

async function makeAccount(
  tx: Tx,
  house: House,
  inside: Caller,
  { email, name }: Asserted,
): Promise<UserId> {
  const named = PersonName.safeParse(name ?? '')
  const person = { email: email!, name: named.success ? named.data : email!.slice(0, 80) }
  const user = await addUserIn(tx, house, inside, { ...person, isOwner: false })
  return user.id
}

async function withdraw(
  tx: Tx,
  house: House,
  inside: Caller,
  { id }: Provider,
  userId: UserId,
): Promise<void> {
  await withdrawRole(tx, house, inside, userId)
  await endProvidedSessions(tx, house, inside, id, { userId })
}
