// One row of a mapping: adding and changing it.

import type { SiemKind } from '#domain/targets/port.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { CodeArea, Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { TargetHead, type TargetHeadProps } from '#views/targets/target-head.tsx'
import { PLACE_WORDS } from './words.tsx'

export interface RowPageProps extends TargetHeadProps {
  /** `/w/acme/targets/tgt_…/mapping`. */
  readonly mapping: string
  readonly typed: Readonly<Record<string, string>>
  readonly problems: FieldProblems
  readonly isThere: boolean
}

export const FieldPage = (props: RowPageProps) => {
  const { typed, problems, isThere, mapping } = props
  return (
    <Page {...props} title={isThere ? 'Change a field' : 'Add a field'}>
      <form method="post" action={`${mapping}/field`} class="stack">
        <Hidden {...props} />
        {isThere && (
          <input type="hidden" name="wasField" value={typed['wasField'] ?? typed['field'] ?? ''} />
        )}
        <TextField name="field" label="Field of rules" example="Image" {...{ typed, problems }} />
        <Field
          name="to"
          label="Called there"
          hint="Several names, one a line: any of them may hold the value."
          {...{ problems }}
        >
          {(attributes) => <CodeArea {...attributes} rows={2} value={typed['to'] ?? ''} />}
        </Field>
        <p class="hint">For rules of this log source; leave all empty for every one.</p>
        <KeyFields {...props} />
        <Foot mapping={mapping} />
      </form>
    </Page>
  )
}

export const SourcePage = (props: RowPageProps) => {
  const { typed, problems, isThere, mapping, target } = props
  const place = PLACE_WORDS[target.kind]
  return (
    <Page {...props} title={isThere ? 'Change a log source' : 'Add a log source'}>
      <form method="post" action={`${mapping}/source`} class="stack">
        <Hidden {...props} />
        {isThere && <input type="hidden" name="isThere" value="yes" />}
        <p class="hint">Rules that name all of this; leave the rest empty.</p>
        <KeyFields {...props} />
        <Field
          name="places"
          label={place}
          hint={`One a line; ${PLACE_HINTS[target.kind]}`}
          {...{ problems }}
        >
          {(attributes) => <CodeArea {...attributes} rows={2} value={typed['places'] ?? ''} />}
        </Field>
        <Field
          name="conditions"
          label="Conditions"
          hint="What marks its events there: one a line, as sourcetype = WinEventLog. A bare number is a number, “4688” in quotes a text."
          {...{ problems }}
        >
          {(attributes) => <CodeArea {...attributes} rows={4} value={typed['conditions'] ?? ''} />}
        </Field>
        <Field
          name="isReplacing"
          label="What the product’s pipelines say of it"
          hint="When only this counts, fields keep their names unless they have a row."
          {...{ problems }}
        >
          {(attributes) => (
            <Select {...attributes} value={typed['isReplacing'] ?? 'no'} options={REPLACING} />
          )}
        </Field>
        <Foot mapping={mapping} />
      </form>
    </Page>
  )
}

const REPLACING = [
  ['no', 'stays: this is asked for beside it'],
  ['yes', 'does not count: only this does'],
] as const

const PLACE_HINTS: Readonly<Record<SiemKind, string>> = {
  local: 'any of them may hold the events.',
  splunk: 'any of them may hold the events. ${index.windows} stands for a parameter of the target.',
  sentinel: 'one table, or a function that is called like one.',
  defender: 'one table.',
  elastic: 'names or patterns such as logs-endpoint.*.',
  opensearch: 'names or patterns such as winlogbeat-*.',
}

const Page = (props: RowPageProps & { title: string; children?: unknown }) => (
  <>
    <TargetHead {...props} />
    <div class="narrow">
      <Panel title={props.title} id="row">
        <PanelBody>{props.children as never}</PanelBody>
      </Panel>
    </div>
  </>
)

/** What the row was, so that it is found again when its name changes. */
const Hidden = ({ typed, isThere }: RowPageProps) => (
  <>
    <input type="hidden" name="over" value={typed['over'] ?? '0'} />
    {isThere &&
      KEYS.map(([name]) => {
        const was = `was${name[0]!.toUpperCase()}${name.slice(1)}`
        return <input type="hidden" name={was} value={typed[was] ?? typed[name] ?? ''} />
      })}
  </>
)

const KEYS = [
  ['product', 'Product', 'windows'],
  ['category', 'Category', 'process_creation'],
  ['service', 'Service', 'security'],
] as const

const KeyFields = ({ typed, problems }: RowPageProps) => (
  <>
    {KEYS.map(([name, label, example]) => (
      <TextField {...{ name, label, example, typed, problems }} />
    ))}
  </>
)

const TextField = (
  props: Pick<RowPageProps, 'typed' | 'problems'> & {
    name: string
    label: string
    example: string
  },
) => (
  <Field name={props.name} label={props.label} problems={props.problems}>
    {(attributes) => (
      <input
        {...attributes}
        value={props.typed[props.name] ?? ''}
        placeholder={props.example}
        spellcheck={false}
        autocomplete="off"
      />
    )}
  </Field>
)

const Foot = ({ mapping }: { mapping: string }) => (
  <div class="row">
    <Button kind="primary">Take into the draft</Button>
    <LinkButton href={mapping}>Back</LinkButton>
  </div>
)
