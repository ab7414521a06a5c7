// What an admin says of a provider by SAML beside its metadata: what it calls the attributes of somebody,
// and what its people are here.

import type { SamlNames } from '#domain/identity/saml-names.ts'
import { Check, Field, type FieldProblems } from '#views/parts/field.tsx'
import {
  EnabledCheck,
  GroupRoleFields,
  SessionHoursField,
  ProviderNameField,
  TrustedCheck,
  type RightsValues,
} from './provider-rights-fields.tsx'

/** As typed. */
export interface SamlValues extends RightsValues {
  readonly subjectAttribute: string
  readonly emailAttribute: string
  readonly nameAttribute: string
  readonly groupsAttribute: string
  readonly signsRequests?: 'on' | undefined
}

/** What presets call each attribute, to choose from. */
export type KnownNames = Readonly<Record<keyof SamlNames, readonly string[]>>

interface FieldsProps {
  readonly values: SamlValues
  readonly known: KnownNames
  readonly problems: FieldProblems
}

const NAMES: readonly (readonly [keyof SamlNames, string, string])[] = [
  [
    'subjectAttribute',
    'Attribute that names somebody',
    'It never changes and is given to nobody else. Empty: the NameID.',
  ],
  ['emailAttribute', 'Attribute of the e-mail address', 'Empty: the usual names are looked for.'],
  ['nameAttribute', 'Attribute of the name', 'Empty: the usual names, or first and last name.'],
  ['groupsAttribute', 'Attribute that lists the groups', 'Empty: the usual names.'],
]

export const SamlRights = ({ values, known, problems }: FieldsProps) => (
  <>
    {NAMES.map(([name, label, hint]) => (
      <Field name={name} label={label} hint={hint} problems={problems}>
        {(attributes) => (
          <>
            <input
              {...attributes}
              class="input mono"
              value={values[name]}
              maxlength={500}
              list={`usual-${name}`}
              spellcheck={false}
              autocapitalize="off"
            />
            <datalist id={`usual-${name}`}>
              {known[name].map((one) => (
                <option value={one} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    ))}
    <GroupRoleFields values={values} problems={problems} />
    <SessionHoursField values={values} problems={problems} />
    <TrustedCheck values={values} />
  </>
)

/** Of one that is there. */
export const SamlFields = (props: FieldsProps) => (
  <>
    <ProviderNameField {...props} />
    <SamlRights {...props} />
    <Check
      name="signsRequests"
      checked={props.values.signsRequests === 'on'}
      label="Requests to it are signed by our key, which is among our metadata."
    />
    {props.problems['signsRequests'] && <p class="error">{props.problems['signsRequests']}</p>}
    <EnabledCheck values={props.values} />
  </>
)
