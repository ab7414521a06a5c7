// What admins do with the identity providers of their workspace: add one, change it, take it away. A
// secret is typed once and never shown.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ProviderId, type WorkspaceId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { endIdentities } from './leaving.ts'
import type { NewProvider, ProviderEdit } from './input.ts'
import type { EmailDomain, Provider } from './provider.ts'
import { OidcSettings, SamlSettings } from './settings.ts'
import {
  deleteProvider,
  findProvider,
  getProviderRow,
  insertProvider,
  selectDomains,
  selectProviders,
  updateProvider,
} from './store.ts'

export interface SeenProvider {
  readonly provider: Provider
  readonly domains: readonly EmailDomain[]
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
): Promise<SeenProvider> {
  permit(caller, 'provider.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const { provider } = await getProviderRow(db, key, caller.scope, id)
  return { provider, domains: await selectDomains(db, key, id) }
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
  const sealed = await seal(house, caller, id, secrets)
  await house.db.write(caller, async (tx) => {
    const key = house.keys.purpose('row-mac')
    if (await findProvider(tx, key, id)) throw forbidden()
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
 * What `edit` does not name stays. Another issuer makes other people of its names, so whoever was
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
  const typed = await seal(house, caller, id, secretsOf(clientSecret))
  return house.db.write(caller, async (tx) => {
    const { provider: before, sealed } = await getProviderRow(tx, key, tx.scope, id)
    requireVersion(expected, String(before.version))
    const after: Provider = Object.assign({}, before, {
      ...rest,
      ...(settings !== undefined && { settings: settingsFor(before, settings) }),
      version: before.version + 1,
      changedAt: caller.now,
      changedBy: caller.actor,
    })
    const isElsewhere = after.settings.issuer !== before.settings.issuer
    // A secret that was typed for one place is not shown to another.
    const isKept = clientSecret === undefined && !isElsewhere
    const adminCameAt = isElsewhere ? null : before.adminCameAt
    await updateProvider(tx, key, { ...after, adminCameAt }, isKept ? sealed : typed)
    if (isElsewhere) await endIdentities(tx, house, caller, before)
    const told = { before: toldOf(before), after: toldOf(after), isSecretKept: isKept }
    await house.audit.record(tx, caller, { action: 'provider.change', target: id, data: told })
    return after
  })
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

const secretsOf = (clientSecret: string | undefined): Record<string, string> =>
  clientSecret === undefined ? {} : { clientSecret }

async function seal(
  house: House,
  { scope }: Caller,
  id: ProviderId,
  secrets: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const plaintext = Buffer.from(JSON.stringify(secrets))
  try {
    return await house.keys.seal(scope, sealedPlace('identityProvider', id), plaintext)
  } finally {
    plaintext.fill(0)
  }
}

/** For the log: what decides who comes in as what. */
function toldOf(provider: Provider): { readonly [name: string]: Json } {
  const { kind, preset, isEnabled, isEmailTrusted, defaultRole, groupRoles, settings } = provider
  const { issuer } = settings
  const groups = groupRoles.map((row) => ({ ...row }))
  return { kind, preset, isEnabled, isEmailTrusted, defaultRole, groups, issuer }
}
