// Whether a signature in a document holds, and over which bytes: canonicalisation and cryptography are
// node-saml's, on a shape that saml-checks.ts has found to be the one that is taken.

import { getVerifiedXml, parseDomFromString } from '@node-saml/node-saml/lib/xml.js'
import { refuse } from './saml-checks.ts'
import { lookAtCertificate, type SamlIdp } from './saml-metadata.ts'

/** Of the library's document, as far as it is looked at. */
export interface DomElement {
  readonly localName: string | null
  readonly namespaceURI: string | null
  readonly childNodes: ArrayLike<unknown>
}

/**
 * The bytes that the signature of an element covers; nothing but them is to be read. Throws `SamlRefusal`
 * where it holds with none of the certificates.
 */
export async function signedBytes(
  { certificates }: Pick<SamlIdp, 'certificates'>,
  xml: string,
  pick: (root: DomElement) => DomElement | undefined,
): Promise<string> {
  const strong = certificates.filter((pem) => lookAtCertificate(pem).problem === null)
  if (strong.length === 0) refuse('None of the provider’s certificates has a key that is taken.')
  const bytes = await coveredBytes(xml, pick, strong).catch(() => null)
  return bytes ?? refuse('The signature does not hold with any of the provider’s certificates.')
}

type Root = Parameters<typeof getVerifiedXml>[1]

async function coveredBytes(
  xml: string,
  pick: (root: DomElement) => DomElement | undefined,
  certificates: readonly string[],
): Promise<string | null> {
  const document = await parseDomFromString(xml)
  const element = pick(document.documentElement as DomElement)
  return element ? getVerifiedXml(xml, element as Root, [...certificates]) : null
}

export function childrenOfDom({ childNodes }: DomElement): readonly DomElement[] {
  return Array.from(childNodes) as DomElement[]
}
