// Where a new rule begins otherwise than with the usual template: with a rule of our own, or with an event
// that somebody has.

import type { EventField } from '#domain/rules/testing/from-event.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, CodeArea, Field } from '#views/parts/field.tsx'
import { clip } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'

export interface BeginPageProps {
  /** `/w/acme/rules/new`. */
  readonly path: string
  readonly templates: readonly { readonly path: string; readonly title: string }[]
  /** As it was pasted. */
  readonly event: string
  /** Of the event; null before there is one. */
  readonly fields: readonly EventField[] | null
  readonly refusal: string | null
}

export const BeginPage = (props: BeginPageProps) => (
  <>
    <Head
      title="Begin a rule"
      actions={<LinkButton href={props.path}>With an empty template</LinkButton>}
    />
    <div class="halves halves-wide">
      <FromEvent {...props} />
      <Panel title="From a rule of our own" id="templates" sub="they run as they are">
        <ul class="rows">
          {props.templates.map(({ path, title }) => (
            <li>
              <a class="grow" href={`${props.path}?template=${encodeURIComponent(path)}`} data-row>
                {title}
              </a>
              <span class="muted small mono">{path.split('/')[0]}</span>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  </>
)

const FromEvent = ({ path, event, fields, refusal }: BeginPageProps) => (
  <form method="post" action={`${path}/from`}>
    <Panel title="From an event" id="event">
      <PanelBody>
        {refusal !== null && (
          <Notice tone="bad" title="No event was read.">
            {refusal}
          </Notice>
        )}
        <Field name="event" label="Event" hint="One JSON object, as your SIEM shows it.">
          {(attributes) => <CodeArea {...attributes} value={event} rows={8} wrap="off" />}
        </Field>
        {fields !== null && <Fields fields={fields} />}
        <div class="row">
          {fields !== null && fields.length > 0 ? (
            <Button kind="primary">Make the rule</Button>
          ) : (
            <Button kind="primary">Show its fields</Button>
          )}
        </div>
      </PanelBody>
    </Panel>
  </form>
)

const Fields = ({ fields }: { fields: readonly EventField[] }) =>
  fields.length === 0 ? (
    <p class="muted">This event has no field with a single value.</p>
  ) : (
    <fieldset class="event-fields">
      <legend>What makes it suspicious</legend>
      {fields.map(({ name, value }) => (
        <div>
          <Check name="field" value={name} label={clip(name, 100)} />
          <bdi class="muted mono small break">{clip(String(value), 200)}</bdi>
        </div>
      ))}
    </fieldset>
  )
