// What every identity provider is told, by whatever protocol: its name, what its people are here, and
// whether it is in use.

import { Check, CodeArea, Field, Select, type FieldProblems } from '#views/parts/field.tsx'

/** As typed. */
export interface RightsValues {
  readonly name: string
  readonly defaultRole: string
  readonly groupRoles: string
  readonly sessionHours: string
  readonly isEmailTrusted?: 'on' | undefined
  readonly isEnabled?: 'on' | undefined
}

interface FieldsProps {
  readonly values: RightsValues
  readonly problems: FieldProblems
}

export const ProviderNameField = ({ values, problems }: FieldsProps) => (
  <Field name="name" label="Name" hint="As people read it on the sign-in page." problems={problems}>
    {(attributes) => (
      <input {...attributes} value={values.name} required maxlength={60} dir="auto" />
    )}
  </Field>
)

const ROLES = [
  ['', 'Nobody: only groups give a role'],
  ['viewer', 'Viewer'],
  ['analyst', 'Analyst'],
  ['engineer', 'Engineer'],
  ['admin', 'Admin'],
] as const

export const GroupRoleFields = ({ values, problems }: FieldsProps) => (
  <>
    <Field name="defaultRole" label="Role of whoever is in none of the groups" problems={problems}>
      {(attributes) => <Select {...attributes} value={values.defaultRole} options={ROLES} />}
    </Field>
    <Field
      name="groupRoles"
      label="Roles by group"
      hint="A line each: group = engineer, approver. The strongest role counts. An approver waits for another admin."
      problems={problems}
    >
      {(attributes) => (
        <CodeArea {...attributes} rows={5} maxlength={40000} value={values.groupRoles} />
      )}
    </Field>
  </>
)

export const SessionHoursField = ({ values, problems }: FieldsProps) => (
  <Field
    name="sessionHours"
    label="Sessions end after so many hours"
    hint="Then the provider is asked again: so long at most somebody who is suspended there stays in."
    problems={problems}
  >
    {(attributes) => (
      <input {...attributes} type="number" min={1} max={24} value={values.sessionHours} required />
    )}
  </Field>
)

export const TrustedCheck = ({ values }: { values: RightsValues }) => (
  <Check
    name="isEmailTrusted"
    checked={values.isEmailTrusted === 'on'}
    label="Its e-mail addresses count as verified. Only where nobody can give themselves another one."
  />
)

export const EnabledCheck = ({ values }: { values: RightsValues }) => (
  <Check name="isEnabled" checked={values.isEnabled === 'on'} label="People sign in with it." />
)
