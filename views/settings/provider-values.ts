// What the form of an identity provider holds, as typed.

import type { Preset } from '#domain/identity/provider.ts'

export interface ProviderValues {
  readonly preset: Preset
  readonly name: string
  readonly issuer: string
  readonly tenant: string
  readonly clientId: string
  readonly secretExpiresAt: string
  readonly hostedDomain: string
  readonly groupsClaim: string
  readonly scopes: string
  readonly ca: string
  readonly defaultRole: string
  readonly groupRoles: string
  readonly isEmailTrusted?: 'on' | undefined
  readonly isEnabled?: 'on' | undefined
  /** Of one that is there. */
  readonly version?: string | undefined
}
