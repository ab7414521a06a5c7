// Judging an assertion whose signature holds: is it for us, for this sign-in, for now? What it says of
// the person is read from the signed bytes alone. SAML core 2.0 section 2, profiles 2.0 section 4.1.4.

import { MINUTE, type Instant } from '#kernel/time.ts'
import { ASSERTION, refuse } from './saml-checks.ts'
import { attributeOf, childrenOf, type XmlElement } from './xml.ts'

/** How far the provider's clock may be from ours. */
const SKEW_MS = MINUTE
const NAME_MAX = 1_000
const GROUPS_MAX = 500
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
const EMAIL_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'

/** What was asked for, and by whom: an answer must name all of it. */
export interface Expected {
  /** The provider's entity id. */
  readonly issuer: string
  /** Ours. */
  readonly audience: string
  /** Where the answer was to be sent. */
  readonly recipient: string
  readonly requestId: string
  readonly requestedAt: Instant
  /** The person was to prove anew who they are. */
  readonly forceProof: boolean
  /** Attributes that the provider calls something of its own; null: those that are usual. */
  readonly names: AttributeNames
}

export interface AttributeNames {
  /** Null: the NameID names somebody. */
  readonly subjectAttribute: string | null
  readonly emailAttribute: string | null
  readonly nameAttribute: string | null
  readonly groupsAttribute: string | null
}

export const USUAL_NAMES: AttributeNames = {
  subjectAttribute: null,
  emailAttribute: null,
  nameAttribute: null,
  groupsAttribute: null,
}

export interface Judged {
  readonly assertionId: string
  /** From when on nobody takes this assertion any more. */
  readonly endsAt: Instant
  readonly subject: string
  readonly email: string | null
  readonly name: string | null
  readonly groups: readonly string[]
  readonly groupsWereCut: boolean
  readonly session: string | null
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** The outer response must agree with what was asked, too. Throws `SamlRefusal`. */
export function judgeResponse(root: XmlElement, expected: Expected): void {
  const destination = attributeOf(root, 'Destination')
  if (destination !== undefined && destination !== expected.recipient) {
    refuse('The answer was made for another destination.')
  }
  if (attributeOf(root, 'InResponseTo') !== expected.requestId) {
    refuse('The answer belongs to another request, or to none.')
  }
  const [issuer] = childrenOf(root, ASSERTION, 'Issuer')
  if (issuer !== undefined && issuer.text.trim() !== expected.issuer) {
    refuse('The answer comes from another provider.')
  }
}

/** Throws `SamlRefusal`. */
export function judgeAssertion(assertion: XmlElement, expected: Expected, now: Instant): Judged {
  if (attributeOf(assertion, 'Version') !== '2.0') refuse('The assertion is not of SAML 2.0.')
  if (textOf(one(assertion, 'Issuer')) !== expected.issuer) {
    refuse('The assertion comes from another provider.')
  }
  const subject = one(assertion, 'Subject')
  const endsAt = confirm(subject, expected, now)
  checkConditions(one(assertion, 'Conditions'), expected, now)
  const session = checkAuthentication(assertion, expected, now)
  const attributes = readAttributes(assertion)
  const nameId = one(subject, 'NameID')
  const { names } = expected
  const { groups, groupsWereCut } = groupsIn(attributes, names.groupsAttribute)
  return {
    assertionId: attributeOf(assertion, 'ID') ?? refuse('The assertion has no ID.'),
    endsAt,
    subject: subjectOf(attributes, names, nameId),
    email: emailIn(attributes, names, nameId),
    name: nameIn(attributes, names),
    groups,
    groupsWereCut,
    session,
    attributes,
  }
}

/** Until when: the latest of the confirmations that fit. */
function confirm(subject: XmlElement, expected: Expected, now: Instant): Instant {
  const bearers = childrenOf(subject, ASSERTION, 'SubjectConfirmation').filter(
    (one) => attributeOf(one, 'Method') === BEARER,
  )
  const [data] = bearers.flatMap((one) => childrenOf(one, ASSERTION, 'SubjectConfirmationData'))
  if (bearers.length !== 1 || data === undefined) {
    refuse('The assertion needs exactly one bearer confirmation of its subject.')
  }
  if (attributeOf(data, 'Recipient') !== expected.recipient) {
    refuse('The assertion was made for another recipient.')
  }
  if (attributeOf(data, 'InResponseTo') !== expected.requestId) {
    refuse('The assertion belongs to another request, or to none.')
  }
  const endsAt = instantOf(data, 'NotOnOrAfter') ?? refuse('The assertion never ends.')
  checkTimes(data, now)
  return endsAt
}

const KNOWN_CONDITIONS = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'])

function checkConditions(conditions: XmlElement, expected: Expected, now: Instant): void {
  checkTimes(conditions, now)
  if (conditions.children.some(({ name }) => !KNOWN_CONDITIONS.has(name))) {
    refuse('The assertion sets a condition that is not known.')
  }
  const restrictions = childrenOf(conditions, ASSERTION, 'AudienceRestriction')
  const isForUs = (restriction: XmlElement) =>
    childrenOf(restriction, ASSERTION, 'Audience').some((one) => textOf(one) === expected.audience)
  if (restrictions.length === 0 || !restrictions.every(isForUs)) {
    refuse('The assertion was made for another audience.')
  }
}

/** The provider's name of the session, if it has one. */
function checkAuthentication(
  assertion: XmlElement,
  { forceProof, requestedAt }: Expected,
  now: Instant,
): string | null {
  const [statement] = childrenOf(assertion, ASSERTION, 'AuthnStatement')
  if (statement === undefined) refuse('The assertion tells of no authentication.')
  const ends = instantOf(statement, 'SessionNotOnOrAfter')
  if (ends !== undefined && now >= ends) refuse('The session at the provider has ended.')
  const at = instantOf(statement, 'AuthnInstant')
  if (forceProof && (at === undefined || at < requestedAt - SKEW_MS)) {
    refuse('A fresh proof was asked for, and the provider gave an older one.')
  }
  return attributeOf(statement, 'SessionIndex') ?? null
}

function checkTimes(element: XmlElement, now: Instant): void {
  const from = instantOf(element, 'NotBefore')
  const until = instantOf(element, 'NotOnOrAfter')
  if (from !== undefined && now + SKEW_MS < from) refuse('The assertion is not good yet.')
  if (until !== undefined && now - SKEW_MS >= until) refuse('The assertion is good no longer.')
}

const WHEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

export function instantOf(element: XmlElement, name: string): Instant | undefined {
  const text = attributeOf(element, name)
  if (text === undefined) return undefined
  const at = WHEN.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at)
    ? refuse('The assertion holds a time that cannot be read.')
    : (at as Instant)
}

function subjectOf(
  attributes: Attributes,
  { subjectAttribute }: AttributeNames,
  nameId: XmlElement,
): string {
  if (subjectAttribute === null) return subjectIn(nameId)
  const [value, another] = attributes[subjectAttribute] ?? []
  if (value === undefined || value === '' || another !== undefined || value.length > NAME_MAX) {
    refuse('The attribute that names somebody does not stand there once.')
  }
  return value
}

export function subjectIn(nameId: XmlElement): string {
  if (attributeOf(nameId, 'Format') === TRANSIENT) {
    refuse('The NameID changes with every sign-in. Have the provider send a persistent one.')
  }
  const text = textOf(nameId)
  if (text === '' || text.length > NAME_MAX) refuse('The NameID is empty, or too long.')
  // The two qualifiers are part of who it is (SAML core section 2.2.2).
  const qualifiers = ['NameQualifier', 'SPNameQualifier'].map((name) => attributeOf(nameId, name))
  return qualifiers.every((one) => one === undefined)
    ? text
    : JSON.stringify([text, ...qualifiers.map((one) => one ?? null)])
}

type Attributes = Readonly<Record<string, readonly string[]>>

function readAttributes(assertion: XmlElement): Attributes {
  const read = new Map<string, string[]>()
  for (const statement of childrenOf(assertion, ASSERTION, 'AttributeStatement')) {
    for (const attribute of childrenOf(statement, ASSERTION, 'Attribute')) {
      const name = attributeOf(attribute, 'Name') ?? refuse('An attribute has no name.')
      const values = childrenOf(attribute, ASSERTION, 'AttributeValue').map(textOf)
      read.set(name, [...(read.get(name) ?? []), ...values])
    }
  }
  return Object.fromEntries(read)
}

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
const EMAILS = [
  `${CLAIMS}/emailaddress`,
  'email',
  'mail',
  'emailAddress',
  'Email',
  'urn:oid:0.9.2342.19200300.100.1.3',
]
const NAMES = [
  'http://schemas.microsoft.com/identity/claims/displayname',
  'displayName',
  'name',
  'urn:oid:2.16.840.1.113730.3.1.241',
]
const GIVEN = [`${CLAIMS}/givenname`, 'firstName', 'givenName', 'urn:oid:2.5.4.42']
const FAMILY = [`${CLAIMS}/surname`, 'lastName', 'surname', 'sn', 'urn:oid:2.5.4.4']
const GROUPS = [
  'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
  'groups',
  'memberOf',
  'Groups',
]
/** Microsoft names this one in place of groups when there are more than 150. */
const OVERAGE = 'http://schemas.microsoft.com/claims/groups.link'

function firstOf(attributes: Attributes, names: readonly string[]): string | null {
  const found = names.flatMap((name) => attributes[name] ?? []).find((text) => text !== '')
  return found?.slice(0, NAME_MAX) ?? null
}

/** Two addresses are none: nobody could say which of them is meant. */
function emailIn(
  attributes: Attributes,
  { emailAttribute }: AttributeNames,
  nameId: XmlElement,
): string | null {
  const named = attributeOf(nameId, 'Format') === EMAIL_FORMAT ? [textOf(nameId)] : []
  const own = emailAttribute === null ? EMAILS : [emailAttribute]
  const values = own.map((name) => attributes[name] ?? []).find((found) => found.length > 0)
  const emails = new Set((values ?? named).map((email) => email.toLowerCase()))
  return emails.size === 1 ? [...emails][0]! : null
}

function nameIn(attributes: Attributes, { nameAttribute }: AttributeNames): string | null {
  if (nameAttribute !== null) return firstOf(attributes, [nameAttribute])
  const parts = [firstOf(attributes, GIVEN), firstOf(attributes, FAMILY)]
  const joined = parts.filter((part) => part !== null).join(' ')
  return firstOf(attributes, NAMES) ?? (joined === '' ? null : joined)
}

function groupsIn(attributes: Attributes, own: string | null) {
  const names = own === null ? GROUPS : [own]
  const all = [...new Set(names.flatMap((name) => attributes[name] ?? []))].filter(Boolean)
  const groupsWereCut = all.length > GROUPS_MAX || attributes[OVERAGE] !== undefined
  return { groups: all.slice(0, GROUPS_MAX), groupsWereCut }
}

function one(element: XmlElement, name: string): XmlElement {
  const [found, another] = childrenOf(element, ASSERTION, name)
  if (found === undefined || another !== undefined) {
    refuse(`The assertion needs exactly one ${name}.`)
  }
  return found
}

/** Throws where a text holds elements: what one reader joins another one cuts. */
export function textOf(element: XmlElement): string {
  if (element.children.length > 0) refuse(`The ${element.name} of the assertion holds elements.`)
  return element.text.trim()
}
