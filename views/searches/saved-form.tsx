// The name, the sharing and the schedule of a saved search.

import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'

export interface SavedFormProps {
  /** Where it posts to. */
  readonly path: string
  readonly name: string
  readonly isShared: boolean
  /** A pattern of the list, `custom`, or empty for by hand alone. */
  readonly cadence: string
  readonly cron: string
  readonly cadences: readonly (readonly [cron: string, words: string])[]
  readonly fields: FieldProblems
  readonly verb: string
}

export const SavedForm = (props: SavedFormProps) => (
  <Panel title="Name and schedule" id="schedule">
    <PanelBody>
      <form method="post" action={props.path} class="stack">
        <div class="form-grid">
          <Field name="name" label="Name" problems={props.fields}>
            {(attributes) => <input {...attributes} required maxlength={200} value={props.name} />}
          </Field>
          <Field name="cadence" label="Asked" problems={props.fields}>
            {(attributes) => (
              <Select
                {...attributes}
                value={props.cadence}
                options={[
                  ['', 'By hand alone'],
                  ...props.cadences,
                  ['custom', 'By a pattern, at the right'],
                ]}
              />
            )}
          </Field>
          <Field
            name="cron"
            label="Pattern"
            hint="Five fields as cron reads them, in UTC: 0 6 * * 1-5. At most every 5 minutes."
            problems={props.fields}
          >
            {(attributes) => <input {...attributes} maxlength={100} value={props.cron} />}
          </Field>
          <div class="field">
            <Check
              name="shared"
              value="yes"
              checked={props.isShared}
              label="Share it with everybody who may search here"
            />
          </div>
        </div>
        <div class="row">
          <Button kind="primary">{props.verb}</Button>
        </div>
      </form>
    </PanelBody>
  </Panel>
)

export const SaveSearchPage = ({
  title,
  back,
  refusal,
  form,
}: {
  title: string
  back: string
  refusal: string | null
  form: SavedFormProps
}) => (
  <>
    <Head title={title} actions={<LinkButton href={back}>Back</LinkButton>} />
    {refusal !== null && (
      <div class="problem">
        <Notice tone="bad" title="Not saved">
          {refusal}
        </Notice>
      </div>
    )}
    <SavedForm {...form} />
  </>
)
