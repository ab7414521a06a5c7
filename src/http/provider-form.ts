// The form of an identity provider: what it shows, and what an admin typed as what the domain takes.

import { z } from 'zod'
import { ROLES, type Role } from '#domain/access/permission.ts'
import type { OidcProvider } from '#domain/identity/port.ts'
import { PRESETS, SESSION_HOURS, type GroupRole, type Preset } from '#domain/identity/provider.ts'
import { formatInstant } from '#kernel/time.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import type { RightsValues } from '#views/settings/provider-rights-fields.tsx'
import { problemsByField } from './input.ts'

/** As typed. */
export type ProviderValues = z.infer<typeof ProviderForm>

const Line = z.string().max(1_000)

export const ProviderForm = z.strictObject({
  id: z.string().max(100).optional(),
  version: z.string().max(20).optional(),
  preset: z.enum(PRESETS),
  name: Line,
  /** Of Entra ID on a new form: the tenant instead. */
  issuer: Line.default(''),
  tenant: Line.default(''),
  clientId: Line,
  clientSecret: z.string().max(10_000).default(''),
  secretExpiresAt: z.string().max(100).default(''),
  hostedDomain: Line.default(''),
  groupsClaim: Line.default('groups'),
  scopes: Line.default(''),
  ca: z.string().max(70_000).default(''),
  defaultRole: z.enum(['', ...ROLES]).default(''),
  groupRoles: z.string().max(40_000).default(''),
  sessionHours: z.string().max(20).default(String(SESSION_HOURS)),
  isEmailTrusted: z.literal('on').optional(),
  isEnabled: z.literal('on').optional(),
})

const FIELD_NAMES = {
  name: 'The name',
  issuer: 'The issuer',
  clientId: 'The client id',
  clientSecret: 'The client secret',
  secretExpiresAt: 'The day',
  hostedDomain: 'The domain',
  groupsClaim: 'The claim',
  scopes: 'One of them',
  ca: 'The text',
  groupRoles: 'The list',
  sessionHours: 'The time',
  subjectAttribute: 'The name',
  emailAttribute: 'The name',
  nameAttribute: 'The name',
  groupsAttribute: 'The name',
  signsRequests: 'The choice',
}

const GOOGLE = 'https://accounts.google.com'

export function emptyValues(preset: Preset): ProviderValues {
  return {
    preset,
    name: { okta: 'Okta', entra: 'Entra ID', google: 'Google', generic: '' }[preset],
    issuer: preset === 'google' ? GOOGLE : '',
    tenant: '',
    clientId: '',
    clientSecret: '',
    secretExpiresAt: '',
    hostedDomain: '',
    groupsClaim: preset === 'entra' ? 'roles' : 'groups',
    scopes: preset === 'okta' ? 'groups' : '',
    ca: '',
    defaultRole: '',
    groupRoles: '',
    sessionHours: String(SESSION_HOURS),
    isEnabled: 'on',
    // A tenant of Entra ID is its company's own, and does not say that addresses are verified.
    ...(preset === 'entra' && { isEmailTrusted: 'on' as const }),
  }
}

export function valuesOf(provider: OidcProvider): ProviderValues {
  const { settings, groupRoles, secretExpiresAt, preset, name, version } = provider
  return {
    version: String(version),
    preset,
    name,
    issuer: settings.issuer,
    tenant: '',
    clientId: settings.clientId,
    clientSecret: '',
    secretExpiresAt: secretExpiresAt === null ? '' : formatInstant(secretExpiresAt).slice(0, 10),
    hostedDomain: settings.hostedDomain ?? '',
    groupsClaim: settings.groupsClaim,
    scopes: settings.scopes.join(' '),
    ca: settings.ca ?? '',
    defaultRole: provider.defaultRole ?? '',
    groupRoles: linesOf(groupRoles),
    sessionHours: String(provider.sessionHours),
    ...(provider.isEmailTrusted && { isEmailTrusted: 'on' as const }),
    ...(provider.isEnabled && { isEnabled: 'on' as const }),
  }
}

export const linesOf = (groupRoles: readonly GroupRole[]): string =>
  groupRoles.map(lineOf).join('\n')

function lineOf({ group, role, isApprover, isAuditor }: GroupRole): string {
  const flags = [isApprover && 'approver', isAuditor && 'auditor'].filter(Boolean)
  return `${group} = ${[role, ...flags].join(', ')}`
}

/** What stands in the form of every protocol; `problem` where a line of groups cannot be read. */
export function rightsOf(values: RightsValues & { readonly defaultRole: Role | '' }) {
  const { groups, problem } = readGroups(values.groupRoles)
  const shared = {
    name: values.name,
    isEnabled: values.isEnabled === 'on',
    isEmailTrusted: values.isEmailTrusted === 'on',
    defaultRole: values.defaultRole === '' ? null : values.defaultRole,
    groupRoles: groups,
    sessionHours: Number(values.sessionHours),
  }
  return { shared, problem }
}

/** What the domain's schema is to judge; `problem` as of `rightsOf`. */
export function inputOf(values: ProviderValues): {
  readonly shared: Record<string, unknown>
  readonly settings: Record<string, unknown>
  readonly problem: string | undefined
} {
  const { shared, problem } = rightsOf(values)
  const text = (value: string) => (value.trim() === '' ? null : value.trim())
  return {
    problem,
    shared: {
      ...shared,
      secretExpiresAt: text(values.secretExpiresAt),
      ...(values.clientSecret !== '' && { clientSecret: values.clientSecret }),
    },
    settings: {
      issuer: issuerOf(values),
      clientId: values.clientId,
      groupsClaim: values.groupsClaim,
      scopes: values.scopes.split(/[\s,]+/).filter((one) => one !== ''),
      hostedDomain: text(values.hostedDomain),
      ca: text(values.ca.replaceAll('\r\n', '\n')),
    },
  }
}

function issuerOf({ preset, issuer, tenant }: ProviderValues): string {
  if (preset === 'google') return GOOGLE
  const typed = tenant.trim()
  if (preset !== 'entra' || typed === '') return issuer.trim()
  return `https://login.microsoftonline.com/${encodeURIComponent(typed)}/v2.0`
}

interface ReadGroups {
  readonly groups: readonly GroupRole[]
  readonly problem: string | undefined
}

/** `group = role, approver, auditor`, a line each. The last `=` counts: names may hold some. */
function readGroups(text: string): ReadGroups {
  const groups: GroupRole[] = []
  for (const line of text.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const at = line.lastIndexOf('=')
    const group = line.slice(0, at).trim()
    const [role = '', ...flags] = line
      .slice(at + 1)
      .split(',')
      .map((word) => word.trim().toLowerCase())
    const isRole = (ROLES as readonly string[]).includes(role)
    const isFlag = flags.every((flag) => flag === 'approver' || flag === 'auditor')
    if (at < 1 || group === '' || !isRole || !isFlag) {
      const shown = line.trim().slice(0, 80)
      return { groups, problem: `“${shown}” cannot be read: write group = engineer, approver.` }
    }
    const [isApprover, isAuditor] = [flags.includes('approver'), flags.includes('auditor')]
    groups.push({ group, role: role as Role, isApprover, isAuditor })
  }
  return { groups, problem: undefined }
}

/** Those of settings stand in their fields. */
export function providerProblems(error: z.ZodError): FieldProblems {
  const issues = error.issues.map((issue) => ({
    ...issue,
    path: issue.path[0] === 'settings' ? issue.path.slice(1) : issue.path,
  }))
  return problemsByField(new z.ZodError(issues), FIELD_NAMES)
}
