// What doors accept about identity providers.

import { z } from 'zod'
import { ROLES } from '#domain/access/permission.ts'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { parseInstant } from '#kernel/time.ts'
import { PRESETS, SESSION_HOURS, SESSION_HOURS_MAX } from './provider.ts'
import { OidcSettings, SamlSettings } from './settings.ts'

const Line = z.string().trim().regex(ONE_LINE, NOT_ONE_LINE)

const GroupRoleInput = z.strictObject({
  group: Line.min(1, 'is empty').max(300, 'is longer than 300 characters'),
  role: z.enum(ROLES),
  isApprover: z.boolean().default(false),
  isAuditor: z.boolean().default(false),
})

const GROUP_ROLES_MAX = 100

const shared = {
  name: Line.min(1, 'is empty').max(60, 'is longer than 60 characters'),
  isEnabled: z.boolean(),
  isEmailTrusted: z.boolean(),
  defaultRole: z.enum(ROLES).nullable(),
  groupRoles: z
    .array(GroupRoleInput)
    .max(GROUP_ROLES_MAX, `holds more than ${GROUP_ROLES_MAX} groups`)
    .refine((rows) => new Set(rows.map(({ group }) => group)).size === rows.length, {
      message: 'names a group twice',
    }),
  sessionHours: z
    .int('is no whole number of hours')
    .min(1, 'is shorter than an hour')
    .max(SESSION_HOURS_MAX, `is longer than ${SESSION_HOURS_MAX} hours`),
  secretExpiresAt: z.iso
    .date()
    .transform((text) => parseInstant(`${text}T00:00:00Z`)!)
    .nullable(),
}

const Secret = z
  .string()
  .min(1, 'is empty')
  .max(4_096, 'is longer than 4096 characters')
  .regex(ONE_LINE, NOT_ONE_LINE)

const withDefaults = {
  ...shared,
  preset: z.enum(PRESETS).default('generic'),
  isEnabled: shared.isEnabled.default(true),
  isEmailTrusted: shared.isEmailTrusted.default(false),
  defaultRole: shared.defaultRole.default(null),
  groupRoles: shared.groupRoles.default([]),
  secretExpiresAt: shared.secretExpiresAt.default(null),
  sessionHours: shared.sessionHours.default(SESSION_HOURS),
}

export const NewProvider = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('oidc'),
    ...withDefaults,
    settings: OidcSettings.extend({
      groupsClaim: OidcSettings.shape.groupsClaim.default('groups'),
      scopes: OidcSettings.shape.scopes.default([]),
      hostedDomain: OidcSettings.shape.hostedDomain.default(null),
      ca: OidcSettings.shape.ca.default(null),
    }),
    /** None for a public client, which proves itself by PKCE alone. */
    clientSecret: Secret.optional(),
  }),
  z.strictObject({ kind: z.literal('saml'), ...withDefaults, settings: SamlSettings }),
])
export type NewProvider = z.infer<typeof NewProvider>

/** What is left out stays; settings are whole, and of the provider's kind. */
export const ProviderEdit = z
  .strictObject({
    ...shared,
    settings: z.union([OidcSettings, SamlSettings]),
    clientSecret: Secret,
  })
  .partial()
  .refine((edit) => Object.keys(edit).length > 0, 'names nothing to change')
export type ProviderEdit = z.infer<typeof ProviderEdit>

/** A name of the public DNS: labels of letters, digits and dashes, at least two. */
export const EmailDomainName = z
  .string()
  .trim()
  .toLowerCase()
  .max(253, 'is longer than 253 characters')
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/,
    'is no domain like example.com',
  )
