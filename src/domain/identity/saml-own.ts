// What identity providers are told of us when they speak SAML 2.0: who we are, where answers and logouts
// go, and by which keys we sign and read.

import type { ProviderId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { selectOwnKeys } from './own-key-store.ts'
import { findProvider } from './store.ts'

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata'
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings'

export interface OwnAddresses {
  /** Our entity id, and where this is read. */
  readonly metadata: string
  readonly callback: string
  readonly logout: string
}

interface OwnSide {
  /** PEM, oldest first. */
  readonly certificates: readonly string[]
  readonly signsRequests: boolean
}

const NOTHING: OwnSide = { certificates: [], signsRequests: false }

/** Of a provider; for an id that is none the same as for one that has no key. */
export async function describeUs(
  house: House,
  { scope }: Caller,
  id: ProviderId,
  addresses: OwnAddresses,
): Promise<string> {
  const db = house.db.read(scope)
  const key = house.keys.purpose('row-mac')
  const provider = (await findProvider(db, key, id))?.provider
  if (provider?.kind !== 'saml') return ownMetadata(addresses)
  const certificates = (await selectOwnKeys(db, key, id)).map(({ certificate }) => certificate)
  const { signsRequests } = provider.settings
  return ownMetadata(addresses, { certificates, signsRequests })
}

export function ownMetadata(
  { metadata, callback, logout }: OwnAddresses,
  { certificates, signsRequests }: OwnSide = NOTHING,
): string {
  const services = (name: string, binding: string, at: string, more = '') =>
    `    <${name} Binding="${BINDINGS}:${binding}" Location="${escape(at)}"${more}/>`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<EntityDescriptor xmlns="${METADATA}" entityID="${escape(metadata)}">`,
    `  <SPSSODescriptor AuthnRequestsSigned="${signsRequests}" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`,
    ...certificates.map((pem) => keyDescriptor('signing', pem)),
    // Whoever takes the first of several takes the newest.
    ...certificates.toReversed().map((pem) => keyDescriptor('encryption', pem)),
    services('SingleLogoutService', 'HTTP-Redirect', logout),
    services('SingleLogoutService', 'HTTP-POST', logout),
    '    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>',
    '    <NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</NameIDFormat>',
    services('AssertionConsumerService', 'HTTP-POST', callback, ' index="0" isDefault="true"'),
    '  </SPSSODescriptor>',
    '</EntityDescriptor>',
    '',
  ].join('\n')
}

/** In the order of preference. */
const TAKEN = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
]

function keyDescriptor(use: 'signing' | 'encryption', pem: string): string {
  const bare = pem.replaceAll(/-----[^-]+-----|\s/g, '')
  const methods =
    use === 'signing' ? [] : TAKEN.map((one) => `<EncryptionMethod Algorithm="${one}"/>`)
  return [
    `    <KeyDescriptor use="${use}">`,
    `      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${bare}</X509Certificate></X509Data></KeyInfo>`,
    ...methods.map((method) => `      ${method}`),
    '    </KeyDescriptor>',
  ].join('\n')
}

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
