// What of an identity provider ends by itself: the client secret, as somebody said; the certificates with which
// it signs; keys of ours towards it; tokens of its directory. Of several that are exchanged the last one counts.

import { describeCertificate } from '#platform/certificates.ts'
import type { Ending, EndingSource } from '#domain/workspaces/endings.ts'
import { selectKeyEnds } from './own-key-store.ts'
import { selectScimTokenEnds } from './scim-token-store.ts'
import { selectSamlCertificates, selectSecretEnds } from './store.ts'

export const providerEndings: EndingSource = async (db, scope, until) => {
  const secrets = await selectSecretEnds(db, scope, until)
  const keys = await selectKeyEnds(db, scope, until)
  const tokens = await selectScimTokenEnds(db, scope, until)
  const signers = (await selectSamlCertificates(db, scope)).map(({ certificates, ...provider }) => {
    const ends = certificates.map((pem) => describeCertificate(pem).endsAt)
    return { ...provider, endsAt: ends.toSorted((a, b) => a - b).at(-1)! }
  })
  return [
    ...secrets.map((one): Ending => ({ kind: 'client_secret', ...one })),
    ...[...signers, ...keys]
      .filter(({ endsAt }) => endsAt < until)
      .map((one): Ending => ({ kind: 'certificate', ...one })),
    ...tokens.map((one): Ending => ({ kind: 'directory_token', ...one })),
  ]
}
