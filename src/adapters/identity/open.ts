// One adapter for each protocol, loaded by the first provider that speaks it.

import { AppError } from '#kernel/error.ts'
import type { OpenIdentity } from '#domain/identity/port.ts'
import { IdentityClients, type IdentityParts } from './clients.ts'

export interface IdentityAdapters {
  readonly open: OpenIdentity
  readonly close: () => void
}

export function openIdentity(parts: IdentityParts): IdentityAdapters {
  const clients = new IdentityClients(parts)
  const oidc = once(async () => (await import('./oidc.ts')).openOidc(clients))
  return {
    async open(kind) {
      if (kind === 'oidc') return oidc()
      throw new AppError('unsupported', 'Providers by SAML are not spoken to.')
    },
    close: () => clients.close(),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
