// A SAML provider as an admin enters it: by the metadata that the provider gives out, whole. New metadata
// in the place of the old are how a certificate is exchanged.

import type { ProviderId } from '#kernel/id.ts'
import { assert, AppError } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { describeCertificate, pinOf } from '#platform/certificates.ts'
import type { House } from '#platform/house.ts'
import { permit } from '#domain/access/permission.ts'
import { changeProvider, getProvider } from './actions.ts'
import { IDENTITY, type SamlDescription } from './port.ts'
import type { Provider } from './provider.ts'
import type { SamlSettings } from './settings.ts'

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

export interface MetadataDifference {
  /** Another one makes other people of its names: whoever was connected connects again. */
  readonly issuer: string | undefined
  readonly signOnUrl: string | undefined
  readonly added: readonly SeenCertificate[]
  readonly removed: readonly SeenCertificate[]
  readonly kept: readonly SeenCertificate[]
}

export interface SeenCertificate {
  readonly subject: string
  readonly endsAt: Instant
  /** SHA-256 of its public key, in base64. */
  readonly pin: string
}

/** What newer metadata would change; undefined stays. Changes nothing. */
export function differenceOf(
  { issuer, signOnUrl, certificates }: SamlSettings,
  read: SamlDescription,
): MetadataDifference {
  const pinned = (pems: readonly string[]) => new Map(pems.map((pem) => [pinOf(pem), pem]))
  const [before, after] = [pinned(certificates), pinned(read.certificates)]
  const seen = (from: ReadonlyMap<string, string>, is: (pin: string) => boolean) =>
    [...from]
      .filter(([pin]) => is(pin))
      .map(([pin, pem]): SeenCertificate => ({ ...describeCertificate(pem), pin }))
  return {
    issuer: read.issuer === issuer ? undefined : read.issuer,
    signOnUrl: read.signOnUrl === signOnUrl ? undefined : read.signOnUrl,
    added: seen(after, (pin) => !before.has(pin)),
    removed: seen(before, (pin) => !after.has(pin)),
    kept: seen(after, (pin) => before.has(pin)),
  }
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
