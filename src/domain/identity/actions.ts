// What admins do with the identity providers of their workspace: add one, change it, take it away. A
// secret is typed once and never shown.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ProviderId, type WorkspaceId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { RowKey } from '#platform/keys/row-mac.ts'
import { endIdentities } from './leaving.ts'
import { selectOwnKeys } from './own-key-store.ts'
import type { NewProvider, ProviderEdit } from './input.ts'
import type { EmailDomain, Provider } from './provider.ts'
import { hasFormer, openSecrets, renewed, sealSecrets, secretsOf } from './secrets.ts'
import { OidcSettings, SamlSettings } from './settings.ts'
import {
  deleteProvider,
  findProvider,
  getProviderRow,
  insertProvider,
  selectDomains,
  selectProviders,
  updateProvider,
  type StoredProvider,
} from './store.ts'

export interface SeenProvider {
  readonly provider: Provider
  readonly domains: readonly EmailDomain[]
}

/** One alone, with what its sealed part tells. */
export interface OpenedProvider extends SeenProvider {
  /** The client secret was changed, and the provider has not taken the new one yet. */
  readonly isSecretNew: boolean
}

/** More than a workspace has. */
const PROVIDERS_MAX = 20

/** By name, each with its e-mail domains. */
export async function listProviders(
  house: House,
  caller: Caller,
): Promise<readonly SeenProvider[]> {
  permit(caller, 'provider.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const seen: SeenProvider[] = []
  for (const provider of await selectProviders(db, key, caller.scope)) {
    seen.push({ provider, domains: await selectDomains(db, key, provider.id) })
  }
  return seen
}

/** Throws `forbidden` for one that is not here. */
export async function getProvider(
  house: House,
  caller: Caller,
  id: ProviderId,
): Promise<OpenedProvider> {
  permit(caller, 'provider.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const stored = await getProviderRow(db, key, caller.scope, id)
  const domains = await selectDomains(db, key, id)
  return {
    provider: stored.provider,
    domains,
    isSecretNew: hasFormer(await openSecrets(house, stored)),
  }
}

/**
 * Throws `conflict` for a name that is taken, and for too many; `forbidden` for an id that is used. Audited,
 * without the secret.
 */
export async function addProvider(
  house: House,
  caller: Caller,
  input: NewProvider,
  id: ProviderId = makeId(ID_PREFIXES.provider, caller.now, house.random(10)),
): Promise<Provider> {
  permit(caller, 'provider.manage')
  const made = { createdAt: caller.now, createdBy: caller.actor }
  const changed = { changedAt: caller.now, changedBy: caller.actor }
  const workspaceId = caller.scope.workspaceId as WorkspaceId
  const shared = { id, workspaceId, adminCameAt: null, version: 1, ...made, ...changed }
  const { secrets, ...told } = readInput(input)
  const provider: Provider = { ...told, ...shared }
  const sealed = await sealSecrets(house, caller.scope, id, secrets)
  await house.db.write(caller, async (tx) => {
    const key = house.keys.purpose('row-mac')
    if (await findProvider(tx, key, id)) throw forbidden()
    await requireOwnKey(tx, key, id, provider.settings)
    if ((await selectProviders(tx, key, tx.scope)).length >= PROVIDERS_MAX) {
      throw new AppError('conflict', `A workspace has at most ${PROVIDERS_MAX} providers.`)
    }
    await insertProvider(tx, key, provider, sealed)
    const data = { name: provider.name, ...toldOf(provider) }
    await house.audit.record(tx, caller, { action: 'provider.add', target: id, data })
  })
  return provider
}

/**
 * What `edit` does not name stays, but for the end of a client secret that is replaced; the one before is
 * kept until the provider took the new one. Another issuer makes other people of its names, so whoever was
 * connected connects again, and a secret that was typed for the one before is void. Throws `stale`,
 * `conflict` for a name that is taken, `invalid` for settings of another kind.
 */
export async function changeProvider(
  house: House,
  caller: Caller,
  id: ProviderId,
  { edit, expected }: { readonly edit: ProviderEdit; readonly expected: ExpectedVersion },
): Promise<Provider> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  const { clientSecret, settings, ...rest } = edit
  const known = await getProviderRow(house.db.read(caller.scope), key, caller.scope, id)
  const parsed = settings && settingsFor(known.provider, settings)
  const isElsewhere = parsed !== undefined && parsed.issuer !== known.provider.settings.issuer
  const sealed = await sealAnew(house, caller, known, { clientSecret, isElsewhere })
  return house.db.write(caller, async (tx) => {
    const { provider: before } = await getProviderRow(tx, key, tx.scope, id)
    requireVersion(expected, String(before.version))
    // What is sealed was made of the row that was read before.
    requireVersion(new Set([String(known.provider.version)]), String(before.version))
    if (parsed !== undefined) await requireOwnKey(tx, key, id, parsed)
    const after: Provider = Object.assign({}, before, {
      ...rest,
      ...(parsed && { settings: parsed }),
      ...(sealed !== undefined && { secretExpiresAt: endOfNew(before, rest.secretExpiresAt) }),
      ...(isElsewhere && { adminCameAt: null }),
      version: before.version + 1,
      changedAt: caller.now,
      changedBy: caller.actor,
    })
    await updateProvider(tx, key, after, sealed ?? known.sealed)
    if (isElsewhere) await endIdentities(tx, house, caller, before)
    const isSecretKept = sealed === undefined
    const told = { before: toldOf(before), after: toldOf(after), isSecretKept }
    await house.audit.record(tx, caller, { action: 'provider.change', target: id, data: told })
    return after
  })
}

/** Undefined: what is sealed stays. A secret that was typed for one place is not shown to another. */
async function sealAnew(
  house: House,
  { scope }: Caller,
  known: StoredProvider,
  given: { readonly clientSecret: string | undefined; readonly isElsewhere: boolean },
): Promise<Buffer | undefined> {
  const { clientSecret, isElsewhere } = given
  const { id } = known.provider
  if (isElsewhere) return sealSecrets(house, scope, id, secretsOf(clientSecret))
  if (clientSecret === undefined) return undefined
  return sealSecrets(house, scope, id, renewed(await openSecrets(house, known), clientSecret))
}

/** A day that stood there before was that of the secret before. */
function endOfNew(
  { secretExpiresAt: before }: Provider,
  typed: Provider['secretExpiresAt'] | undefined,
): Provider['secretExpiresAt'] {
  return typed === undefined || typed === before ? null : typed
}

/**
 * Takes it away with its domains; whoever came in by it is signed out, and signs in by what else they
 * have. Throws `stale`.
 */
export async function removeProvider(
  house: House,
  caller: Caller,
  id: ProviderId,
  expected: ExpectedVersion = 'any',
): Promise<void> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const { provider } = await getProviderRow(tx, key, tx.scope, id)
    requireVersion(expected, String(provider.version))
    await endIdentities(tx, house, caller, provider)
    await deleteProvider(tx, id)
    const data = { name: provider.name }
    await house.audit.record(tx, caller, { action: 'provider.remove', target: id, data })
  })
}

/** Throws `invalid` where requests are to be signed by no key. */
async function requireOwnKey(
  tx: Tx,
  key: RowKey,
  id: ProviderId,
  settings: OidcSettings | SamlSettings,
): Promise<void> {
  if (!('signsRequests' in settings) || !settings.signsRequests) return
  if ((await selectOwnKeys(tx, key, id)).length > 0) return
  throw new AppError('invalid', 'Make a key of ours first: requests are signed by it.')
}

function settingsFor(before: Provider, given: unknown): Provider['settings'] {
  const parsed = (before.kind === 'oidc' ? OidcSettings : SamlSettings).safeParse(given)
  if (parsed.success) return parsed.data
  throw new AppError('invalid', `These settings are not those of a provider by ${before.kind}.`)
}

function readInput(input: NewProvider) {
  if (input.kind === 'saml') return { ...input, secrets: {} }
  const { clientSecret, ...rest } = input
  return { ...rest, secrets: secretsOf(clientSecret) }
}

/** For the log: what decides who comes in as what. */
function toldOf(provider: Provider): { readonly [name: string]: Json } {
  const { kind, preset, isEnabled, isEmailTrusted, defaultRole, groupRoles, settings } = provider
  const { issuer } = settings
  const groups = groupRoles.map((row) => ({ ...row }))
  return { kind, preset, isEnabled, isEmailTrusted, defaultRole, groups, issuer }
}
