// What of an identity provider ends by itself: the client secret, as somebody said; the certificates with which
// it signs; keys of ours towards it; tokens of its directory. Of several that are exchanged the last one counts.

import type { ProviderId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { describeCertificate } from '#platform/certificates.ts'
import type { Ending, EndingKind, EndingSource } from '#domain/workspaces/endings.ts'
import { selectLastKeyEnds } from './own-key-store.ts'
import { selectLastScimTokenEnds } from './scim-token-store.ts'
import { SamlSettings } from './settings.ts'
import { selectInUse } from './store.ts'

export const providerEndings: EndingSource = async (db, scope, until) => {
  const keys = endsBy(await selectLastKeyEnds(db, scope))
  const tokens = endsBy(await selectLastScimTokenEnds(db, scope))
  return (await selectInUse(db, scope)).flatMap(({ id, name, kind, settings, secretExpiresAt }) => {
    const ends: readonly (readonly [EndingKind, Instant | null])[] = [
      ['client_secret', secretExpiresAt],
      ['certificate', kind === 'saml' ? lastCertificateEnd(settings) : null],
      ['certificate', keys.get(id) ?? null],
      ['directory_token', tokens.get(id) ?? null],
    ]
    return ends.flatMap(([what, endsAt]): readonly Ending[] =>
      endsAt !== null && endsAt < until ? [{ kind: what, id, name, endsAt }] : [],
    )
  })
}

function endsBy(
  rows: readonly { readonly providerId: ProviderId; readonly endsAt: Instant }[],
): ReadonlyMap<ProviderId, Instant> {
  return new Map(rows.map(({ providerId, endsAt }) => [providerId, endsAt]))
}

function lastCertificateEnd(settings: string): Instant {
  const { certificates } = SamlSettings.parse(JSON.parse(settings))
  const ends = certificates.map((pem) => describeCertificate(pem).endsAt)
  return ends.reduce((one, other) => (one > other ? one : other))
}
