// The built-in TLS option: certificate and key from two files, checked before they are used, read
// again when they change. A renewal that went wrong keeps the pair that works; a start with a wrong
// pair is refused in one line.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'
import { createSecureContext } from 'node:tls'
import { AppError } from '#kernel/error.ts'
import { isSameBytes, sha256 } from '#kernel/hash.ts'
import { DAY, formatInstant, instant } from '#kernel/time.ts'
import { readSecretFile } from '#platform/config/secret.ts'
import { errnoOf } from '#platform/errno.ts'
import type { House } from '#platform/house.ts'

export interface TlsSettings {
  readonly certFile: string
  readonly keyFile: string
  readonly minVersion: '1.2' | '1.3'
}

/** What Node's TLS server is given, at the start and again after a renewal. */
export interface TlsIdentity {
  readonly cert: Buffer
  readonly key: Buffer
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** Renewed certificates appear about a month before the old one ends. */
const WARN_BEFORE_MS = 14 * DAY

export class TlsFiles {
  readonly #settings: TlsSettings
  readonly #clock: House['clock']
  readonly #log: House['log']
  readonly #watchers: FSWatcher[] = []
  #identity: TlsIdentity
  #seen: Buffer

  /** Throws `invalid` in one line when the files cannot serve. */
  constructor(settings: TlsSettings, house: Pick<House, 'clock' | 'log'>) {
    this.#settings = settings
    this.#clock = house.clock
    this.#log = house.log
    this.#identity = readIdentity(settings)
    this.#seen = digestOf(this.#identity)
    this.#noteValidity()
  }

  get identity(): TlsIdentity {
    return this.#identity
  }

  /** Calls back with each new pair that can serve. Folders are watched: files are renamed over. */
  watch(onRenewal: (identity: TlsIdentity) => void): void {
    const { certFile, keyFile } = this.#settings
    for (const folder of new Set([path.dirname(certFile), path.dirname(keyFile)])) {
      const watcher = watch(folder, { persistent: false }, () => this.#reload(onRenewal))
      watcher.on('error', (err) => this.#log.warn({ err, folder }, 'a folder is no longer watched'))
      this.#watchers.push(watcher)
    }
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
  }

  // Certificate and key are two files: between the two writes they do not fit, and stay unused.
  #reload(onRenewal: (identity: TlsIdentity) => void): void {
    let identity: TlsIdentity
    try {
      identity = readIdentity(this.#settings)
    } catch (err) {
      this.#log.warn({ err }, 'the new TLS files cannot serve; the pair before stays in force')
      return
    }
    const seen = digestOf(identity)
    if (isSameBytes(seen, this.#seen)) return
    this.#seen = seen
    this.#identity = identity
    onRenewal(identity)
    this.#log.info('the TLS certificate was renewed')
    this.#noteValidity()
  }

  #noteValidity(): void {
    const { validFromDate, validToDate } = new X509Certificate(this.#identity.cert)
    const now = this.#clock.now()
    const until = formatInstant(instant(validToDate.getTime()))
    if (validFromDate.getTime() > now)
      this.#log.warn({ until }, 'the TLS certificate is not yet valid')
    else if (validToDate.getTime() <= now)
      this.#log.warn({ until }, 'the TLS certificate has expired')
    else if (validToDate.getTime() - now < WARN_BEFORE_MS) {
      this.#log.warn({ until }, 'the TLS certificate expires soon')
    }
  }
}

function readIdentity({ certFile, keyFile, minVersion }: TlsSettings): TlsIdentity {
  const cert = readCertificate(certFile)
  const key = readSecretFile(keyFile)
  const certificate = parse(certFile, 'certificate in PEM', () => new X509Certificate(cert))
  const privateKey = parse(keyFile, 'unencrypted private key in PEM', () => createPrivateKey(key))
  refuseMismatch(certificate, privateKey, { certFile, keyFile })
  const identity = { cert, key, minVersion: `TLSv${minVersion}` } as const
  // The rest of the chain, and what this build of OpenSSL finds too weak.
  parse(certFile, 'usable certificate chain', () => createSecureContext(identity))
  return identity
}

function readCertificate(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const code = errnoOf(cause)
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new AppError('invalid', `tls.cert_file: ${file} ${what}.`, { cause })
  }
}

function parse<T>(file: string, wanted: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new AppError('invalid', `tls: ${file} holds no ${wanted}.`, { cause })
  }
}

function refuseMismatch(
  certificate: X509Certificate,
  key: KeyObject,
  { certFile, keyFile }: Pick<TlsSettings, 'certFile' | 'keyFile'>,
): void {
  if (certificate.checkPrivateKey(key)) return
  throw new AppError('invalid', `tls: the key in ${keyFile} is not that of ${certFile}.`)
}

function digestOf({ cert, key }: TlsIdentity): Buffer {
  return sha256(Buffer.concat([sha256(cert), sha256(key)]))
}
