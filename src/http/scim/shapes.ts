// What directories send beside a body and what they are answered: lists, versions, the
// shapes of people and groups (RFC 7643 sections 3.1 and 4, RFC 7644 section 3.4).

import type { WholeGroup } from '#domain/identity/group-provisioning.ts'
import { nameOf, type Over } from '#domain/identity/provisioning.ts'
import { GROUP_SCHEMA, USER_SCHEMA, type ScimPerson } from '#domain/identity/scim.ts'
import type { HttpContext } from '#http/env.ts'
import { readJsonOf } from '#http/input.ts'
import { answerScim } from './door.ts'
import { readView, shownOf } from './wanted.ts'

export const SCIM_BASE = '/scim/v2'
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

type Shape = Readonly<Record<string, unknown>> & {
  readonly meta: { readonly version: string; readonly location: string }
}

/** One thing, with its version; 304 for whoever has it. */
export function answerOne(c: HttpContext, shape: Shape): Response {
  const { version, location } = shape.meta
  const headers = { ETag: version, 'Content-Location': location }
  if (c.req.method === 'GET' && isKnown(c.req.header('If-None-Match'), version)) {
    return c.body(null, 304, headers)
  }
  return answerScim(c, shownOf(shape, readView(c)), 200, headers)
}

export function answerNew(c: HttpContext, shape: Shape): Response {
  const { version, location } = shape.meta
  return answerScim(c, shownOf(shape, readView(c)), 201, { ETag: version, Location: location })
}

// Versions are weak: those of a list of them are compared without the mark.
function isKnown(header: string | undefined, version: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, '')
  return (header ?? '').split(',').some((tag) => bare(tag) === bare(version) || bare(tag) === '*')
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

export function shapeOfGroup(c: HttpContext, { group, members }: WholeGroup) {
  const { id, displayName, externalId } = group
  const people = members.map(({ id: value, userName }) => ({
    value,
    display: userName,
    type: 'User',
  }))
  return {
    schemas: [GROUP_SCHEMA],
    id,
    ...(externalId !== null && { externalId }),
    displayName,
    members: people,
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
