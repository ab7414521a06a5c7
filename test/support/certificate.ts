// A self-signed certificate for localhost, made on the spot: no key in the repository, and any
// validity a test wants. X.509 v3 with a P-256 or an RSA key (RFC 5280), written as DER by hand.

import { generateKeyPairSync, sign } from 'node:crypto'
import type { Instant } from '#kernel/time.ts'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

export function makeCertificate(
  from: Instant,
  until: Instant,
  serial = 1,
  kind: 'ec' | 'rsa' = 'ec',
  commonName = 'localhost',
): Certificate {
  const { privateKey, publicKey } =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const algorithm =
    kind === 'ec'
      ? der(0x30, oid('2a8648ce3d040302')) // ecdsa-with-SHA256
      : der(0x30, oid('2a864886f70d01010b'), der(0x05)) // sha256WithRSAEncryption
  const name = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, commonName))))
  const validity = der(0x30, time(from), time(until))
  const names = der(0x30, der(0x82, 'localhost'), der(0x87, Buffer.from([127, 0, 0, 1])))
  const altName = der(0x30, oid('551d11'), der(0x04, names))
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, altName)),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)])
  return {
    cert: pem('CERTIFICATE', der(0x30, body, algorithm, der(0x03, signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function der(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const { length } = content
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function time(at: Instant): Buffer {
  return der(0x18, `${new Date(at).toISOString().replaceAll(/[-:T]|\.\d+Z/g, '')}Z`)
}

function pem(kind: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return `-----BEGIN ${kind}-----\n${lines}\n-----END ${kind}-----\n`
}
