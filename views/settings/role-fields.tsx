// Role and flags as fields of a form: what each lets somebody do stands beside it.

import type { Role } from '#domain/access/permission.ts'
import { Check, Field, Select, type FieldProblems } from '#views/parts/field.tsx'

export interface RoleValues {
  readonly role: Role
  readonly isApprover: boolean
  readonly isAuditor: boolean
}

export const ROLE_WORDS: Readonly<Record<Role, readonly [label: string, may: string]>> = {
  admin: ['Admin', 'everything, members too'],
  engineer: ['Engineer', 'write and deploy rules'],
  analyst: ['Analyst', 'search, test, propose'],
  viewer: ['Viewer', 'read'],
}

export const ROLE_OPTIONS = (Object.keys(ROLE_WORDS) as Role[]).map((role) => {
  const [label, may] = ROLE_WORDS[role]
  return [role, `${label}: ${may}`] as const
})

export const RoleFields = (props: { values: RoleValues; problems?: FieldProblems }) => (
  <>
    <Field name="role" label="Role" problems={props.problems ?? {}}>
      {(attributes) => <Select {...attributes} value={props.values.role} options={ROLE_OPTIONS} />}
    </Field>
    <fieldset class="stack-s">
      <legend class="section-label">Beside the role</legend>
      <Check
        label="Approver: may sign changes"
        name="isApprover"
        checked={props.values.isApprover}
        aria-describedby="hint-approver"
      />
      <p class="muted small" id="hint-approver">
        Takes effect when another admin confirms it. Admins and engineers sign without it.
      </p>
      <Check
        label="Auditor: may read and export the audit log"
        name="isAuditor"
        checked={props.values.isAuditor}
      />
    </fieldset>
  </>
)
