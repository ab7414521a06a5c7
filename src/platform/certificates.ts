// What can be said of certificates before they are used.

import { createPrivateKey, createHash, X509Certificate } from 'node:crypto'
import { instant, type Instant } from '#kernel/time.ts'

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Whether the text holds certificates in PEM, and nothing that is none. */
export function isCertificateBundle(text: string): boolean {
  const blocks = text.match(BLOCK) ?? []
  const rest = text.replaceAll(BLOCK, '').trim()
  return blocks.length > 0 && rest === '' && blocks.every(isCertificate)
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

/** SHA-256 of the public key (RFC 7469 section 2.4), in base64. */
export function pinOf(certificate: Buffer | string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64')
}

/** A certificate, others that lead from it to its authority, and its key. All in PEM. */
export interface CertifiedKey {
  readonly certificate: string
  readonly privateKey: string
}

/** What is wrong with the two; undefined when the key is the first certificate's and is not locked. */
export function problemOfCertifiedKey({
  certificate,
  privateKey,
}: CertifiedKey): 'certificate' | 'privateKey' | 'pair' | undefined {
  if (!isCertificateBundle(certificate)) return 'certificate'
  try {
    const isPair = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))
    return isPair ? undefined : 'pair'
  } catch {
    return 'privateKey'
  }
}

/** Of the first in the text: whose it is, on one line, and when it ends. */
export function describeCertificate(pem: string): {
  readonly subject: string
  readonly endsAt: Instant
} {
  const { subject, validTo } = new X509Certificate(pem)
  return { subject: subject.replaceAll(/\s*\n\s*/g, ', '), endsAt: instant(Date.parse(validTo)) }
}
