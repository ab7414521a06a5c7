// Writing a reference list: one value a line. What was typed is kept when it is refused.

import type { Problem } from '#kernel/problem.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { CodeArea, Field, Select } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Problems } from '#views/rules/problems.tsx'

export interface ListFormProps {
  /** Where the form goes, and where one goes back to. */
  readonly path: string
  readonly back: string
  readonly name: string
  /** One value a line. */
  readonly text: string
  readonly about: string
  readonly shape: string
  readonly valuesMax: string
  readonly owner: string
  /** `YYYY-MM-DD`. */
  readonly reviewBy: string
  readonly lastDay: string
  /** Of a list that is there. */
  readonly edit: { readonly id: string; readonly version: number; readonly why: string } | null
  readonly refusal: string | null
  readonly problems: readonly Problem[]
}

const SHAPES = [
  ['text', 'Text, taken as it is'],
  ['number', 'Numbers'],
  ['address', 'IP addresses'],
  ['network', 'Networks such as 10.0.0.0/8'],
] as const

export const ListFormPage = (props: ListFormProps) => {
  const { edit, refusal, problems } = props
  return (
    <>
      <Head title={edit === null ? 'New reference list' : `Edit ${props.name}`} />
      <form method="post" action={props.path} class="stack">
        {refusal !== null && (
          <Notice tone="bad" title="This was not saved.">
            {refusal}
          </Notice>
        )}
        {edit && <input type="hidden" name="version" value={edit.version} />}
        <div class="halves halves-wide">
          <div class="stack">
            <Panel title="Values" id="values">
              <PanelBody>
                <Field
                  name="text"
                  label="One value a line"
                  hint="Empty lines and lines that begin with # are left out. An asterisk is an asterisk."
                >
                  {(attributes) => (
                    <CodeArea {...attributes} value={props.text} rows={20} required wrap="off" />
                  )}
                </Field>
              </PanelBody>
            </Panel>
            {problems.length > 0 && (
              <Panel title="Problems" id="found">
                <Problems problems={problems} />
              </Panel>
            )}
          </div>
          <TermsPanel {...props} />
        </div>
      </form>
    </>
  )
}

const TermsPanel = (props: ListFormProps) => (
  <Panel title="Terms" id="terms">
    <PanelBody>
      {props.edit === null && (
        <Field name="name" label="Name" hint="Letters, digits and underscores. It never changes.">
          {(attributes) => (
            <input
              {...attributes}
              class="input mono"
              value={props.name}
              required
              maxlength={64}
              pattern="\w+"
            />
          )}
        </Field>
      )}
      <Field name="about" label="What it is for">
        {(attributes) => <input {...attributes} value={props.about} maxlength={2_000} />}
      </Field>
      <Field name="shape" label="Values are">
        {(attributes) => <Select {...attributes} value={props.shape} options={SHAPES} />}
      </Field>
      <Field
        name="valuesMax"
        label="At most"
        hint="A list that grows unseen lets a rule see less unseen."
      >
        {(attributes) => (
          <input
            {...attributes}
            type="number"
            min={1}
            max={5_000}
            value={props.valuesMax}
            required
          />
        )}
      </Field>
      <Field name="owner" label="Owner" hint="Who is asked about it. An e-mail address.">
        {(attributes) => (
          <input {...attributes} type="email" value={props.owner} required maxlength={254} />
        )}
      </Field>
      <Field
        name="reviewBy"
        label="Look at it again by"
        hint={`Up to ${props.lastDay}. Nothing changes by itself then; it is shown as overdue.`}
      >
        {(attributes) => (
          <input {...attributes} type="date" value={props.reviewBy} max={props.lastDay} required />
        )}
      </Field>
      {props.edit !== null && (
        <Field name="why" label="Why it is changed" hint="Kept with this version.">
          {(attributes) => <input {...attributes} value={props.edit!.why} maxlength={2_000} />}
        </Field>
      )}
      <div class="row">
        <Button kind="primary">{props.edit === null ? 'Keep the list' : 'Save'}</Button>
        <LinkButton href={props.back} kind="quiet">
          Cancel
        </LinkButton>
      </div>
    </PanelBody>
  </Panel>
)
