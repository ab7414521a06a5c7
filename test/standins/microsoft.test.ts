// Microsoft's stand-ins, judged by Azure's own clients: what they cannot use is wrong.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity'
import { instant } from '#kernel/time.ts'
import { TENANT } from '#standins/microsoft/directory.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { CLIENT_ID, microsoftWorld, VALID } from '#test/support/microsoft.ts'

// Azure's clients keep the machine's time.
const clock = { now: () => instant(Date.now()) }
const { directory, standin, ca } = await microsoftWorld(clock)
const options = {
  authorityHost: standin.url,
  disableInstanceDiscovery: true,
  tlsOptions: { ca },
  retryOptions: { maxRetries: 0 },
}
const SCOPE = 'https://management.azure.com/.default'

test('the client signs in with a secret, and reads why it may not', async () => {
  const known = new ClientSecretCredential(TENANT, CLIENT_ID, 'a long secret', options)
  const token = await known.getToken(SCOPE)
  assert.equal(token.token.split('.').length, 3)
  const stranger = new ClientSecretCredential(TENANT, CLIENT_ID, 'another', options)
  await assert.rejects(stranger.getToken(SCOPE), /AADSTS7000215/)
  const elsewhere = new ClientSecretCredential(CLIENT_ID, CLIENT_ID, 'a long secret', options)
  await assert.rejects(elsewhere.getToken(SCOPE), /AADSTS90002/)
})

test('the client signs in with a certificate that is registered, and with no other', async () => {
  const [mine, other] = [1, 2].map((serial) => makeCertificate(...VALID, serial, 'rsa'))
  directory.registrations[0]!.certificates.push(mine!.cert)
  const as = ({ cert, key }: { cert: string; key: string }) =>
    new ClientCertificateCredential(TENANT, CLIENT_ID, { certificate: `${key}${cert}` }, options)
  assert.ok((await as(mine!).getToken(SCOPE)).token)
  await assert.rejects(as(other!).getToken(SCOPE), /AADSTS700027/)
})
