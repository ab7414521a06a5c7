// An identity provider that speaks SAML 2.0, by a library of another house (samlp), on loopback. It asks
// nobody for a password: whoever comes is the person that the test names.

import { randomUUID, sign, X509Certificate } from 'node:crypto'
import { createRequire } from 'node:module'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import type { SamlIdp } from '#src/adapters/identity/saml-metadata.ts'
import { SamlSettings } from '#domain/identity/settings.ts'
import { instant } from '#kernel/time.ts'
import { makeCertificate, type Certificate } from './certificate.ts'

export interface SamlPerson {
  readonly id: string
  readonly displayName?: string
  readonly emails?: readonly { readonly value: string }[]
  /** Claims under their own names. */
  readonly claims?: Readonly<Record<string, string | readonly string[]>>
}

/** What may differ from a proper answer. */
export interface SamlAnswer {
  readonly issuer?: string
  readonly audience: string
  readonly recipient: string
  readonly destination?: string
  readonly inResponseTo?: string
  readonly signResponse?: boolean
  readonly signAssertion?: boolean
  readonly signatureAlgorithm?: 'rsa-sha256' | 'rsa-sha1'
  readonly digestAlgorithm?: 'sha256' | 'sha1'
  readonly nameIdentifierFormat?: string
  readonly sessionIndex?: string
  readonly signedBy?: Certificate
  /** The certificate that the assertion is encrypted for. */
  readonly encryptedFor?: string
  readonly encryptionAlgorithm?: string
}

export const SAML_ISSUER = 'urn:idp.acme.example'
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

type Done = (err: Error | null, xml: string) => void
interface Samlp {
  getSamlResponse(options: object, user: object, done: Done): void
  parseRequest(req: object, done: (err: Error | null, read?: ParsedRequest) => void): void
}

export interface ParsedRequest {
  readonly issuer: string
  readonly assertionConsumerServiceURL: string
  readonly destination: string
  readonly id: string
  readonly forceAuthn?: string
}

const samlp = createRequire(import.meta.url)('samlp') as Samlp

/** An RSA key that is good from yesterday on, for ten years. */
export function samlKey(at: number = Date.now(), serial = 1): Certificate {
  const day = 86_400_000
  return makeCertificate(
    instant(at - day),
    instant(at + 3_650 * day),
    serial,
    'rsa',
    'idp.acme.example',
  )
}

/** As an admin enters them: everything but what is given is of no account. */
export function samlSettings(more: Partial<SamlSettings>): SamlSettings {
  const names = { subjectAttribute: null, emailAttribute: null, nameAttribute: null }
  return SamlSettings.parse({
    issuer: SAML_ISSUER,
    signOnUrl: 'https://login.acme.example/saml',
    ...names,
    groupsAttribute: null,
    ca: null,
    ...more,
  })
}

/** The document of an answer, signed. Times are those of the machine. */
export function answerXml(
  { signedBy, encryptedFor, ...given }: SamlAnswer & { readonly signedBy: Certificate },
  person: SamlPerson,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const options = {
    issuer: SAML_ISSUER,
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    lifetimeInSeconds: 300,
    sessionIndex: '_session-1',
    nameIdentifierFormat: PERSISTENT,
    typedAttributes: false,
    profileMapper: mapperOf,
    ...given,
    ...(encryptedFor !== undefined && encryptionFor(encryptedFor)),
    ...(given.encryptionAlgorithm !== undefined && {
      encryptionAlgorithm: given.encryptionAlgorithm,
    }),
    cert: signedBy.cert,
    key: signedBy.key,
  }
  samlp.getSamlResponse(options, person, (err, xml) => (err ? reject(err) : resolve(xml)))
  return promise
}

const encryptionFor = (pem: string) => ({
  encryptionCert: pem,
  encryptionPublicKey: new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' }),
  encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  disallowEncryptionWithInsecureAlgorithm: false,
  warnOnInsecureEncryptionAlgorithm: false,
})

function mapperOf({ id, displayName, emails, claims }: SamlPerson) {
  const own = {
    ...(displayName !== undefined && { displayName }),
    ...(emails && { email: emails.map(({ value }) => value) }),
  }
  return {
    getClaims: () => ({ ...own, ...claims }),
    getNameIdentifier: () => ({ nameIdentifier: id }),
  }
}

export interface RunningIdp extends AsyncDisposable {
  readonly idp: SamlIdp
  readonly key: Certificate
  /** Who comes in next. */
  person: SamlPerson
  /** The certificate that its answers are encrypted for. */
  encryptsFor: string | undefined
  /** The last request that it read. */
  last: ParsedRequest | undefined
}

/** `GET /sso?SAMLRequest=…` answers `{acs, SAMLResponse, RelayState}`, as its form would send it. */
export async function startSamlIdp(person: SamlPerson): Promise<RunningIdp> {
  const key = samlKey()
  const server = createServer((req, res) => {
    void answerRequest(req, running).then(
      (body) => res.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      (err: unknown) => res.writeHead(400).end(String(err)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const running: RunningIdp = {
    idp: {
      entityId: SAML_ISSUER,
      signInUrl: `http://127.0.0.1:${port}/sso`,
      certificates: [key.cert],
    },
    key,
    person,
    encryptsFor: undefined,
    last: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return running
}

async function answerRequest(req: IncomingMessage, running: RunningIdp) {
  const query = Object.fromEntries(new URL(req.url!, 'http://idp').searchParams)
  const { promise, resolve, reject } = Promise.withResolvers<ParsedRequest>()
  samlp.parseRequest({ method: 'GET', query }, (err, read) =>
    read ? resolve(read) : reject(err ?? new Error('no request')),
  )
  const request = await promise
  running.last = request
  const acs = request.assertionConsumerServiceURL
  const asked = { audience: request.issuer, recipient: acs, destination: acs }
  const xml = await answerXml(
    {
      ...asked,
      inResponseTo: request.id,
      signedBy: running.key,
      ...(running.encryptsFor !== undefined && { encryptedFor: running.encryptsFor }),
    },
    running.person,
  )
  const SAMLResponse = Buffer.from(xml).toString('base64')
  return { acs, SAMLResponse, RelayState: query['RelayState'] }
}

export interface LogoutWish {
  readonly at: string
  readonly nameId: string
  readonly session?: string
  readonly issuer?: string
  readonly issuedAt?: number
  readonly algorithm?: string
}

export function logoutXml({ at, nameId, session, issuer, issuedAt }: LogoutWish): string {
  const when = new Date(issuedAt ?? Date.now()).toISOString()
  const index = session === undefined ? '' : `<p:SessionIndex>${session}</p:SessionIndex>`
  return `<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_${randomUUID()}" Version="2.0" IssueInstant="${when}" Destination="${at}"><a:Issuer xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion">${issuer ?? SAML_ISSUER}</a:Issuer><a:NameID xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion">${nameId}</a:NameID>${index}</p:LogoutRequest>`
}

/** A signed query, as a provider sends a browser with it to end a session. */
export function logoutQuery({ key }: Certificate, wish: LogoutWish): string {
  const query = new URLSearchParams({
    SAMLRequest: deflateRawSync(logoutXml(wish)).toString('base64'),
    RelayState: 'their-state',
    SigAlg: wish.algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  })
  const hash = wish.algorithm?.endsWith('sha1') ? 'sha1' : 'sha256'
  query.set('Signature', sign(hash, Buffer.from(query.toString()), key).toString('base64'))
  return query.toString()
}
