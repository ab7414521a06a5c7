// What this door can do, in the words of RFC 7643 sections 5 to 7, for directories that ask first.

import type { HttpContext } from '#http/env.ts'
import { answerScim, forDirectory } from './door.ts'
import { answerList, GROUP_SCHEMA, SCIM_BASE, USER_SCHEMA } from './shapes.ts'

export const getConfig = forDirectory(async ({ c }) =>
  answerScim(c, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    documentationUri: `${c.var.publicUrl}/docs/provisioning`,
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 200 },
    changePassword: { supported: false },
    sort: { supported: false },
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

export const listResourceTypes = forDirectory(async ({ c }) => {
  const shapes = KINDS.map(([name, schema]) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint: `/${name}s`,
    schema,
    meta: metaFor(c, 'ResourceType', `ResourceTypes/${name}`),
  }))
  return answerList(c, shapes)
})

interface Attribute {
  readonly name: string
  readonly type?: 'boolean' | 'complex'
  readonly required?: boolean
  readonly multiValued?: boolean
  readonly uniqueness?: 'server'
  readonly subAttributes?: readonly Attribute[]
}

const NAMES = ['formatted', 'givenName', 'familyName'].map((name) => ({ name }))
const EMAIL = [{ name: 'value' }, { name: 'type' }, { name: 'primary', type: 'boolean' } as const]
const MEMBER = ['value', 'display', 'type'].map((name) => ({ name }))

const USER: readonly Attribute[] = [
  { name: 'userName', required: true, uniqueness: 'server' },
  { name: 'name', type: 'complex', subAttributes: NAMES },
  { name: 'displayName' },
  { name: 'active', type: 'boolean' },
  { name: 'emails', type: 'complex', multiValued: true, subAttributes: EMAIL },
]

const GROUP: readonly Attribute[] = [
  { name: 'displayName', required: true, uniqueness: 'server' },
  { name: 'members', type: 'complex', multiValued: true, subAttributes: MEMBER },
]

export const listSchemas = forDirectory(async ({ c }) =>
  answerList(c, [
    schemaOf(c, USER_SCHEMA, 'User', USER),
    schemaOf(c, GROUP_SCHEMA, 'Group', GROUP),
  ]),
)

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
  return {
    type: 'string',
    multiValued: false,
    required: false,
    caseExact: false,
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
