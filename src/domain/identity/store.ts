// SQL of providers and e-mail domains. They belong to the instance, because a provider is found before
// anybody has a scope; what is about one workspace takes its id from the scope. Every row that is read is
// checked against its digest: `conflict` for one that was edited in the file.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import { AppError, forbidden } from '#kernel/error.ts'
import type { ProviderId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import { SESSION_HOURS, type EmailDomain, type GroupRole, type Provider } from './provider.ts'
import { OidcSettings, SamlSettings } from './settings.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['identityProvider']>
type DomainRow = Selectable<Tables['identityDomain']>

const GroupRoles = z.array(
  z.strictObject({
    group: z.string(),
    role: z.enum(['admin', 'engineer', 'analyst', 'viewer']),
    isApprover: z.boolean(),
    isAuditor: z.boolean(),
  }),
)

/** Throws `conflict` when the name is taken. */
export async function insertProvider(
  tx: Tx,
  key: RowKey,
  provider: Provider,
  sealed: Buffer,
): Promise<void> {
  await refuseTaken(tx, provider)
  await tx
    .insertInto('identityProvider')
    .values(toRow(key, provider, sealed))
    .execute()
}

/** Throws `conflict` when the name is taken. */
export async function updateProvider(
  tx: Tx,
  key: RowKey,
  provider: Provider,
  sealed: Buffer,
): Promise<void> {
  await refuseTaken(tx, provider)
  const { id, ...row } = toRow(key, provider, sealed)
  await tx.updateTable('identityProvider').set(row).where('id', '=', id).execute()
}

async function refuseTaken(
  tx: Tx,
  { id, name, workspaceId }: Pick<Provider, 'id' | 'name' | 'workspaceId'>,
): Promise<void> {
  const taken = await tx
    .selectFrom('identityProvider')
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('name', '=', name)
    .where('id', '!=', id)
    .executeTakeFirst()
  if (taken) throw new AppError('conflict', `There is a provider ${name} already.`)
}

/** Sealed bytes carry a proof of their own, so they are in no digest. */
export async function setSealed(tx: Tx, id: ProviderId, sealed: Buffer): Promise<void> {
  await tx.updateTable('identityProvider').set({ sealed }).where('id', '=', id).execute()
}

/** It says nothing about what somebody may do, so it is in no digest. */
export async function setAdminCame(tx: Tx, id: ProviderId, at: Instant): Promise<void> {
  await tx.updateTable('identityProvider').set({ adminCameAt: at }).where('id', '=', id).execute()
}

/** With its domains, the people it knows and the ways in that are under way. */
export async function deleteProvider(tx: Tx, id: ProviderId): Promise<void> {
  for (const table of [
    'identityDomain',
    'identity',
    'identityAttempt',
    'identityReplay',
    'identitySignOut',
  ] as const) {
    await tx.deleteFrom(table).where('providerId', '=', id).execute()
  }
  await tx.deleteFrom('identityProvider').where('id', '=', id).execute()
}

export interface StoredProvider {
  readonly provider: Provider
  readonly sealed: Buffer
}

/** Of any workspace: for whoever comes in. */
export async function findProvider(
  db: Handle,
  key: RowKey,
  id: ProviderId,
): Promise<StoredProvider | undefined> {
  const row = await db
    .selectFrom('identityProvider')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toProvider(key, row)
}

/** Of the scope's workspace. Throws `forbidden` for a foreign one as for none. */
export async function getProviderRow(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  id: ProviderId,
): Promise<StoredProvider> {
  const found = await findProvider(db, key, id)
  if (found?.provider.workspaceId !== scope.workspaceId) throw forbidden()
  return found
}

/** By name. */
export async function selectProviders(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
): Promise<readonly Provider[]> {
  const rows = await db
    .selectFrom('identityProvider')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .orderBy('name')
    .execute()
  return rows.map((row) => toProvider(key, row).provider)
}

/** Those in use, for what ends by itself. Decides nothing, so no digest is checked. */
export async function selectInUse(db: Handle, scope: WorkspaceScope) {
  return db
    .selectFrom('identityProvider')
    .select(['id', 'name', 'kind', 'settings', 'secretExpiresAt'])
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where('isEnabled', '=', 1)
    .execute()
}

/** In the place of the one there is. */
export async function putDomain(tx: Tx, key: RowKey, domain: EmailDomain): Promise<void> {
  await deleteDomain(tx, domain)
  const row = { ...domain, isEnforced: domain.isEnforced ? (1 as const) : (0 as const) }
  await tx
    .insertInto('identityDomain')
    .values(withMac(key, 'identityDomain', row))
    .execute()
}

export async function deleteDomain(
  tx: Tx,
  { domain, providerId }: Pick<EmailDomain, 'domain' | 'providerId'>,
): Promise<void> {
  await tx
    .deleteFrom('identityDomain')
    .where('domain', '=', domain)
    .where('providerId', '=', providerId)
    .execute()
}

/** Of one provider, by name. */
export async function selectDomains(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
): Promise<readonly EmailDomain[]> {
  const rows = await db
    .selectFrom('identityDomain')
    .selectAll()
    .where('providerId', '=', providerId)
    .orderBy('domain')
    .execute()
  return rows.map((row) => toDomain(key, row))
}

/** The one provider whose it is; undefined while nobody confirmed any. */
export async function findConfirmedDomain(
  db: Handle,
  key: RowKey,
  domain: string,
): Promise<EmailDomain | undefined> {
  const row = await db
    .selectFrom('identityDomain')
    .selectAll()
    .where('domain', '=', domain)
    .where('confirmedAt', 'is not', null)
    .executeTakeFirst()
  return row && toDomain(key, row)
}

/** Whether there is any. */
export async function hasConfirmedDomain(db: Handle): Promise<boolean> {
  const row = await db
    .selectFrom('identityDomain')
    .select('domain')
    .where('confirmedAt', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Every domain that waits for an owner, oldest first; at most 200. */
export async function selectWaitingDomains(
  db: Handle,
  key: RowKey,
): Promise<readonly EmailDomain[]> {
  const rows = await db
    .selectFrom('identityDomain')
    .selectAll()
    .where('confirmedAt', 'is', null)
    .orderBy('askedAt')
    .limit(200)
    .execute()
  return rows.map((row) => toDomain(key, row))
}

function toRow(key: RowKey, provider: Provider, sealed: Buffer): Row {
  const { settings, groupRoles, isEnabled, isEmailTrusted, ...rest } = provider
  return withMac(key, 'identityProvider', {
    ...rest,
    settings: JSON.stringify(settings),
    groupRoles: JSON.stringify(groupRoles satisfies readonly GroupRole[]),
    isEnabled: isEnabled ? (1 as const) : (0 as const),
    isEmailTrusted: isEmailTrusted ? (1 as const) : (0 as const),
    sealed,
  })
}

function toProvider(key: RowKey, row: Row): StoredProvider {
  const {
    mac: _,
    sealed,
    settings,
    groupRoles,
    isEnabled,
    isEmailTrusted,
    sessionHours,
    kind,
    ...rest
  } = checkMac(key, 'identityProvider', row)
  const given: unknown = JSON.parse(settings)
  const provider: Provider = {
    ...rest,
    ...(kind === 'oidc'
      ? { kind, settings: OidcSettings.parse(given) }
      : { kind, settings: SamlSettings.parse(given) }),
    groupRoles: GroupRoles.parse(JSON.parse(groupRoles)),
    isEnabled: isEnabled === 1,
    isEmailTrusted: isEmailTrusted === 1,
    sessionHours: sessionHours ?? SESSION_HOURS,
  }
  return { provider, sealed }
}

function toDomain(key: RowKey, row: DomainRow): EmailDomain {
  const { mac: _, isEnforced, ...rest } = checkMac(key, 'identityDomain', row)
  return { ...rest, isEnforced: isEnforced === 1 }
}
