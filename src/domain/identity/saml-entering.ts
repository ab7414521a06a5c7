// A SAML provider as an admin enters it: by the metadata that the provider gives out, whole. New metadata
// in the place of the old are how a certificate is exchanged.

import type { ProviderId } from '#kernel/id.ts'
import { assert, AppError } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { permit } from '#domain/access/permission.ts'
import { changeProvider, getProvider } from './actions.ts'
import { IDENTITY, type SamlDescription } from './port.ts'
import type { Provider } from './provider.ts'

/** Throws `invalid` with a sentence for whoever pasted it. */
export async function readMetadata(
  house: House,
  caller: Caller,
  text: string,
): Promise<SamlDescription> {
  permit(caller, 'provider.manage')
  const port = await house.ports.get(IDENTITY)('saml')
  const read = port.readMetadata?.(text)
  assert(read, 'SAML has metadata')
  return read
}

/** Throws `invalid`, and `forbidden` for a provider that is not here. */
export async function renewMetadata(
  house: House,
  caller: Caller,
  id: ProviderId,
  text: string,
): Promise<Provider> {
  const { provider } = await getProvider(house, caller, id)
  if (provider.kind !== 'saml') throw new AppError('invalid', 'This provider does not speak SAML.')
  const read = await readMetadata(house, caller, text)
  const settings = { ...provider.settings, ...read }
  return changeProvider(house, caller, id, { edit: { settings }, expected: 'any' })
}
