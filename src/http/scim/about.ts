// What this door can do, in the words of RFC 7643 sections 5 to 7, for directories that ask first.

import { notThere } from '#domain/identity/provisioning.ts'
import { GROUP_SCHEMA, ScimRefusal, USER_SCHEMA } from '#domain/identity/scim.ts'
import type { HttpContext } from '#http/env.ts'
import { answerScim, forDirectory } from './door.ts'
import { answerList, SCIM_BASE } from './shapes.ts'
import { COUNT_MAX } from './wanted.ts'

export const getConfig = forDirectory(async ({ c }) =>
  answerScim(c, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    documentationUri: `${c.var.publicUrl}/docs/provisioning`,
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: COUNT_MAX },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Token of a directory',
        description: 'Authorization: Bearer rw_scim_…',
        primary: true,
      },
    ],
    meta: metaFor(c, 'ServiceProviderConfig', 'ServiceProviderConfig'),
  }),
)

const KINDS = [
  ['User', USER_SCHEMA],
  ['Group', GROUP_SCHEMA],
] as const

export const listResourceTypes = forDirectory(async ({ c }) => answerKinds(c, resourceTypes(c)))

export const getResourceType = forDirectory(async ({ c }) => answerKind(c, resourceTypes(c)))

function resourceTypes(c: HttpContext) {
  return KINDS.map(([name, schema]) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint: `/${name}s`,
    description: name === 'User' ? 'Somebody the directory tells of' : 'A group of them',
    schema,
    schemaExtensions: [],
    meta: metaFor(c, 'ResourceType', `ResourceTypes/${name}`),
  }))
}

function answerKinds(c: HttpContext, kinds: readonly { readonly id: string }[]): Response {
  // RFC 7644 section 4: whoever filtered must not take a part for the whole.
  if (c.req.query('filter') !== undefined) throw new ScimRefusal(403, 'This list has no filter.')
  return answerList(c, kinds)
}

function answerKind(c: HttpContext, kinds: readonly { readonly id: string }[]): Response {
  const wanted = c.req.param('id')?.toLowerCase()
  return answerScim(c, kinds.find(({ id }) => id.toLowerCase() === wanted) ?? notThere())
}

interface Attribute {
  readonly name: string
  readonly type?: 'boolean' | 'complex'
  readonly required?: boolean
  readonly multiValued?: boolean
  readonly uniqueness?: 'server'
  readonly mutability?: 'readOnly' | 'immutable'
  readonly caseExact?: boolean
  readonly canonicalValues?: readonly string[]
  readonly subAttributes?: readonly Attribute[]
}

const NAMES = ['formatted', 'givenName', 'familyName'].map((name) => ({ name }))
const EMAIL = [{ name: 'value' }, { name: 'type' }, { name: 'primary', type: 'boolean' } as const]
const MEMBER = [
  { name: 'value', mutability: 'immutable', caseExact: true } as const,
  { name: 'display', mutability: 'readOnly' } as const,
  { name: 'type', mutability: 'immutable', canonicalValues: ['User'] } as const,
]

// Of RFC 7643 sections 3.1, 4.1 and 4.2, what is kept here.
const EXTERNAL_ID: Attribute = { name: 'externalId', caseExact: true }

const USER: readonly Attribute[] = [
  { name: 'userName', required: true, uniqueness: 'server' },
  EXTERNAL_ID,
  { name: 'name', type: 'complex', subAttributes: NAMES },
  { name: 'displayName' },
  { name: 'active', type: 'boolean' },
  { name: 'emails', type: 'complex', multiValued: true, subAttributes: EMAIL },
]

const GROUP: readonly Attribute[] = [
  { name: 'displayName', required: true, uniqueness: 'server' },
  EXTERNAL_ID,
  { name: 'members', type: 'complex', multiValued: true, subAttributes: MEMBER },
]

export const listSchemas = forDirectory(async ({ c }) => answerKinds(c, schemas(c)))

export const getSchema = forDirectory(async ({ c }) => answerKind(c, schemas(c)))

const schemas = (c: HttpContext) => [
  schemaOf(c, USER_SCHEMA, 'User', USER),
  schemaOf(c, GROUP_SCHEMA, 'Group', GROUP),
]

function schemaOf(c: HttpContext, id: string, name: string, attributes: readonly Attribute[]) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    attributes: attributes.map(whole),
    meta: metaFor(c, 'Schema', `Schemas/${id}`),
  }
}

function whole({ subAttributes, ...attribute }: Attribute): object {
  const { type = 'string' } = attribute
  return {
    type,
    description: `${attribute.name} of the directory`,
    multiValued: false,
    required: false,
    ...(type === 'string' && { caseExact: false }),
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...attribute,
    ...(subAttributes && { subAttributes: subAttributes.map(whole) }),
  }
}

function metaFor(c: HttpContext, resourceType: string, path: string) {
  return { resourceType, location: `${c.var.publicUrl}${SCIM_BASE}/${path}` }
}
