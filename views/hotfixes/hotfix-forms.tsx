// Making a hotfix, and breaking the glass.

import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, Select, TextArea, type FieldProblems } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'

export interface NewHotfixPageProps {
  /** Where the form goes, and the rule. */
  readonly path: string
  readonly back: string
  readonly rule: { readonly id: string; readonly title: string }
  readonly typed: {
    readonly kind: string
    /** A line each: `field: value`. */
    readonly values: string
    readonly hours: string
    readonly reason: string
  }
  /** At most. */
  readonly hoursMax: number
  readonly fields: FieldProblems
  readonly refusal: string | null
}

export const NewHotfixPage = (props: NewHotfixPageProps) => {
  const { path, back, rule, typed, fields, refusal } = props
  return (
    <>
      <Head
        title="New hotfix"
        meta={[rule.title]}
        actions={<LinkButton href={back}>Back to the rule</LinkButton>}
      />
      {refusal !== null && (
        <div class="standing">
          <Notice tone="bad" title="That was not done.">
            {refusal}
          </Notice>
        </div>
      )}
      <Panel title="What is done at once" id="what">
        <PanelBody>
          <form method="post" action={path} class="stack">
            <input type="hidden" name="rule" value={rule.id} />
            <Field name="kind" label="What" problems={fields}>
              {(attributes) => (
                <Select
                  {...attributes}
                  value={typed.kind}
                  options={[
                    ['exclude', 'Leave values out'],
                    ['pause', 'Pause the rule'],
                  ]}
                />
              )}
            </Field>
            <Field
              name="values"
              label="Values to leave out"
              hint="A line each: field: value. Events in which all of them stand are no longer found. Empty to pause."
              problems={fields}
            >
              {(attributes) => (
                <TextArea {...attributes} class="input mono" value={typed.values} rows={4} />
              )}
            </Field>
            <Field
              name="hours"
              label="Hours"
              hint={`Up to ${props.hoursMax}. Then what stood before is written back. It waits for no window.`}
              problems={fields}
            >
              {(attributes) => <Hours {...props} attributes={attributes} />}
            </Field>
            <Field name="reason" label="Reason" problems={fields}>
              {(attributes) => (
                <TextArea
                  {...attributes}
                  value={typed.reason}
                  rows={3}
                  maxlength={2_000}
                  required
                />
              )}
            </Field>
            <div class="row">
              <Button kind="primary">Deploy now</Button>
            </div>
          </form>
        </PanelBody>
      </Panel>
    </>
  )
}

type HoursProps = Pick<NewHotfixPageProps, 'hoursMax' | 'typed'> & {
  readonly attributes: Readonly<Record<string, unknown>>
}

const Hours = ({ hoursMax, typed, attributes }: HoursProps) => (
  <input
    {...attributes}
    type="number"
    min="0.25"
    max={String(hoursMax)}
    step="0.25"
    value={typed.hours}
    required
  />
)

export type BreakGlassPageProps = Pick<
  NewHotfixPageProps,
  'path' | 'back' | 'hoursMax' | 'fields' | 'refusal'
> & {
  readonly title: string
  readonly typed: { readonly hours: string; readonly reason: string }
}

export const BreakGlassPage = ({ path, back, title, typed, ...props }: BreakGlassPageProps) => (
  <>
    <Head
      title="Break the glass"
      meta={[title]}
      actions={<LinkButton href={back}>Back to the change</LinkButton>}
    />
    <div class="standing">
      <Notice tone="warn" title="This deploys the change before it is signed.">
        It waits for no window; all else is checked as ever. Every admin is told, somebody else has
        to look at it, and it is taken back at its end.
      </Notice>
    </div>
    {props.refusal !== null && (
      <div class="standing">
        <Notice tone="bad" title="That was not done.">
          {props.refusal}
        </Notice>
      </div>
    )}
    <Panel title="For how long, and why" id="why">
      <PanelBody>
        <form method="post" action={path} class="stack">
          <Field
            name="hours"
            label="Hours"
            hint={`Up to ${props.hoursMax}.`}
            problems={props.fields}
          >
            {(attributes) => (
              <Hours
                hoursMax={props.hoursMax}
                typed={{ kind: '', values: '', ...typed }}
                attributes={attributes}
              />
            )}
          </Field>
          <Field name="reason" label="Reason" problems={props.fields}>
            {(attributes) => (
              <TextArea {...attributes} value={typed.reason} rows={3} maxlength={2_000} required />
            )}
          </Field>
          <div class="row">
            <Button kind="danger">Deploy without signatures</Button>
          </div>
        </form>
      </PanelBody>
    </Panel>
  </>
)
