// Asking: the question, whom, over which time.

import type { SiemKind, TargetLanguage } from '#domain/targets/port.ts'
import type { Problem } from '#kernel/problem.ts'
import { KIND_NAMES, LANGUAGE_NAMES } from '#kernel/siem.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, Field, Select, TextArea, type FieldProblems } from '#views/parts/field.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'
import { Problems } from '#views/rules/problems.tsx'

export interface TargetChoice {
  readonly id: string
  readonly name: string
  readonly kind: SiemKind
  readonly languages: readonly TargetLanguage[]
}

export interface Asked {
  readonly language: TargetLanguage
  readonly text: string
  readonly targetIds: readonly string[]
  /** Whatever is ticked one by one. */
  readonly isOfAll: boolean
  /** `24h`, or `custom` with the two times. */
  readonly last: string
  readonly from: string
  readonly to: string
  readonly rows: string
  /** Of rows kept. */
  readonly bytes: string
  /** Events each target may read; empty for no limit. */
  readonly scanned: string
  readonly purpose: string
}

export interface NewSearchPageProps {
  /** `/w/acme/searches`. */
  readonly path: string
  readonly targets: readonly TargetChoice[]
  readonly asked: Asked
  /** A rule that is asked instead of a text. */
  readonly rule: { readonly id: string; readonly title: string } | null
  readonly fields: FieldProblems
  readonly refusal: string | null
  readonly problems: readonly Problem[]
}

const RANGES = [
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['4h', 'Last 4 hours'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['custom', 'From and to, below'],
] as const
const ROWS = [
  ['100', '100 rows'],
  ['1000', '1 000 rows'],
  ['10000', '10 000 rows'],
  ['100000', '100 000 rows'],
  ['500000', '500 000 rows'],
] as const
const BYTES = [
  ['1048576', '1 MB'],
  ['16777216', '16 MB'],
  ['67108864', '64 MB'],
  ['536870912', '512 MB'],
] as const
const LANGUAGES = Object.entries(LANGUAGE_NAMES)

export const NewSearchPage = (props: NewSearchPageProps) => {
  const { path, targets, rule } = props
  return (
    <>
      <Head title="New search" />
      {props.refusal !== null && (
        <div class="problem">
          <Notice tone="bad" title="Not asked">
            {props.refusal}
          </Notice>
        </div>
      )}
      {props.problems.length > 0 && (
        <Panel title="What is wrong with it" id="problems">
          <Problems problems={props.problems} />
        </Panel>
      )}
      <form method="post" action={path} class="stack">
        {rule === null ? <QuestionPanel {...props} /> : <RulePanel {...rule} />}
        <TargetsPanel {...props} />
        <RangePanel {...props} />
        <div class="row">
          <Button
            kind="primary"
            icon="search"
            disabled={targets.length === 0}
            data-keys="mod+enter"
          >
            Ask
          </Button>
          <LinkButton href={path}>Back</LinkButton>
        </div>
      </form>
    </>
  )
}

const QuestionPanel = ({ asked, fields }: NewSearchPageProps) => (
  <Panel title="Question" id="question">
    <PanelBody>
      <Field name="language" label="Language" problems={fields}>
        {(attributes) => <Select {...attributes} value={asked.language} options={LANGUAGES} />}
      </Field>
      <Field
        name="text"
        label="Query"
        hint="A Sigma rule goes to every kind of target, each in its own language. A query goes to the targets that speak it."
        problems={fields}
      >
        {(attributes) => (
          <TextArea
            {...attributes}
            class="input mono editor-text"
            rows={10}
            spellcheck="false"
            required
            value={asked.text}
          />
        )}
      </Field>
    </PanelBody>
  </Panel>
)

const RulePanel = ({ id, title }: { id: string; title: string }) => (
  <Panel title="Rule" id="rule">
    <PanelBody>
      <input type="hidden" name="rule" value={id} />
      <p>
        <Foreign text={title} />
        <span class="muted"> is asked as what it is compiled to at each target.</span>
      </p>
    </PanelBody>
  </Panel>
)

const TargetsPanel = ({ targets, asked, fields }: NewSearchPageProps) => (
  <Panel title="Targets" id="targets">
    {targets.length === 0 ? (
      <Empty icon="server" title="There is no target to ask">
        An admin adds targets; the local one keeps events that you bring.
      </Empty>
    ) : (
      <PanelBody>
        {fields['targets'] !== undefined && <p class="error">{fields['targets']}</p>}
        {targets.length > 1 && (
          <Check
            name="all"
            value="yes"
            checked={asked.isOfAll}
            label={
              <>
                All targets{' '}
                <span class="muted small">
                  for a query, those that speak its language; whatever is ticked below
                </span>
              </>
            }
          />
        )}
        <div class="check-grid">
          {targets.map((target) => (
            <Check
              name="targets"
              value={target.id}
              checked={asked.targetIds.includes(target.id)}
              label={<TargetLabel {...target} />}
            />
          ))}
        </div>
      </PanelBody>
    )}
  </Panel>
)

const TargetLabel = ({ name, kind, languages }: TargetChoice) => (
  <>
    <Foreign text={name} />{' '}
    <span class="muted small">
      {KIND_NAMES[kind]}: {languages.map((one) => LANGUAGE_NAMES[one]).join(', ')}
    </span>
  </>
)

const RangePanel = ({ asked, fields }: NewSearchPageProps) => (
  <Panel title="Range and limits" id="range">
    <PanelBody>
      <div class="form-grid">
        <Field name="last" label="Time" problems={fields}>
          {(attributes) => <Select {...attributes} value={asked.last} options={RANGES} />}
        </Field>
        <Field name="rows" label="At most, from each target" problems={fields}>
          {(attributes) => <Select {...attributes} value={asked.rows} options={ROWS} />}
        </Field>
        <Field name="from" label="From (UTC)" hint="Only with “From and to”." problems={fields}>
          {(attributes) => (
            <input {...attributes} type="datetime-local" step="1" value={asked.from} />
          )}
        </Field>
        <Field name="to" label="To (UTC), not included" problems={fields}>
          {(attributes) => (
            <input {...attributes} type="datetime-local" step="1" value={asked.to} />
          )}
        </Field>
        <Field name="bytes" label="Kept at most, of each target" problems={fields}>
          {(attributes) => <Select {...attributes} value={asked.bytes} options={BYTES} />}
        </Field>
        <Field
          name="scanned"
          label="Events each target may read"
          hint="Empty for no limit. It is told to stop where it says how far it is."
          problems={fields}
        >
          {(attributes) => (
            <input {...attributes} inputmode="numeric" maxlength={15} value={asked.scanned} />
          )}
        </Field>
        <Field
          name="purpose"
          label="Why"
          hint="Stands in the audit log, and at the target where it can log it."
          problems={fields}
        >
          {(attributes) => <input {...attributes} maxlength={500} value={asked.purpose} />}
        </Field>
      </div>
    </PanelBody>
  </Panel>
)
