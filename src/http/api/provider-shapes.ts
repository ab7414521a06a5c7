// How identity providers, their domains and the tokens of their directories look in JSON.

import { z } from 'zod'
import { ROLES } from '#domain/access/permission.ts'
import type { SeenProvider } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { PRESETS, type EmailDomain } from '#domain/identity/provider.ts'
import type { ScimToken } from '#domain/identity/scim-token.ts'
import { OidcSettings, SamlSettings } from '#domain/identity/settings.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { accepted, idOf, InstantText, instantOrNull, named, pageShape } from './shapes.ts'

export const ProviderIdText = idOf(ID_PREFIXES.provider)
export const ScimTokenIdText = idOf(ID_PREFIXES.scimToken)

const DomainShape = z.strictObject({
  domain: z.string(),
  isEnforced: z.boolean(),
  /** Null while no owner of the server has confirmed it. */
  confirmedAt: InstantText.nullable(),
  askedAt: InstantText,
})

const shared = {
  id: ProviderIdText,
  name: z.string(),
  preset: z.enum(PRESETS),
  isEnabled: z.boolean(),
  isEmailTrusted: z.boolean(),
  defaultRole: z.enum(ROLES).nullable(),
  groupRoles: z.array(
    z.strictObject({
      group: z.string(),
      role: z.enum(ROLES),
      isApprover: z.boolean(),
      isAuditor: z.boolean(),
    }),
  ),
  secretExpiresAt: z.iso.date().nullable(),
  /** So long after it began a session by it ends. */
  sessionHours: z.int(),
  adminCameAt: InstantText.nullable(),
  /** What is registered at the provider: where people come back to, where it tells of a sign-out or reads of us. */
  addresses: z.strictObject({
    callback: z.url(),
    logout: z.url(),
    signedOut: z.url(),
    metadata: z.url(),
  }),
  domains: z.array(DomainShape),
  version: z.string(),
  createdAt: InstantText,
  createdBy: z.string(),
  changedAt: InstantText,
  changedBy: z.string(),
}

export const ProviderShape = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('oidc'), ...shared, settings: OidcSettings }),
    z.strictObject({ kind: z.literal('saml'), ...shared, settings: SamlSettings }),
  ])
  .register(named, { id: 'Provider' })
export const ProviderPage = pageShape(ProviderShape).register(named, { id: 'ProviderPage' })

const [oidc, saml] = NewProvider.options
/** An id made by whoever asks, where the provider wants our address before it says who we are there. */
const id = ProviderIdText.optional()
export const NewProviderBody = z
  .discriminatedUnion('kind', [oidc.extend({ id }), saml.extend({ id })])
  .register(accepted, { id: 'NewProvider' })

/** `publicUrl` without a slash behind it. */
export function providerShape(
  { provider, domains }: SeenProvider,
  publicUrl: string,
): z.input<typeof ProviderShape> {
  const { workspaceId: _, createdAt, changedAt, adminCameAt, secretExpiresAt, ...rest } = provider
  const { version, groupRoles } = provider
  const root = `${publicUrl}/sign-in/with/${provider.id}`
  const told = {
    groupRoles: groupRoles.map((row) => ({ ...row })),
    secretExpiresAt: secretExpiresAt === null ? null : formatInstant(secretExpiresAt).slice(0, 10),
    adminCameAt: instantOrNull(adminCameAt),
    addresses: {
      callback: `${root}/callback`,
      logout: `${root}/logout`,
      signedOut: `${publicUrl}/sign-in`,
      metadata: `${root}/metadata`,
    },
    domains: domains.map(domainShape),
    version: String(version),
    createdAt: formatInstant(createdAt),
    changedAt: formatInstant(changedAt),
  }
  return rest.kind === 'oidc' ? { ...rest, ...told } : { ...rest, ...told }
}

function domainShape({ domain, isEnforced, confirmedAt, askedAt }: EmailDomain) {
  const at = { confirmedAt: instantOrNull(confirmedAt), askedAt: formatInstant(askedAt) }
  return { domain, isEnforced, ...at }
}

const directoryToken = {
  id: ScimTokenIdText,
  networks: z.array(z.string()),
  createdAt: InstantText,
  createdBy: z.string(),
  expiresAt: InstantText,
  usedAt: InstantText.nullable(),
}

export const DirectoryTokenShape = z
  .strictObject(directoryToken)
  .register(named, { id: 'DirectoryToken' })
export const MadeDirectoryToken = z
  .strictObject({ ...directoryToken, secret: z.string() })
  .register(named, { id: 'MadeDirectoryToken' })
export const DirectoryShape = z
  .strictObject({ address: z.url(), tokens: z.array(DirectoryTokenShape) })
  .register(named, { id: 'Directory' })

export function directoryTokenShape(token: ScimToken): z.input<typeof DirectoryTokenShape> {
  return {
    id: token.id,
    networks: [...token.networks],
    createdAt: formatInstant(token.createdAt),
    createdBy: token.createdBy,
    expiresAt: formatInstant(token.expiresAt),
    usedAt: instantOrNull(token.usedAt),
  }
}
