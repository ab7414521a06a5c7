// SCIM 2.0 (RFC 7643, RFC 7644) as far as this product goes: who a person of a provider is, whether they
// are still there, and in which groups. What directories send beside that is taken and forgotten. Bodies
// are read by hand, because directories bend the standard each in its own way and all must be read.

import type { ProviderId, ScimGroupId, ScimPersonId, UserId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

/** Somebody as their provider tells of them. */
export interface ScimPerson extends PersonFields {
  readonly id: ScimPersonId
  readonly providerId: ProviderId
  readonly workspaceId: WorkspaceId
  /** Who that is here; null while no account may be theirs. */
  readonly userId: UserId | null
  readonly version: number
  readonly createdAt: Instant
  readonly changedAt: Instant
}

export interface PersonFields {
  readonly userName: string
  readonly externalId: string | null
  readonly isActive: boolean
  readonly displayName: string | null
  readonly givenName: string | null
  readonly familyName: string | null
  /** Lower case. */
  readonly email: string | null
}

export interface ScimGroup extends GroupFields {
  /** Everybody in it has the role that its name gives: false while a change of it is under way. */
  readonly isSettled: boolean
  readonly id: ScimGroupId
  readonly providerId: ProviderId
  readonly workspaceId: WorkspaceId
  readonly version: number
  readonly createdAt: Instant
  readonly changedAt: Instant
}

export interface GroupFields {
  readonly displayName: string
  readonly externalId: string | null
}

/** RFC 7644 section 3.12. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'

/** A refusal in the words of the protocol. */
export class ScimRefusal extends Error {
  override readonly name = 'ScimRefusal'
  readonly status: 400 | 401 | 403 | 404 | 409 | 412 | 413 | 429 | 501
  readonly scimType: ScimType | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: ScimRefusal['status'],
    message: string,
    { scimType, retryAfterSeconds }: { scimType?: ScimType; retryAfterSeconds?: number } = {},
  ) {
    super(message)
    this.status = status
    this.scimType = scimType
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export function invalid(message: string, scimType: ScimType = 'invalidValue'): never {
  throw new ScimRefusal(400, message, { scimType })
}

export type Fields = Readonly<Record<string, unknown>>

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group'

const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/i

/** The name of an attribute alone. */
export function withoutSchema(name: string): string {
  return name.replace(CORE, '')
}

const SCHEMAS_MAX = 20

/**
 * A body may say what it is, and then says it rightly. What it names beside that is an extension, whose
 * attributes nobody here reads. Throws `ScimRefusal`.
 */
export function requireSchema(schemas: unknown, own: string): void {
  if (schemas === undefined) return
  const names: readonly unknown[] = Array.isArray(schemas) ? schemas.slice(0, SCHEMAS_MAX) : []
  const isOwn = (name: unknown) =>
    typeof name === 'string' && name.toLowerCase() === own.toLowerCase()
  if (!names.some(isOwn)) invalid(`schemas does not name ${own}.`, 'invalidSyntax')
}

const TEXT_MAX = 300

/** A person of a body of POST or PUT: what it does not say is empty. Throws `ScimRefusal`. */
export function readPerson(body: unknown): PersonFields {
  const given = lowered(asFields(body))
  requireSchema(given['schemas'], USER_SCHEMA)
  const name = given['name'] === undefined ? {} : lowered(asFields(given['name']))
  return {
    userName: asText(given['username'], 'userName') ?? invalid('userName is missing.'),
    externalId: asText(given['externalid'], 'externalId'),
    isActive: given['active'] === undefined ? true : asFlag(given['active']),
    displayName: asText(given['displayname'], 'displayName') ?? asText(name['formatted'], 'name'),
    givenName: asText(name['givenname'], 'name.givenName'),
    familyName: asText(name['familyname'], 'name.familyName'),
    email: emailOf(given['emails'], given['username']),
  }
}

/** The name and the ids of members. Throws `ScimRefusal`. */
export function readGroup(body: unknown): { fields: GroupFields; members: readonly string[] } {
  const given = lowered(asFields(body))
  requireSchema(given['schemas'], GROUP_SCHEMA)
  const fields = {
    displayName: asText(given['displayname'], 'displayName') ?? invalid('displayName is missing.'),
    externalId: asText(given['externalid'], 'externalId'),
  }
  return { fields, members: asMembers(given['members'] ?? []) }
}

/** The ids in a value of `members`: a list, or one alone. */
export function asMembers(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const ids = list.map((one) => {
    const { value: id } = lowered(asFields(one))
    return typeof id === 'string' && id !== '' ? id : invalid('A member has no value.')
  })
  return [...new Set(ids)]
}

/** Directories send `true`, `"True"` and `"true"` for the same. */
export function asFlag(value: unknown, name = 'active'): boolean {
  const told = typeof value === 'string' ? value.toLowerCase() : value
  if (told === true || told === 'true') return true
  if (told === false || told === 'false') return false
  return invalid(`${name} is neither true nor false.`)
}

/** Null for nothing: absent, null or empty. */
export function asText(value: unknown, name: string): string | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') return invalid(`${name} is no text.`)
  const text = value.trim()
  if (text.length > TEXT_MAX) invalid(`${name} is longer than ${TEXT_MAX} characters.`)
  // oxlint-disable-next-line no-control-regex -- these are the ones that are refused
  if (/[\u0000-\u001F\u007F\u2028\u2029]/.test(text)) invalid(`${name} holds control characters.`)
  return text === '' ? null : text
}

export function asFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('This is no object where one belongs.', 'invalidSyntax')
  }
  return value as Fields
}

/** Names of attributes have no case (RFC 7643 section 2.1), so each is there once. */
export function lowered(fields: Fields): Fields {
  const named = new Map<string, unknown>()
  for (const [name, value] of Object.entries(fields)) {
    const key = name.toLowerCase()
    if (named.has(key)) invalid(`${name.slice(0, 100)} is there twice.`, 'invalidSyntax')
    named.set(key, value)
  }
  return Object.fromEntries(named)
}

/** The primary address, else the one of work, else the first; the user name when it is one. */
export function emailOf(emails: unknown, userName: unknown): string | null {
  const list = Array.isArray(emails) ? (emails as readonly unknown[]).slice(0, 20) : []
  const known = list.map((one) => lowered(asFields(one)))
  const first = known.filter(({ primary }) => isPrimary(primary))
  if (first.length > 1) invalid('More than one of emails is the primary one.')
  const chosen = first[0] ?? known.find(({ type }) => isWork(type)) ?? known[0]
  const text = asText(chosen?.['value'] ?? userName, 'emails')
  return text !== null && EMAIL.test(text) ? text.toLowerCase() : null
}

export function isPrimary(primary: unknown): boolean {
  return primary !== undefined && primary !== null && asFlag(primary, 'primary')
}

export function isWork(type: unknown): boolean {
  return typeof type === 'string' && type.toLowerCase() === 'work'
}

const EMAIL = /^[^\s@]+@[^\s@]+$/

/** What a mapping may name a group by: its name, or its id in the directory. */
export function namesOf({
  displayName,
  externalId,
}: {
  readonly displayName: string
  readonly externalId: string | null
}): readonly string[] {
  return externalId === null ? [displayName] : [displayName, externalId]
}
