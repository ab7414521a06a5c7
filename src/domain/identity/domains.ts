// E-mail domains lead people to their provider, and let it vouch for addresses. An admin asks for one; it
// takes effect when an owner of the instance confirms it, because a domain belongs to one provider of all
// workspaces. Where it is enforced, its members' passwords are good for nothing.

import { permit } from '#domain/access/permission.ts'
import { countBreakIns } from '#domain/access/break-in.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { ProviderId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { EmailDomain, Provider } from './provider.ts'
import { domainOf } from './provider.ts'
import {
  deleteDomain,
  findConfirmedDomain,
  findProvider,
  hasConfirmedDomain,
  getProviderRow,
  putDomain,
  selectDomains,
  selectWaitingDomains,
} from './store.ts'

const DOMAINS_MAX = 50

/** Asks for it. Throws `conflict` when it was asked for before. Audited. */
export async function addDomain(
  house: House,
  caller: Caller,
  id: ProviderId,
  domain: string,
): Promise<void> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    await getProviderRow(tx, key, tx.scope, id)
    const known = await selectDomains(tx, key, id)
    if (known.some((one) => one.domain === domain)) {
      throw new AppError('conflict', `${domain} is one of its domains already.`)
    }
    if (known.length >= DOMAINS_MAX) {
      throw new AppError('conflict', `A provider has at most ${DOMAINS_MAX} domains.`)
    }
    await putDomain(tx, key, {
      domain,
      providerId: id,
      isEnforced: false,
      askedAt: caller.now,
      askedBy: caller.actor,
      confirmedAt: null,
      confirmedBy: null,
    })
    await house.audit.record(tx, caller, { action: 'domain.add', target: id, data: { domain } })
  })
}

/** Throws `conflict` for none. Audited. */
export async function removeDomain(
  house: House,
  caller: Caller,
  id: ProviderId,
  domain: string,
): Promise<void> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    await getProviderRow(tx, key, tx.scope, id)
    const found = (await selectDomains(tx, key, id)).find((one) => one.domain === domain)
    if (!found) throw new AppError('conflict', `${domain} is none of its domains.`)
    await deleteDomain(tx, found)
    await house.audit.record(tx, caller, { action: 'domain.remove', target: id, data: { domain } })
  })
}

/** A domain that waits for an owner, with whose it would be. */
export interface WaitingDomain extends EmailDomain {
  readonly providerName: string
  readonly issuer: string
  readonly workspaceId: Provider['workspaceId']
}

/** Oldest first. */
export async function listWaitingDomains(
  house: House,
  caller: Caller,
): Promise<readonly WaitingDomain[]> {
  permit(caller, 'domain.confirm')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const waiting: WaitingDomain[] = []
  for (const domain of await selectWaitingDomains(db, key)) {
    const found = await findProvider(db, key, domain.providerId)
    if (!found) continue
    const { name, settings, workspaceId } = found.provider
    waiting.push({ ...domain, providerName: name, issuer: settings.issuer, workspaceId })
  }
  return waiting
}

/**
 * Puts it in force, or refuses it, which removes it. Throws `conflict` when another provider has it.
 * Audited in the instance's log and in the workspace's.
 */
export async function decideDomain(
  house: House,
  caller: Caller,
  { providerId, domain }: Pick<EmailDomain, 'providerId' | 'domain'>,
  decision: 'confirm' | 'refuse',
): Promise<void> {
  permit(caller, 'domain.confirm')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const waiting = (await selectDomains(tx, key, providerId)).find((one) => one.domain === domain)
    const found = await findProvider(tx, key, providerId)
    if (!waiting || waiting.confirmedAt !== null || !found) throw forbidden()
    if (decision === 'refuse') await deleteDomain(tx, waiting)
    else {
      if (await findConfirmedDomain(tx, key, domain)) {
        throw new AppError('conflict', `${domain} is another provider's. Take it from that first.`)
      }
      await putDomain(tx, key, { ...waiting, confirmedAt: caller.now, confirmedBy: caller.actor })
    }
    const entry = { action: `domain.${decision}`, target: providerId, data: { domain } }
    await house.audit.record(tx, caller, entry)
    const { workspaceId } = found.provider
    await house.audit.record(tx, caller, { ...entry, workspaceId, personal: null })
  })
}

/**
 * Whether its members' passwords are refused. Throws `conflict` unless an owner confirmed the domain, an
 * admin has come in by this provider, and there is a break-in account. Audited.
 */
export async function enforceDomain(
  house: House,
  caller: Caller,
  id: ProviderId,
  { domain, isEnforced }: Pick<EmailDomain, 'domain' | 'isEnforced'>,
): Promise<void> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const { provider } = await getProviderRow(tx, key, tx.scope, id)
    const found = (await selectDomains(tx, key, id)).find((one) => one.domain === domain)
    if (!found) throw new AppError('conflict', `${domain} is none of its domains.`)
    if (isEnforced) refuseUnready(provider, found, await countBreakIns(tx, house, caller))
    await putDomain(tx, key, { ...found, isEnforced })
    const data = { domain, isEnforced }
    await house.audit.record(tx, caller, { action: 'domain.enforce', target: id, data })
  })
}

function refuseUnready(provider: Provider, domain: EmailDomain, breakIns: number): void {
  if (domain.confirmedAt === null) {
    throw new AppError('conflict', 'An owner of this server has to confirm the domain first.')
  }
  if (provider.adminCameAt === null || !provider.isEnabled) {
    throw new AppError(
      'conflict',
      'First an admin of this workspace signs in by this provider, so that it is known to work.',
    )
  }
  if (breakIns === 0) {
    throw new AppError(
      'conflict',
      'First name a break-in account: an admin with a password and a second factor, for the day the provider is away.',
    )
  }
}

/** Whether any address leads anywhere. */
export function hasDomains(house: House, visitor: Caller): Promise<boolean> {
  return hasConfirmedDomain(house.db.read(visitor.scope))
}

/** The provider at which this address signs in; undefined for none. Tells nothing about accounts. */
export async function findProviderFor(
  house: House,
  visitor: Caller,
  email: string,
): Promise<
  (Pick<Provider, 'id' | 'name' | 'workspaceId'> & Pick<EmailDomain, 'isEnforced'>) | undefined
> {
  const domain = domainOf(email.trim())
  if (domain === undefined) return undefined
  const db = house.db.read(visitor.scope)
  const key = house.keys.purpose('row-mac')
  const confirmed = await findConfirmedDomain(db, key, domain)
  const found = confirmed && (await findProvider(db, key, confirmed.providerId))
  if (!found?.provider.isEnabled) return undefined
  const { id, name, workspaceId } = found.provider
  return { id, name, workspaceId, isEnforced: confirmed?.isEnforced === true }
}
