// Writing an exclusion: from an event whose fields are ticked, or as text. Each step is a form of its
// own, so all of it works without script, and nothing typed is lost when something is refused.

import type { EventValue } from '#domain/rules/exclusions/event.ts'
import type { Problem } from '#kernel/problem.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, CodeArea, Field } from '#views/parts/field.tsx'
import { clip } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Problems } from '#views/rules/problems.tsx'

export interface ExclusionFormProps {
  /** Where the form goes, and where one goes back to. */
  readonly path: string
  readonly back: string
  readonly title: string
  readonly rule: { readonly id: string; readonly title: string } | null
  readonly text: string
  readonly owner: string
  readonly reason: string
  /** `YYYY-MM-DD`. */
  readonly ends: string
  readonly lastDay: string
  /** Of an exclusion that is there: over which version, and why it is changed. */
  readonly edit: { readonly version: number; readonly why: string } | null
  /** The event that was pasted, and its fields to tick; null before. */
  readonly event: {
    readonly text: string
    readonly fields: readonly (readonly [field: string, value: EventValue])[]
    readonly ticked: ReadonlySet<string>
  } | null
  readonly refusal: string | null
  readonly problems: readonly Problem[]
}

export const ExclusionFormPage = (props: ExclusionFormProps) => (
  <>
    <Head
      title={props.title}
      meta={props.rule ? [<span dir="auto">Over {clip(props.rule.title, 120)}</span>] : []}
    />
    <form method="post" action={props.path} class="stack">
      {/* What the enter key means in any field. */}
      <Button class="vh" name="act" value="save" tabindex={-1} aria-hidden="true">
        Save
      </Button>
      {props.refusal !== null && (
        <Notice tone="bad" title="This was not saved.">
          {props.refusal}
        </Notice>
      )}
      {props.rule && <input type="hidden" name="rule" value={props.rule.id} />}
      {props.edit && <input type="hidden" name="version" value={props.edit.version} />}
      <div class="halves halves-wide">
        <div class="stack">
          <TextPanel {...props} />
          {props.problems.length > 0 && (
            <Panel title="Problems" id="found">
              <Problems problems={props.problems} />
            </Panel>
          )}
        </div>
        <div class="stack">
          {props.edit === null && props.rule !== null && <EventPanel {...props} />}
          <TermsPanel {...props} />
        </div>
      </div>
    </form>
  </>
)

const TextPanel = ({ text }: ExclusionFormProps) => (
  <Panel title="What shall be excluded" id="filter">
    <PanelBody>
      <Field
        name="text"
        label="Text"
        hint="A Sigma filter over rules named by id. What the condition does not hold for is no longer found."
      >
        {(attributes) => (
          <CodeArea
            {...attributes}
            value={text}
            rows={18}
            required
            autocapitalize="off"
            wrap="off"
          />
        )}
      </Field>
    </PanelBody>
  </Panel>
)

const EventPanel = ({ event }: ExclusionFormProps) => (
  <Panel title="From an event" id="event">
    <PanelBody>
      <Field
        name="event"
        label="Event"
        hint="One JSON object that the rule found and should not have."
      >
        {(attributes) => <CodeArea {...attributes} value={event?.text ?? ''} rows={5} />}
      </Field>
      {event !== null && (
        <fieldset class="stack-s">
          <legend>Fields that make it harmless</legend>
          {event.fields.map(([field, value]) => (
            <div class="break">
              <Check
                name="field"
                value={field}
                label={`${field}: ${clip(String(value), 120)}`}
                checked={event.ticked.has(field)}
              />
            </div>
          ))}
        </fieldset>
      )}
      <div class="row">
        <Button name="act" value="fields" formnovalidate>
          Show its fields
        </Button>
        {event !== null && (
          <Button name="act" value="write" formnovalidate>
            Write the text from what is ticked
          </Button>
        )}
      </div>
    </PanelBody>
  </Panel>
)

const TermsPanel = ({ owner, reason, ends, lastDay, edit, back }: ExclusionFormProps) => (
  <Panel title="Terms" id="terms">
    <PanelBody>
      <Field name="owner" label="Owner" hint="Who is asked about it. An e-mail address.">
        {(attributes) => (
          <input {...attributes} type="email" value={owner} required maxlength={254} />
        )}
      </Field>
      <Field name="reason" label="Why this is harmless">
        {(attributes) => (
          <input {...attributes} type="text" value={reason} required maxlength={2_000} />
        )}
      </Field>
      <Field name="ends" label="Last day" hint={`Up to ${lastDay}, 90 days from now.`}>
        {(attributes) => <input {...attributes} type="date" value={ends} max={lastDay} required />}
      </Field>
      {edit !== null && (
        <Field name="why" label="Why it is changed" hint="Kept with this version.">
          {(attributes) => <input {...attributes} type="text" value={edit.why} maxlength={2_000} />}
        </Field>
      )}
      <div class="row">
        <Button kind="primary" name="act" value="save">
          {edit === null ? 'Exclude' : 'Save'}
        </Button>
        <LinkButton href={back} kind="quiet">
          Cancel
        </LinkButton>
      </div>
    </PanelBody>
  </Panel>
)
