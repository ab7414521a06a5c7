// A provider by SAML ends sessions (SAML profiles 2.0 section 4.4): a request that it signed, by either of
// the two ways that go through a browser, for us, of now; and our answer to it.

import { sign, verify } from 'node:crypto'
import type { Ended } from '#domain/identity/port.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import { deflateText, inflateText } from '#platform/deflate.ts'
import type { OwnCertificate } from '#platform/own-certificate.ts'
import { instantOf, subjectIn, textOf } from './saml-assertion.ts'
import {
  ASSERTION,
  checkSignature,
  decodeSaml,
  PROTOCOL,
  readDocument,
  refuse,
  SAML_BYTES_MAX,
  signatureIn,
} from './saml-checks.ts'
import { lookAtCertificate, type SamlIdp } from './saml-metadata.ts'
import { signedBytes } from './saml-signature.ts'
import { attributeOf, childrenOf, everyElement, type XmlElement } from './xml.ts'

/** How long one may have been on its way, clocks that differ included. */
const AGE_MS = 5 * MINUTE

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const HASHES: Readonly<Record<string, string>> = {
  [RSA_SHA256]: 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
}

export interface AskedLogout {
  readonly ended: Ended
  readonly relayState: string | undefined
}

/** `sent` is the query or the form as it came, `at` where to. Throws `SamlRefusal`. */
export async function readLogout(
  idp: SamlIdp,
  sent: string,
  at: string,
  now: Instant,
  isNamedByNameId: boolean,
): Promise<AskedLogout> {
  const given = new URLSearchParams(sent)
  const names = [...given.keys()]
  if (new Set(names).size < names.length) refuse('The logout says something twice.')
  const field = given.get('SAMLRequest') ?? refuse('There is no SAMLRequest.')
  const xml = given.has('Signature')
    ? bySignedQuery(idp, sent, given)
    : await bySignedForm(idp, field)
  const request = readDocument(xml)
  checkRequest(request, idp, at, now)
  const ended = whoEnds(request, isNamedByNameId)
  return { ended, relayState: given.get('RelayState') ?? undefined }
}

/** SAML bindings 2.0 section 3.4.4.1: signed is the query itself, in this order and as it was written. */
function bySignedQuery({ certificates }: SamlIdp, sent: string, given: URLSearchParams): string {
  const algorithm = given.get('SigAlg') ?? ''
  const hash = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined
  if (hash === undefined) refuse('The logout is signed in a way that is not taken: use RSA-SHA256.')
  const raw = sent.split('&')
  const signed = ['SAMLRequest', 'RelayState', 'SigAlg']
    .flatMap((name) => raw.filter((part) => part.startsWith(`${name}=`)))
    .join('&')
  const signature = Buffer.from(given.get('Signature') ?? '', 'base64')
  const holds = certificates
    .filter((pem) => lookAtCertificate(pem).problem === null)
    .some((pem) => verify(hash, Buffer.from(signed), pem, signature))
  if (!holds) refuse('The signature does not hold with any of the provider’s certificates.')
  return inflate(given.get('SAMLRequest')!)
}

function inflate(field: string): string {
  try {
    return inflateText(Buffer.from(field, 'base64'), SAML_BYTES_MAX)
  } catch {
    return refuse('The logout cannot be read.')
  }
}

async function bySignedForm(idp: SamlIdp, field: string): Promise<string> {
  const xml = decodeSaml(field)
  const root = readDocument(xml)
  const signature = signatureIn(root) ?? refuse('The logout is not signed.')
  const all = [...everyElement(root)]
  if (all.filter(({ name }) => name === 'Signature').length !== 1) {
    refuse('A signature stands where none may stand.')
  }
  checkSignature(signature, root)
  return signedBytes(idp, xml, (whole) => whole)
}

function checkRequest(request: XmlElement, idp: SamlIdp, at: string, now: Instant): void {
  if (request.name !== 'LogoutRequest' || request.namespace !== PROTOCOL) {
    refuse('The message is not a SAML 2.0 logout.')
  }
  if (attributeOf(request, 'Version') !== '2.0') refuse('The logout is not of SAML 2.0.')
  if (attributeOf(request, 'Destination') !== at) {
    refuse('The logout was made for another destination.')
  }
  if (textOf(one(request, 'Issuer')) !== idp.entityId) {
    refuse('The logout comes from another provider.')
  }
  const madeAt = instantOf(request, 'IssueInstant')
  const until = instantOf(request, 'NotOnOrAfter')
  if (madeAt === undefined || Math.abs(now - madeAt) > AGE_MS) {
    refuse('The logout is too old, or of the future.')
  }
  if (until !== undefined && now - MINUTE >= until) refuse('The logout is good no longer.')
}

/** One session where one is named; else all of the person, which is never less than was asked. */
function whoEnds(request: XmlElement, isNamedByNameId: boolean): Ended {
  const id = attributeOf(request, 'ID') ?? refuse('The logout has no ID.')
  const nameId = one(request, 'NameID')
  const [first, another] = childrenOf(request, PROTOCOL, 'SessionIndex').map(textOf)
  const session = first === undefined || another !== undefined || first === '' ? null : first
  const subject = isNamedByNameId ? subjectIn(nameId) : null
  if (session === null && subject === null) {
    refuse('The logout names no single session, and its NameID is nobody’s name here.')
  }
  return { id, session, subject }
}

function one(request: XmlElement, name: string): XmlElement {
  const [found, another] = childrenOf(request, ASSERTION, name)
  if (found === undefined || another) refuse(`The logout needs exactly one ${name}.`)
  return found
}

export interface LogoutAnswer {
  /** Where the provider takes it. */
  readonly to: string
  readonly entityId: string
  readonly inResponseTo: string
  readonly id: string
  readonly relayState: string | undefined
  readonly ownKey: OwnCertificate | undefined
}

/** Where the browser goes with our answer that it is done. */
export function logoutAnswerUrl(answer: LogoutAnswer, now: Instant): string {
  const { to, entityId, inResponseTo, id, relayState, ownKey } = answer
  const attributes = `ID="${id}" Version="2.0" IssueInstant="${new Date(now).toISOString()}" Destination="${escape(to)}" InResponseTo="${escape(inResponseTo)}"`
  const xml = `<samlp:LogoutResponse xmlns:samlp="${PROTOCOL}" ${attributes}><saml:Issuer xmlns:saml="${ASSERTION}">${escape(entityId)}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>`
  const query = new URLSearchParams({ SAMLResponse: deflateText(xml).toString('base64') })
  if (relayState !== undefined) query.set('RelayState', relayState)
  if (ownKey) {
    query.set('SigAlg', RSA_SHA256)
    const signature = sign('sha256', Buffer.from(query.toString()), ownKey.privateKey)
    query.set('Signature', signature.toString('base64'))
  }
  return `${to}${to.includes('?') ? '&' : '?'}${query.toString()}`
}

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
