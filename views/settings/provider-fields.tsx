// The fields of an identity provider by OpenID Connect: of each preset only those that it needs.

import { CodeArea, Field, type FieldProblems } from '#views/parts/field.tsx'
import {
  EnabledCheck,
  GroupRoleFields,
  SessionHoursField,
  ProviderNameField,
  TrustedCheck,
} from './provider-rights-fields.tsx'
import type { ProviderValues } from './provider-values.ts'

interface FieldsProps {
  readonly values: ProviderValues
  readonly problems: FieldProblems
  readonly isNew: boolean
}

export const ProviderFields = (props: FieldsProps) => (
  <>
    <input type="hidden" name="preset" value={props.values.preset} />
    <ProviderNameField {...props} />
    <Place {...props} />
    <Client {...props} />
    <Roles {...props} />
    <Rest {...props} />
  </>
)

const Place = ({ values, problems, isNew }: FieldsProps) => {
  if (values.preset === 'google') {
    return (
      <Field
        name="hostedDomain"
        label="Google Workspace domain"
        hint="Only accounts of this domain come in. Empty: any Google account with an address in the domains below."
        problems={problems}
      >
        {(attributes) => (
          <input {...attributes} value={values.hostedDomain} placeholder="example.com" />
        )}
      </Field>
    )
  }
  if (values.preset === 'entra' && isNew) {
    return (
      <Field
        name="tenant"
        label="Directory (tenant) id"
        hint="One tenant: common and organizations let in people of every company."
        problems={problems.issuer === undefined ? problems : { tenant: problems.issuer }}
      >
        {(attributes) => (
          <input
            {...attributes}
            value={values.tenant}
            required
            class="input mono"
            spellcheck={false}
          />
        )}
      </Field>
    )
  }
  const hint =
    values.preset === 'okta'
      ? 'Your Okta address, such as https://example.okta.com.'
      : 'Exactly as the provider writes it in its tokens.'
  return (
    <Field name="issuer" label="Issuer" hint={hint} problems={problems}>
      {(attributes) => (
        <input {...attributes} type="url" value={values.issuer} required spellcheck={false} />
      )}
    </Field>
  )
}

const Client = ({ values, problems, isNew }: FieldsProps) => (
  <>
    <Field name="clientId" label="Client id" problems={problems}>
      {(attributes) => (
        <input
          {...attributes}
          class="input mono"
          value={values.clientId}
          required
          spellcheck={false}
        />
      )}
    </Field>
    <Field
      name="clientSecret"
      label="Client secret"
      hint={
        isNew
          ? 'Sealed, and never shown again.'
          : 'Empty: the one there is stays. A new one is beside it until the provider took it. Another issuer voids both.'
      }
      problems={problems}
    >
      {(attributes) => (
        <input {...attributes} type="password" autocomplete="off" value="" maxlength={4096} />
      )}
    </Field>
    <Field
      name="secretExpiresAt"
      label="The secret ends on"
      hint="If the provider says so; you are warned a month before."
      problems={problems}
    >
      {(attributes) => <input {...attributes} type="date" value={values.secretExpiresAt} />}
    </Field>
  </>
)

const Roles = ({ values, problems }: FieldsProps) => (
  <>
    <GroupRoleFields values={values} problems={problems} />
    <Field name="groupsClaim" label="Claim that lists the groups" problems={problems}>
      {(attributes) => (
        <input
          {...attributes}
          class="input mono"
          value={values.groupsClaim}
          required
          spellcheck={false}
        />
      )}
    </Field>
  </>
)

const Rest = ({ values, problems }: FieldsProps) => (
  <>
    <Field
      name="scopes"
      label="More scopes"
      hint="Beside openid, email and profile; often the one that brings groups."
      problems={problems}
    >
      {(attributes) => (
        <input {...attributes} class="input mono" value={values.scopes} spellcheck={false} />
      )}
    </Field>
    {values.preset === 'generic' && (
      <Field
        name="ca"
        label="Certificates of a private authority"
        hint="PEM. Empty: the authorities of this machine."
        problems={problems}
      >
        {(attributes) => <CodeArea {...attributes} rows={3} value={values.ca} />}
      </Field>
    )}
    <SessionHoursField values={values} problems={problems} />
    {values.preset !== 'google' && <TrustedCheck values={values} />}
    <EnabledCheck values={values} />
  </>
)
