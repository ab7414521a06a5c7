// What a SAML response must look like before anybody looks for a signature. Signature wrapping lives
// from freedom: a second assertion, an element that carries an id twice, a signature that stands in one
// place and speaks of another. None of that freedom is left here; what is well-formed has one shape.

import {
  attributeOf,
  childrenOf,
  everyElement,
  readXml,
  XmlRefusal,
  type XmlElement,
} from './xml.ts'

export const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion'
export const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#'
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** Of the decoded document. Providers send a few kilobytes, thousands of groups a hundred. */
export const SAML_BYTES_MAX = 256 * 1_024

// SHA-1 is on neither list: whoever finds a collision could sign as the provider.
const SIGNED_BY: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
])
const DIGESTED_BY: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
])

/** Why an answer lets nobody in: for the log and for admins who test, never for who is signing in. */
export class SamlRefusal extends Error {
  override readonly name = 'SamlRefusal'
}

export function refuse(message: string): never {
  throw new SamlRefusal(message)
}

export interface Shape {
  readonly root: XmlElement
  /** The response itself is signed, beside its assertion. */
  readonly isResponseSigned: boolean
  /** The assertion where it is encrypted; what is in it is looked at when it is open. */
  readonly encrypted: XmlElement | undefined
}

/** The document in a form field. Throws `SamlRefusal`. */
export function decodeSaml(field: string): string {
  if (field.length > (SAML_BYTES_MAX * 3) / 2) refuse('The answer is larger than 256 kB.')
  const base64 = field.replaceAll(/[ \t\r\n]/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) refuse('The answer is not base64.')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > SAML_BYTES_MAX) refuse('The answer is larger than 256 kB.')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('The answer is not UTF-8.')
  }
}

/** One response, one assertion, and signatures that speak of what they stand in. Throws `SamlRefusal`. */
export function checkShape(xml: string): Shape {
  const root = readDocument(xml)
  if (root.name !== 'Response' || root.namespace !== PROTOCOL) {
    refuse('The answer is not a SAML 2.0 response.')
  }
  checkStatus(root)
  const all = [...everyElement(root)]
  checkIds(all)
  const found = all.filter(({ name }) => name === 'Assertion' || name === 'EncryptedAssertion')
  const [plain] = childrenOf(root, ASSERTION, 'Assertion')
  const [encrypted] = childrenOf(root, ASSERTION, 'EncryptedAssertion')
  if (found.length !== 1 || (plain === undefined && encrypted === undefined)) {
    refuse(`The answer holds ${found.length} assertions where exactly one may stand.`)
  }
  const inside = plain ? [...everyElement(plain)] : []
  if (plain) checkAssertion(plain, inside)
  const ofResponse = signatureIn(root)
  const signed = (elements: readonly XmlElement[]) =>
    elements.filter(({ name }) => name === 'Signature').length
  if (signed(all) !== signed(inside) + (ofResponse === undefined ? 0 : 1)) {
    refuse('A signature stands where none may stand.')
  }
  if (ofResponse !== undefined) checkSignature(ofResponse, root)
  return { root, isResponseSigned: ofResponse !== undefined, encrypted }
}

/** An assertion that was encrypted, once it is open. Throws `SamlRefusal`. */
export function checkOpened(xml: string): void {
  const assertion = readDocument(xml)
  if (assertion.name !== 'Assertion' || assertion.namespace !== ASSERTION) {
    refuse('What is encrypted is no assertion.')
  }
  const all = [...everyElement(assertion)]
  if (all.some(({ name }, at) => name === 'Assertion' && at > 0)) {
    refuse('An assertion stands within the encrypted one.')
  }
  checkIds(all)
  checkAssertion(assertion, all)
}

function checkAssertion(assertion: XmlElement, all: readonly XmlElement[]): void {
  if (all.some(({ name }) => name.startsWith('Encrypted'))) {
    refuse('Parts of the assertion are encrypted. Have the provider encrypt all of it, or nothing.')
  }
  const signature = signatureIn(assertion)
  if (signature === undefined) {
    refuse('The assertion is not signed. Have the provider sign assertions, not only responses.')
  }
  if (all.filter(({ name }) => name === 'Signature').length !== 1) {
    refuse('A signature stands where none may stand.')
  }
  checkSignature(signature, assertion)
}

/** Reads what the signature was found to cover: an assertion, and nothing else. Throws `SamlRefusal`. */
export function readSigned(xml: string): XmlElement {
  const assertion = readDocument(xml)
  const isAssertion = assertion.name === 'Assertion' && assertion.namespace === ASSERTION
  const assertions = [...everyElement(assertion)].filter(({ name }) => name === 'Assertion')
  if (!isAssertion || assertions.length !== 1) refuse('What is signed is not one assertion.')
  return assertion
}

/** The whole of a message. Throws `SamlRefusal`. */
export function readDocument(xml: string): XmlElement {
  try {
    return readXml(xml)
  } catch (err) {
    if (err instanceof XmlRefusal) refuse(`The answer holds ${err.message}.`)
    throw err
  }
}

function checkStatus(root: XmlElement): void {
  if (attributeOf(root, 'Version') !== '2.0') refuse('The answer is not of SAML 2.0.')
  const [status] = childrenOf(root, PROTOCOL, 'Status')
  const [code] = status ? childrenOf(status, PROTOCOL, 'StatusCode') : []
  const value = code && attributeOf(code, 'Value')
  if (value === SUCCESS) return
  const [inner] = code ? childrenOf(code, PROTOCOL, 'StatusCode') : []
  const why = (inner && attributeOf(inner, 'Value')) ?? value ?? 'none'
  refuse(`The provider let nobody in: its status is ${why.split(':').at(-1)!.slice(0, 80)}.`)
}

// In every spelling that some reader of signatures takes for an id.
function checkIds(all: readonly XmlElement[]): void {
  const ids = all.flatMap(({ attributes }) =>
    attributes.filter(({ name }) => name.toLowerCase() === 'id').map(({ value }) => value),
  )
  if (new Set(ids).size < ids.length) refuse('Two elements carry the same ID.')
}

export function signatureIn(element: XmlElement): XmlElement | undefined {
  const signatures = childrenOf(element, SIGNATURE, 'Signature')
  if (signatures.length > 1) refuse('An element carries two signatures.')
  return signatures[0]
}

/** XML Signature 1.1 section 4, in the one profile that SAML core section 5.4 leaves. */
export function checkSignature(signature: XmlElement, signed: XmlElement): void {
  const info = only(signature, 'SignedInfo')
  only(signature, 'SignatureValue')
  const reference = only(info, 'Reference')
  const id = attributeOf(signed, 'ID')
  if (id === undefined || !/^[\w.-]{1,200}$/.test(id)) refuse('What is signed has no proper ID.')
  if (attributeOf(reference, 'URI') !== `#${id}`) {
    refuse('A signature speaks of another element than the one it stands in.')
  }
  if (algorithmOf(only(info, 'CanonicalizationMethod')) !== EXCLUSIVE) {
    refuse('A signature is not made over exclusive canonical XML.')
  }
  const method = algorithmOf(only(info, 'SignatureMethod'))
  if (!SIGNED_BY.has(method))
    refuse(`Signatures by ${shortly(method)} are not taken: use RSA-SHA256.`)
  const digest = algorithmOf(only(reference, 'DigestMethod'))
  if (!DIGESTED_BY.has(digest)) refuse(`Digests by ${shortly(digest)} are not taken: use SHA-256.`)
  const transforms = childrenOf(only(reference, 'Transforms'), SIGNATURE, 'Transform')
  const isPlain =
    transforms.length === 2 &&
    algorithmOf(transforms[0]!) === ENVELOPED &&
    algorithmOf(transforms[1]!) === EXCLUSIVE &&
    transforms.every(({ children }) => children.every(({ name }) => name === 'InclusiveNamespaces'))
  if (!isPlain) refuse('A signature transforms what it covers in a way that is not taken.')
  const known = new Set(['SignedInfo', 'SignatureValue', 'KeyInfo'])
  if (signature.children.some(({ name }) => !known.has(name))) {
    refuse('A signature holds more than a signature.')
  }
}

function only(element: XmlElement, name: string): XmlElement {
  const found = element.children.filter((child) => child.name === name)
  const [one] = found
  if (found.length !== 1 || one?.namespace !== SIGNATURE) {
    refuse(`A signature needs exactly one ${name}.`)
  }
  return one
}

function algorithmOf(element: XmlElement): string {
  return attributeOf(element, 'Algorithm') ?? ''
}

const shortly = (algorithm: string) => algorithm.split('#').at(-1)!.slice(0, 40)
