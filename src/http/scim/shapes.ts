// What directories send beside a body and what they are answered: lists and their parts, versions, the
// shapes of people and groups (RFC 7643 sections 3.1 and 4, RFC 7644 section 3.4).

import type { WholeGroup } from '#domain/identity/group-provisioning.ts'
import { nameOf, type Over } from '#domain/identity/provisioning.ts'
import { invalid, readFilter, type ScimPerson, type Wanted } from '#domain/identity/scim.ts'
import type { HttpContext } from '#http/env.ts'
import { readJsonOf } from '#http/input.ts'
import { answerScim } from './door.ts'

export const SCIM_BASE = '/scim/v2'
export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

interface Shape {
  readonly meta: { readonly version: string; readonly location: string }
}

/** One thing, with its version; 304 for whoever has it. */
export function answerOne(c: HttpContext, shape: Shape): Response {
  const { version } = shape.meta
  const isOld = c.req.method === 'GET' && c.req.header('If-None-Match') === version
  return isOld ? c.body(null, 304, { ETag: version }) : answerScim(c, shape, 200, { ETag: version })
}

export function answerNew(c: HttpContext, shape: Shape): Response {
  const { version, location } = shape.meta
  return answerScim(c, shape, 201, { ETag: version, Location: location })
}

export function answerList(
  c: HttpContext,
  shapes: readonly unknown[],
  count = shapes.length,
  offset = 0,
): Response {
  return answerScim(c, {
    schemas: [LIST],
    totalResults: count,
    startIndex: offset + 1,
    itemsPerPage: shapes.length,
    Resources: shapes,
  })
}

const COUNT_DEFAULT = 100
const COUNT_MAX = 200

/** The filter and the part of a list that is asked for; `known` are attributes in lower case. */
export function readList(c: HttpContext, known: readonly string[]) {
  const filter = c.req.query('filter')
  const wanted: Wanted = filter === undefined ? {} : readFilter(filter, known)
  const offset = Math.max(1, readNumber(c, 'startIndex', 1)) - 1
  const limit = Math.min(COUNT_MAX, Math.max(0, readNumber(c, 'count', COUNT_DEFAULT)))
  return { wanted, offset, limit }
}

function readNumber(c: HttpContext, name: string, otherwise: number): number {
  const text = c.req.query(name)
  if (text === undefined) return otherwise
  return /^-?\d{1,9}$/.test(text) ? Number(text) : invalid(`${name} is no whole number.`)
}

/** With the version that `If-Match` names; one that is none of ours fits nothing. */
export async function readWrite(c: HttpContext): Promise<{ body: unknown; over: Over }> {
  return { body: await readBody(c), over: readOver(c) }
}

export function readBody(c: HttpContext): Promise<unknown> {
  return readJsonOf(c, ['application/scim+json', 'application/json'])
}

export function readOver(c: HttpContext): Over {
  const text = c.req.header('If-Match')?.trim()
  if (text === undefined || text === '*') return undefined
  const version = /^(?:W\/)?"(\d{1,12})"$/.exec(text)?.[1]
  return version === undefined ? -1 : Number(version)
}

export function shapeOfPerson(c: HttpContext, person: ScimPerson) {
  const { id, userName, externalId, isActive, displayName, givenName, familyName, email } = person
  return {
    schemas: [USER_SCHEMA],
    id,
    ...(externalId !== null && { externalId }),
    userName,
    name: {
      formatted: nameOf(person),
      ...(givenName !== null && { givenName }),
      ...(familyName !== null && { familyName }),
    },
    ...(displayName !== null && { displayName }),
    active: isActive,
    emails: email === null ? [] : [{ value: email, type: 'work', primary: true }],
    meta: metaOf(c, 'User', person),
  }
}

/** Directories that only look for a group leave its people out. */
export function showsMembers(c: HttpContext): boolean {
  const excluded = (c.req.query('excludedAttributes') ?? '').toLowerCase().split(',')
  return !excluded.includes('members')
}

export function shapeOfGroup(c: HttpContext, { group, members }: WholeGroup) {
  const { id, displayName, externalId } = group
  const people = [...members].map(([value, display]) => ({ value, display, type: 'User' }))
  return {
    schemas: [GROUP_SCHEMA],
    id,
    ...(externalId !== null && { externalId }),
    displayName,
    ...(showsMembers(c) && { members: people }),
    meta: metaOf(c, 'Group', group),
  }
}

interface Dated {
  readonly id: string
  readonly version: number
  readonly createdAt: number
  readonly changedAt: number
}

function metaOf(
  c: HttpContext,
  kind: 'User' | 'Group',
  { id, version, createdAt, changedAt }: Dated,
) {
  return {
    resourceType: kind,
    created: new Date(createdAt).toISOString(),
    lastModified: new Date(changedAt).toISOString(),
    location: `${c.var.publicUrl}${SCIM_BASE}/${kind}s/${id}`,
    version: `W/"${version}"`,
  }
}
