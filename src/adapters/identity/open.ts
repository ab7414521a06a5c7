// One adapter for each protocol, loaded by the first provider that speaks it.

import type { OpenIdentity } from '#domain/identity/port.ts'
import { IdentityClients, type IdentityParts } from './clients.ts'

export interface IdentityAdapters {
  readonly open: OpenIdentity
  readonly close: () => void
}

export function openIdentity(parts: IdentityParts): IdentityAdapters {
  const clients = new IdentityClients(parts)
  const oidc = once(async () => (await import('./oidc.ts')).openOidc(clients))
  const saml = once(async () => (await import('./saml.ts')).openSaml(parts))
  return {
    open: (kind) => (kind === 'oidc' ? oidc() : saml()),
    close: () => clients.close(),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
