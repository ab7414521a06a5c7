// What the form of an identity provider holds, as typed.

import type { Preset } from '#domain/identity/provider.ts'
import type { RightsValues } from './provider-rights-fields.tsx'

export interface ProviderValues extends RightsValues {
  readonly preset: Preset
  readonly issuer: string
  readonly tenant: string
  readonly clientId: string
  readonly secretExpiresAt: string
  readonly hostedDomain: string
  readonly groupsClaim: string
  readonly scopes: string
  readonly ca: string
  /** Of one that is there. */
  readonly version?: string | undefined
}
