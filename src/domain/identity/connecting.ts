// What people do with their own connections: connect single sign-on with the account they are signed in
// to, prove by it who they are, take it away; and what a provider ends of theirs.

import { findAccount, endProvidedSessions } from '#domain/access/provided.ts'
import type { Membership } from '#domain/access/person.ts'
import type { SessionRow } from '#domain/access/session.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { ProviderId, UserId } from '#kernel/id.ts'
import { addMs, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { makeScope } from '#platform/db/scope.ts'
import { connectIn } from './arriving.ts'
import {
  deleteIdentityOf,
  findIdentity,
  selectIdentitiesOf,
  useOnce,
  type Identity,
} from './identity-store.ts'
import { insideOf } from './inside.ts'
import { IDENTITY, type Asserted, type Ended } from './port.ts'
import type { Provider } from './provider.ts'
import { selectProviders } from './store.ts'
import { openProvider } from './ways.ts'

/** A provider of one of somebody's workspaces, and who they are there. */
export interface Connection {
  readonly provider: Pick<Provider, 'id' | 'name' | 'isEnabled'>
  readonly workspaceName: string
  /** Undefined while they are not connected. */
  readonly identity: Identity | undefined
}

/** Of the workspaces they are in, by name. */
export async function listConnections(
  house: House,
  self: Caller,
  userId: UserId,
  memberships: readonly Membership[],
): Promise<readonly Connection[]> {
  const db = house.db.read(self.scope)
  const key = house.keys.purpose('row-mac')
  const known = await selectIdentitiesOf(db, key, userId)
  const connections: Connection[] = []
  for (const { workspaceId, name: workspaceName } of memberships) {
    for (const provider of await selectProviders(db, key, makeScope(workspaceId))) {
      const identity = known.find(({ providerId }) => providerId === provider.id)
      if (provider.isEnabled || identity) connections.push({ provider, workspaceName, identity })
    }
  }
  return connections
}

/** Connects whoever is signed in. Throws `conflict` for somebody who is another account already. */
export async function connect(
  house: House,
  self: Caller,
  userId: UserId,
  provider: Provider,
  asserted: Asserted,
): Promise<void> {
  const { id: providerId } = provider
  const { subject, email } = asserted
  const inside = { ...insideOf(self, provider), actor: userId }
  const key = house.keys.purpose('row-mac')
  await house.db.write(inside, async (tx) => {
    const account = await findAccount(tx, house, inside, { userId })
    if (account?.user.state !== 'active' || !account.membership) throw forbidden()
    const known = await findIdentity(tx, key, { providerId, subject })
    if (known?.userId === userId) return
    const own = (await selectIdentitiesOf(tx, key, userId)).some(
      (one) => one.providerId === providerId,
    )
    if (known || own) {
      throw new AppError(
        'conflict',
        known
          ? 'That account of the provider is connected with somebody else here.'
          : 'You are connected with another account of this provider. Disconnect it first.',
      )
    }
    await connectIn(tx, house, inside, { providerId, subject, userId, email })
  })
}

/** Ends their sessions by it. Throws `forbidden` for none. */
export async function disconnect(
  house: House,
  self: Caller,
  userId: UserId,
  providerId: ProviderId,
): Promise<void> {
  await house.db.write(self, async (tx) => {
    if ((await deleteIdentityOf(tx, { providerId, userId })) === 0) throw forbidden()
    await endProvidedSessions(tx, house, self, providerId, { userId })
    const data = { provider: providerId }
    await house.audit.record(tx, self, { action: 'identity.disconnect', target: userId, data })
  })
}

/** Throws `forbidden` unless the provider names whoever has this session. */
export async function requireSame(
  house: House,
  self: Caller,
  session: Pick<SessionRow, 'userId'>,
  provider: Provider,
  { subject }: Asserted,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(self.scope)
  const known = await findIdentity(db, key, { providerId: provider.id, subject })
  if (known?.userId !== session.userId) {
    throw new AppError(
      'forbidden',
      'Your provider names somebody else than who is signed in here.',
      {
        details: { why: 'a proof by somebody else' },
      },
    )
  }
}

/** A message counts for as long as one may be on its way, and once. */
const MESSAGE_MS = 15 * MINUTE

/**
 * What the provider itself ends: at once, on every browser. Throws `unauthenticated` for a message that
 * does not hold, or was used.
 */
export async function endByProvider(
  house: House,
  visitor: Caller,
  id: ProviderId,
  body: string,
  at: string,
): Promise<Ended> {
  const provider = await openProvider(house, visitor, id)
  const port = await house.ports.get(IDENTITY)(provider.kind)
  const ended = await port.ended(provider, body, visitor.now, at)
  const inside = insideOf(visitor, provider)
  const key = house.keys.purpose('row-mac')
  await house.db.write(inside, async (tx) => {
    const message = { providerId: id, key: sha256Hex(ended.id) }
    const expiresAt = addMs(visitor.now, MESSAGE_MS)
    if (!(await useOnce(tx, { ...message, expiresAt }, visitor.now))) {
      throw new AppError('unauthenticated', 'This message was used before.', {
        details: { why: 'a message that was used before' },
      })
    }
    if (ended.session !== null) {
      return endProvidedSessions(tx, house, inside, id, { session: ended.session })
    }
    const who = await findIdentity(tx, key, { providerId: id, subject: ended.subject! })
    return who ? endProvidedSessions(tx, house, inside, id, { userId: who.userId }) : 0
  })
  return ended
}
