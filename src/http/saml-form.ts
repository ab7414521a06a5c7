// The form of an identity provider by SAML: what it shows, and what an admin typed as what the domain
// takes. Its metadata are a form of their own once it is there.

import { z } from 'zod'
import { ROLES } from '#domain/access/permission.ts'
import type { SamlProvider } from '#domain/identity/port.ts'
import { SAML_PRESET_ROWS, SAML_PRESETS, type SamlPreset } from '#domain/identity/saml-names.ts'
import { SESSION_HOURS } from '#domain/identity/provider.ts'
import type { SamlSettings } from '#domain/identity/settings.ts'
import { linesOf, rightsOf } from './provider-form.ts'

const Line = z.string().max(1_000).default('')

const typed = {
  name: z.string().max(1_000),
  subjectAttribute: Line,
  emailAttribute: Line,
  nameAttribute: Line,
  groupsAttribute: Line,
  defaultRole: z.enum(['', ...ROLES]).default(''),
  groupRoles: z.string().max(40_000).default(''),
  sessionHours: z.string().max(20).default(String(SESSION_HOURS)),
  isEmailTrusted: z.literal('on').optional(),
}

export const NewSamlForm = z.strictObject({
  ...typed,
  id: z.string().max(100),
  preset: z.enum(SAML_PRESETS).default('generic'),
  metadata: z.string().max(300_000),
})

export const SamlForm = z.strictObject({
  ...typed,
  version: z.string().max(20),
  isEnabled: z.literal('on').optional(),
  signsRequests: z.literal('on').optional(),
})

/** As typed, or as it is. */
export type SamlValues = Omit<z.infer<typeof SamlForm>, 'version'>

/** What an admin says of one, beside its metadata. */
type Told = Pick<
  SamlSettings,
  'subjectAttribute' | 'emailAttribute' | 'nameAttribute' | 'groupsAttribute' | 'signsRequests'
>

export function emptySamlValues(preset: SamlPreset): SamlValues {
  const { label, names } = SAML_PRESET_ROWS[preset]
  return {
    name: preset === 'generic' ? '' : label,
    ...namesAsTyped(names),
    defaultRole: '',
    groupRoles: '',
    sessionHours: String(SESSION_HOURS),
    isEmailTrusted: 'on',
    isEnabled: 'on',
  }
}

export function samlValuesOf(provider: SamlProvider): SamlValues {
  const { name, settings, defaultRole, groupRoles, isEmailTrusted, isEnabled } = provider
  return {
    name,
    ...namesAsTyped(settings),
    defaultRole: defaultRole ?? '',
    groupRoles: linesOf(groupRoles),
    sessionHours: String(provider.sessionHours),
    ...(isEmailTrusted && { isEmailTrusted: 'on' as const }),
    ...(isEnabled && { isEnabled: 'on' as const }),
    ...(settings.signsRequests && { signsRequests: 'on' as const }),
  }
}

function namesAsTyped(names: Omit<Told, 'signsRequests'>) {
  return {
    subjectAttribute: names.subjectAttribute ?? '',
    emailAttribute: names.emailAttribute ?? '',
    nameAttribute: names.nameAttribute ?? '',
    groupsAttribute: names.groupsAttribute ?? '',
  }
}

/** What the domain's schema is to judge; `problem` where a line of groups cannot be read. */
export function samlInputOf(values: SamlValues) {
  const text = (value: string) => (value.trim() === '' ? null : value.trim())
  const settings: Told = {
    subjectAttribute: text(values.subjectAttribute),
    emailAttribute: text(values.emailAttribute),
    nameAttribute: text(values.nameAttribute),
    groupsAttribute: text(values.groupsAttribute),
    signsRequests: values.signsRequests === 'on',
  }
  return { ...rightsOf(values), settings }
}
