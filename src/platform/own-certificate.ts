// An RSA key of our own with a certificate that it signs itself (X.509 v3, RFC 5280), written as DER by
// hand: whoever is given the certificate knows the key by it. No authority stands behind it.

import { generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Instant } from '#kernel/time.ts'

const KEY_BITS = 3_072

export interface OwnCertificate {
  /** PEM. */
  readonly certificate: string
  /** PKCS #8 in PEM. */
  readonly privateKey: string
}

export interface CertificateWish {
  readonly commonName: string
  readonly from: Instant
  readonly until: Instant
  /** Random; 16 bytes are usual. */
  readonly serial: Buffer
}

/** The key is made outside of the event loop; it takes some tenths of a second. */
export async function makeOwnCertificate(wish: CertificateWish): Promise<OwnCertificate> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: KEY_BITS,
  })
  const body = bodyOf(wish, publicKey.export({ type: 'spki', format: 'der' }))
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, privateKey))
  const certificate = der(0x30, body, RSA_SHA256, signature).toString('base64')
  const lines = certificate.match(/.{1,64}/g)!.join('\n')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const RSA_SHA256 = der(0x30, Buffer.from('06092a864886f70d01010b0500', 'hex'))
const COMMON_NAME = Buffer.from('0603550403', 'hex')
/** Basic constraints, critical: no authority. */
const NO_AUTHORITY = Buffer.from('300c0603551d130101ff04023000', 'hex')
const VERSION_3 = Buffer.from('a003020102', 'hex')

function bodyOf({ commonName, from, until, serial }: CertificateWish, key: Buffer): Buffer {
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(commonName)))))
  // A number above zero in its shortest form: the first byte is between 0x40 and 0x7f.
  const number = Buffer.from(serial)
  number[0] = (number[0]! & 0x3f) | 0x40
  return der(
    0x30,
    VERSION_3,
    der(0x02, number),
    RSA_SHA256,
    name,
    der(0x30, time(from), time(until)),
    name,
    key,
    der(0xa3, der(0x30, NO_AUTHORITY)),
  )
}

function time(at: Instant): Buffer {
  const text = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+Z/g, '')
  // Before 2050 the short form is the only one allowed (RFC 5280 section 4.1.2.5).
  return text < '2050'
    ? der(0x17, Buffer.from(`${text.slice(2)}Z`))
    : der(0x18, Buffer.from(`${text}Z`))
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
