// The secrets of a provider, sealed. A client secret that is changed keeps the one before beside it, until
// the provider has taken the new one: nobody is shut out while two machines do not agree yet.

import type { ProviderId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope, type WorkspaceScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { z } from 'zod'
import { insideOf } from './inside.ts'
import type { Provider, ProviderWhole } from './provider.ts'
import { findProvider, setSealed, type StoredProvider } from './store.ts'

export type Secrets = ProviderWhole['secrets']

const Texts = z.record(z.string(), z.string())

/** None for a public client, which proves itself by PKCE alone. */
export const secretsOf = (clientSecret: string | undefined): Secrets =>
  clientSecret === undefined ? {} : { clientSecret }

/** With a new client secret, and beside it the last that is known to work. */
export function renewed({ clientSecret: last, formerSecret }: Secrets, typed: string): Secrets {
  const former = formerSecret ?? last
  if (former === undefined || former === typed) return { clientSecret: typed }
  return { clientSecret: typed, formerSecret: former }
}

/** Whether the new one was not taken yet. */
export const hasFormer = (secrets: Secrets): boolean => secrets['formerSecret'] !== undefined

export function withoutFormer({ formerSecret: _, ...rest }: Secrets): Secrets {
  return rest
}

export async function openSecrets(
  house: House,
  { provider, sealed }: StoredProvider,
): Promise<Secrets> {
  return unsealTexts(house, provider, sealedPlace('identityProvider', provider.id), sealed)
}

export async function sealSecrets(
  house: House,
  scope: WorkspaceScope,
  id: ProviderId,
  secrets: Secrets,
): Promise<Buffer> {
  const plaintext = Buffer.from(JSON.stringify(secrets))
  try {
    return await house.keys.seal(scope, sealedPlace('identityProvider', id), plaintext)
  } finally {
    plaintext.fill(0)
  }
}

export async function unsealTexts(
  house: House,
  { workspaceId }: Pick<Provider, 'workspaceId'>,
  place: { readonly table: string; readonly row: string; readonly column: string },
  sealed: Buffer,
): Promise<Readonly<Record<string, string>>> {
  const plaintext = await house.keys.unseal(makeScope(workspaceId), place, sealed)
  try {
    return Texts.parse(JSON.parse(plaintext.toString('utf8')))
  } finally {
    plaintext.fill(0)
  }
}

/** The new one was taken. Does nothing when somebody has changed the provider meanwhile. */
export async function forgetFormer(
  house: House,
  visitor: Caller,
  provider: ProviderWhole,
): Promise<void> {
  const inside = insideOf(visitor, provider)
  const sealed = await sealSecrets(
    house,
    inside.scope,
    provider.id,
    withoutFormer(provider.secrets),
  )
  await house.db.write(inside, async (tx) => {
    const now = await findProvider(tx, house.keys.purpose('row-mac'), provider.id)
    if (now?.provider.version !== provider.version) return
    await setSealed(tx, provider.id, sealed)
    const entry = { action: 'provider.secret_taken', target: provider.id, data: {} }
    await house.audit.record(tx, inside, entry)
  })
}
