// An assertion that is encrypted for us (XML Encryption 1.1, as far as SAML core section 6 uses it): one
// key, by RSA-OAEP, and AES over the whole. AES-GCM tells of itself when it was tampered with. AES-CBC does
// not, and whoever can send us changed ciphertexts could read an assertion by our answers, so it is opened
// only within a response whose signature was found to hold. RSA with PKCS #1 v1.5 is not taken at all.

import { constants, createDecipheriv, privateDecrypt, type CipherGCMTypes } from 'node:crypto'
import type { OwnCertificate } from '#platform/own-certificate.ts'
import { refuse, SIGNATURE } from './saml-checks.ts'
import { attributeOf, childrenOf, everyElement, type XmlElement } from './xml.ts'

const XMLENC = 'http://www.w3.org/2001/04/xmlenc#'
const XMLENC11 = 'http://www.w3.org/2009/xmlenc11#'

interface Cipher {
  readonly name: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc'
  readonly keyBytes: number
  readonly isAuthentic: boolean
}

const CIPHERS: Readonly<Record<string, Cipher>> = {
  [`${XMLENC11}aes128-gcm`]: { name: 'aes-128-gcm', keyBytes: 16, isAuthentic: true },
  [`${XMLENC11}aes192-gcm`]: { name: 'aes-192-gcm', keyBytes: 24, isAuthentic: true },
  [`${XMLENC11}aes256-gcm`]: { name: 'aes-256-gcm', keyBytes: 32, isAuthentic: true },
  [`${XMLENC}aes128-cbc`]: { name: 'aes-128-cbc', keyBytes: 16, isAuthentic: false },
  [`${XMLENC}aes256-cbc`]: { name: 'aes-256-cbc', keyBytes: 32, isAuthentic: false },
}

/** The assertion in the clear, not yet looked at. Throws `SamlRefusal`, the same for every way it fails. */
export function openAssertion(
  encrypted: XmlElement,
  ownKeys: readonly OwnCertificate[],
  isResponseSigned: boolean,
): string {
  if (ownKeys.length === 0) {
    refuse('The assertion is encrypted, and we have no key. Make one on the page of the provider.')
  }
  const data = theOne(encrypted, 'EncryptedData')
  const key = theOne(encrypted, 'EncryptedKey')
  const cipher = cipherOf(data)
  if (!cipher.isAuthentic && !isResponseSigned) {
    refuse(
      'The assertion is encrypted by AES-CBC in a response that is not signed. Have the provider sign the response, too, or use AES-GCM.',
    )
  }
  const hash = hashOf(key)
  const wrapped = valueOf(key)
  const value = valueOf(data)
  for (const { privateKey } of ownKeys) {
    const opened = unwrap(privateKey, hash, wrapped)
    const text = opened && decrypt(cipher, opened, value)
    if (text !== undefined) return text
  }
  return refuse('The encrypted assertion does not open with any key of ours.')
}

function cipherOf(data: XmlElement): Cipher {
  const algorithm = algorithmOf(data)
  const cipher = Object.hasOwn(CIPHERS, algorithm) ? CIPHERS[algorithm] : undefined
  return cipher ?? refuse(`Encryption by ${shortly(algorithm)} is not taken: use AES-256-GCM.`)
}

type Hash = 'sha1' | 'sha256'

/** OAEP with SHA-1 is what `rsa-oaep-mgf1p` says by itself; no collision of it helps anybody here. */
function hashOf(key: XmlElement): Hash {
  const algorithm = algorithmOf(key)
  const [method] = childrenOf(key, XMLENC, 'EncryptionMethod')
  const [digest] = method ? childrenOf(method, SIGNATURE, 'DigestMethod') : []
  const named = digest ? shortly(attributeOf(digest, 'Algorithm') ?? '') : 'sha1'
  const [mask] = method ? childrenOf(method, XMLENC11, 'MGF') : []
  const masked = mask ? shortly(attributeOf(mask, 'Algorithm') ?? '') : 'mgf1sha1'
  if (algorithm === `${XMLENC}rsa-oaep-mgf1p` && named === 'sha1') return 'sha1'
  if (algorithm === `${XMLENC11}rsa-oaep` && masked === `mgf1${named}`) {
    if (named === 'sha1' || named === 'sha256') return named
  }
  return refuse(
    `A key encrypted by ${shortly(algorithm)} with ${named} is not taken: use RSA-OAEP with SHA-1 or, for both digests, SHA-256.`,
  )
}

function unwrap(privateKey: string, oaepHash: Hash, wrapped: Buffer): Buffer | undefined {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    return privateDecrypt({ key: privateKey, padding, oaepHash }, wrapped)
  } catch {
    return undefined
  }
}

function decrypt(cipher: Cipher, key: Buffer, value: Buffer): string | undefined {
  if (key.length !== cipher.keyBytes) return undefined
  try {
    const plain = cipher.isAuthentic ? openGcm(cipher, key, value) : openCbc(cipher, key, value)
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch {
    return undefined
  }
}

const TAG_BYTES = 16

function openGcm({ name }: Cipher, key: Buffer, value: Buffer): Buffer {
  const options = { authTagLength: TAG_BYTES }
  const decipher = createDecipheriv(name as CipherGCMTypes, key, value.subarray(0, 12), options)
  decipher.setAuthTag(value.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(value.subarray(12, -TAG_BYTES)), decipher.final()])
}

function openCbc({ name }: Cipher, key: Buffer, value: Buffer): Buffer {
  const decipher = createDecipheriv(name, key, value.subarray(0, 16)).setAutoPadding(false)
  return withoutPadding(Buffer.concat([decipher.update(value.subarray(16)), decipher.final()]))
}

// Its last byte says how much of it is none of the text (XML Encryption section 5.2).
function withoutPadding(plain: Buffer): Buffer {
  const padding = plain.at(-1) ?? 0
  if (padding < 1 || padding > 16) throw new RangeError('no padding')
  return plain.subarray(0, plain.length - padding)
}

function theOne(encrypted: XmlElement, wanted: string): XmlElement {
  const found = [...everyElement(encrypted)].filter(({ name }) => name === wanted)
  const [one] = found
  if (found.length !== 1 || one?.namespace !== XMLENC) {
    refuse(`An encrypted assertion needs exactly one ${wanted}.`)
  }
  return one
}

/** Ours alone: what stands elsewhere is not fetched. */
function valueOf(element: XmlElement): Buffer {
  const [data, another] = childrenOf(element, XMLENC, 'CipherData')
  const [value] = data ? childrenOf(data, XMLENC, 'CipherValue') : []
  const base64 = value?.text.replaceAll(/[ \t\n]/g, '') ?? ''
  if (another || data?.children.length !== 1 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    refuse('What is encrypted does not stand in the answer itself.')
  }
  return Buffer.from(base64, 'base64')
}

function algorithmOf(element: XmlElement): string {
  const [method, another] = childrenOf(element, XMLENC, 'EncryptionMethod')
  if (method === undefined || another)
    refuse('An encrypted assertion does not say how it is encrypted.')
  return attributeOf(method, 'Algorithm') ?? ''
}

const shortly = (algorithm: string) => algorithm.split('#').at(-1)!.slice(0, 40)
