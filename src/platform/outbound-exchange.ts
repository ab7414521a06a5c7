// One request to one endpoint and the head of its answer, once: no retry, no redirect. Every address is
// judged before a byte is sent, names by all their addresses at the moment of connecting, so that a
// name cannot be moved between two look-ups. A call that changes something gets a connection of its
// own: a kept one may just have been closed, and then nobody could say whether the call arrived.

import { lookup } from 'node:dns'
import { Agent as PlainAgent, request as requestPlain } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as requestTls } from 'node:https'
import type { LookupFunction } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { AppError } from '#kernel/error.ts'
import { pinOf } from './certificates.ts'
import { isAddress, judgeAddress, type Destination } from './outbound-address.ts'
import type { HttpMethod } from './outbound-client.ts'

export interface EndpointAccess {
  readonly base: URL
  /** Certificates in PEM that stand for the machine's authorities; those when absent. */
  readonly ca?: string | undefined
  /**
   * SHA-256 of public keys, in base64. One of them must be the server's; a pinned key stands in for
   * the name in the certificate.
   */
  readonly pins?: readonly string[] | undefined
  readonly clientCertificate?: { readonly certificate: string; readonly privateKey: string }
  /** Private places that the operator opens. */
  readonly allow: readonly string[]
}

export interface Limits {
  readonly connectMs: number
  readonly firstByteMs: number
  readonly idleMs: number
}

export interface Sent {
  readonly method: HttpMethod
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
  readonly isWrite: boolean
  readonly limits: Limits
  readonly signal: AbortSignal
}

export interface Exchange {
  readonly send: (sent: Sent) => Promise<IncomingMessage>
  readonly close: () => void
}

const HEADER_BYTES_MAX = 16 * 1024
/** Below the shortest that servers usually keep an idle connection. */
const KEEP_MS = 4_000

export function openExchange(access: EndpointAccess, socketsMax: number): Exchange {
  const { base } = access
  const isTls = base.protocol === 'https:'
  const host = base.hostname.replace(/^\[|\]$/g, '')
  const port = base.port === '' ? (isTls ? 443 : 80) : Number(base.port)
  const to: Destination = { host, port, isTls }
  const kept = { keepAlive: true, maxSockets: socketsMax, timeout: KEEP_MS }
  const agents = isTls
    ? { kept: new TlsAgent({ ...kept, ...tlsOf(access) }), own: new TlsAgent(tlsOf(access)) }
    : { kept: new PlainAgent(kept), own: new PlainAgent() }
  const connection = {
    host,
    port,
    lookup: judgingLookup(to, access.allow),
    maxHeaderSize: HEADER_BYTES_MAX,
    ...(isTls && !isAddress(host) && { servername: host }),
  }
  return {
    send(sent) {
      if (isAddress(host)) judgeAddress(host, to, access.allow)
      const { method, headers, url, body } = sent
      // Node leaves the length out of a DELETE, and its body would be read as the next request.
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const options = {
        ...connection,
        method,
        headers: { ...headers, ...length, Host: url.host },
        path: url.pathname + url.search,
        agent: sent.isWrite ? agents.own : agents.kept,
      }
      const request = isTls ? requestTls(options) : requestPlain(options)
      return headOf(request, sent, base.host)
    },
    close() {
      agents.kept.destroy()
      agents.own.destroy()
    },
  }
}

function tlsOf({ ca, pins, clientCertificate }: EndpointAccess) {
  return {
    minVersion: 'TLSv1.2' as const,
    ...(ca !== undefined && { ca }),
    ...(clientCertificate && {
      cert: clientCertificate.certificate,
      key: clientCertificate.privateKey,
    }),
    // Asked once the chain holds, before anything is sent.
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      pins === undefined || pins.length === 0
        ? checkServerIdentity(host, certificate)
        : pins.includes(pinOf(certificate.raw))
          ? undefined
          : new AppError(
              'upstream',
              `${host} shows a certificate whose key is not the one that was pinned.`,
            ),
  }
}

// One closed address among several is enough: the next connection might take it.
function judgingLookup(to: Destination, allow: readonly string[]): LookupFunction {
  return (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '')
      try {
        for (const { address } of found) judgeAddress(address, to, allow)
      } catch (refusal) {
        return callback(refusal as Error, '')
      }
      if (options.all) return callback(null, found)
      const [first] = found
      callback(first ? null : new Error('no address'), first?.address ?? '', first?.family)
    })
  }
}

function headOf(request: ClientRequest, sent: Sent, host: string): Promise<IncomingMessage> {
  const { signal, limits, body } = sent
  return new Promise((resolve, reject) => {
    let isConnected = request.reusedSocket
    let timer: NodeJS.Timeout | undefined
    const limit = (ms: number, what: string) => {
      clearTimeout(timer)
      const late = () => request.destroy(new AppError('timeout', `${host} ${what}`))
      timer = setTimeout(late, ms)
    }
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    const abort = () => request.destroy(new AppError('cancelled', 'The request was given up.'))
    const connected = () => {
      isConnected = true
      limit(limits.idleMs, 'did not take the request in time.')
    }
    signal.addEventListener('abort', abort, { once: true })
    limit(limits.connectMs, 'did not accept a connection in time.')
    request.once('socket', (socket) => {
      if (request.reusedSocket || !socket.connecting) return connected()
      socket.once('secureConnect', connected)
      if (!('encrypted' in socket)) socket.once('connect', connected)
    })
    request.once('finish', () => {
      if (isConnected) limit(limits.firstByteMs, 'did not answer in time.')
    })
    request.once('response', (message) => {
      done()
      resolve(message)
    })
    request.on('error', (cause) => {
      done()
      reject(failureOf(host, cause, { isAmbiguous: sent.isWrite && isConnected }))
    })
    request.end(body)
    if (signal.aborted) abort()
  })
}

/** What went wrong on the way, in words; `isAmbiguous` where a write may have arrived. */
export function failureOf(
  host: string,
  cause: unknown,
  { isAmbiguous }: { readonly isAmbiguous: boolean },
): AppError {
  if (cause instanceof AppError && !isAmbiguous) return cause
  const details = isAmbiguous ? { ambiguous: true } : {}
  if (cause instanceof AppError) return new AppError(cause.code, cause.message, { details, cause })
  return new AppError('upstream', `${host} ${reasonOf(cause)}`, { cause, details })
}

const LOST = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'])

/** Whether the connection was lost, or not made: the next may hold. */
export function isLost({ code, cause }: AppError): boolean {
  return code === 'upstream' && LOST.has(codeOf(cause))
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection.',
  ECONNRESET: 'broke the connection.',
  EPIPE: 'broke the connection.',
  ENOTFOUND: 'is not a name that can be looked up.',
  EAI_AGAIN: 'could not be looked up: the name server does not answer.',
  EHOSTUNREACH: 'could not be reached.',
  ENETUNREACH: 'could not be reached.',
  ETIMEDOUT: 'did not answer in time.',
  CERT_HAS_EXPIRED: 'shows a certificate that has expired.',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a certificate that it signed itself. Add it as CA bundle.',
  SELF_SIGNED_CERT_IN_CHAIN:
    'shows a certificate of an authority that is not known. Add it as CA bundle.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'shows a certificate of an authority that is not known. Add it as CA bundle.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'shows a certificate of an authority that is not known. Add it as CA bundle.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another name.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'asks for a client certificate.',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'does not know the authority of our client certificate.',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'refuses our client certificate: it has expired.',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'refuses our client certificate.',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'refuses our client certificate.',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE:
    'ends the TLS handshake; it may ask for a client certificate.',
  EPROTO: 'does not speak TLS as expected; is it http?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS; is it http?',
  HPE_HEADER_OVERFLOW: 'sent headers that are too large.',
}

function reasonOf(cause: unknown): string {
  const code = codeOf(cause)
  if (REASONS[code] !== undefined) return REASONS[code]
  if (code.startsWith('Z_')) return 'sent a packed answer that does not unpack.'
  return code.startsWith('HPE_') ? 'sent what is no HTTP answer.' : 'could not be reached.'
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
