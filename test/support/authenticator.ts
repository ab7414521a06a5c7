// An authenticator in software, so that a test can answer a challenge rightly and in every wrong way.
// It knows as much CBOR as that takes.

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

export interface Answer {
  readonly origin?: string
  readonly rpId?: string
  /** Bits of the authenticator data: present 1, verified 4, backup eligible 8, backed up 16. */
  readonly flags?: number
  readonly counter?: number
  readonly type?: string
  /** More of the client data: `{ crossOrigin: true }`. */
  readonly client?: Readonly<Record<string, unknown>>
  readonly userHandle?: string | null
  /** Instead of none: a format with its statement, or the bytes of a whole attestation object. */
  readonly attestation?: { readonly fmt: string; readonly statement: Map<string, Cbor> } | Buffer
}

type Cbor = number | string | Buffer | readonly Cbor[] | Map<string, Cbor>

const PRESENT = 1
const VERIFIED = 4
const ATTESTED = 64

export class Authenticator {
  readonly id = randomBytes(32)
  readonly #key: KeyObject
  readonly #cose: Buffer
  #counter = 0
  #userHandle = ''

  /** ES256, or RSA of some size. */
  constructor(rsaBits?: number, alg = -257) {
    if (rsaBits === undefined) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x, y } = publicKey.export({ format: 'jwk' })
      this.#key = privateKey
      this.#cose = map([[1, 2], [3, -7], [-1, 1], [-2, bytes(x!)], [-3, bytes(y!)]]) // prettier-ignore
    } else {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: rsaBits })
      const { n, e } = publicKey.export({ format: 'jwk' })
      this.#key = privateKey
      this.#cose = map([[1, 3], [3, alg], [-1, bytes(n!)], [-2, bytes(e!)]]) // prettier-ignore
    }
  }

  /** What `navigator.credentials.create` would answer, as JSON. */
  create(options: CreationOptions, answer: Answer = {}): string {
    this.#userHandle = options.user.id
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.#cose])
    const authData = Buffer.concat([this.#data(options.rp.id, ATTESTED, answer), attested])
    const given = answer.attestation ?? { fmt: 'none', statement: new Map() }
    const attestation = Buffer.isBuffer(given)
      ? given
      : map([
          ['fmt', given.fmt],
          ['attStmt', given.statement],
          ['authData', authData],
        ])
    const clientDataJSON = clientData('webauthn.create', options.challenge, answer)
    return this.#json({
      clientDataJSON: clientDataJSON.toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    })
  }

  /** What `navigator.credentials.get` would answer, as JSON. */
  get(options: RequestOptions, answer: Answer = {}): string {
    const authData = this.#data(options.rpId, 0, answer)
    const client = clientData('webauthn.get', options.challenge, answer)
    const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()])
    return this.#json({
      clientDataJSON: client.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, this.#key).toString('base64url'),
      userHandle: answer.userHandle === undefined ? this.#userHandle : answer.userHandle,
    })
  }

  #data(rpId: string, more: number, { rpId: other, flags, counter }: Answer): Buffer {
    this.#counter += 1
    const tail = Buffer.alloc(5)
    tail.writeUInt8((flags ?? PRESENT | VERIFIED) | more)
    tail.writeUInt32BE(counter ?? this.#counter, 1)
    const hash = createHash('sha256')
      .update(other ?? rpId)
      .digest()
    return Buffer.concat([hash, tail])
  }

  #json(response: object): string {
    const id = this.id.toString('base64url')
    const type = 'public-key'
    return JSON.stringify({ id, rawId: id, type, clientExtensionResults: {}, response })
  }
}

export interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id: string }
  readonly user: { readonly id: string }
}

export interface RequestOptions {
  readonly challenge: string
  readonly rpId: string
}

function clientData(type: string, challenge: string, answer: Answer): Buffer {
  const origin = answer.origin ?? 'http://localhost'
  return Buffer.from(
    JSON.stringify({ type: answer.type ?? type, challenge, origin, ...answer.client }),
  )
}

const bytes = (base64url: string) => Buffer.from(base64url, 'base64url')

function map(entries: readonly (readonly [number | string, Cbor])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flat().map(encode)])
}

function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, value.length), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (value instanceof Map) return map([...value])
  return Buffer.concat([head(4, value.length), ...value.map(encode)])
}

function head(major: number, length: number): Buffer {
  const first = major << 5
  if (length < 24) return Buffer.of(first | length)
  if (length < 256) return Buffer.of(first | 24, length)
  if (length < 65_536) return Buffer.of(first | 25, length >> 8, length & 255)
  return Buffer.of(
    first | 26,
    length >>> 24,
    (length >> 16) & 255,
    (length >> 8) & 255,
    length & 255,
  )
}
