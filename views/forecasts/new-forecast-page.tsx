// Asking for a forecast: of which rules, on which target, over which days, within which budget.

import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { TitleRows } from '#views/rules/titles.tsx'

export interface NewForecastPageProps {
  /** `/w/acme/forecasts`, and of the list of rules as it was. */
  readonly path: string
  readonly back: string
  /** What is sent again to name the same rules. */
  readonly chosen: Readonly<Record<string, string>>
  readonly count: number
  /** More rules are refused. */
  readonly most: number
  /** Names of the first of them. */
  readonly titles: readonly string[]
  readonly targets: readonly { readonly id: string; readonly name: string }[]
  readonly asked: {
    readonly target: string
    readonly days: string
    readonly atOnce: string
    readonly perHour: string
  }
  readonly fields: FieldProblems
  readonly refusal: string | null
}

export const NewForecastPage = (props: NewForecastPageProps) => (
  <>
    <Head
      title="New forecast"
      meta={['Queries are asked over past days; nothing is deployed']}
      actions={<LinkButton href={props.back}>Back to the list</LinkButton>}
    />
    {props.refusal !== null && (
      <Notice tone="bad" title="That was not asked.">
        {props.refusal}
      </Notice>
    )}
    {props.count === 0 ? (
      <Panel>
        <Empty icon="list-checks" title="No rule is ticked">
          Tick rules in the list, or all that match its filter.
        </Empty>
      </Panel>
    ) : (
      <div class="halves halves-wide">
        <Panel title="How it is asked" id="how">
          <PanelBody>
            <Form {...props} />
          </PanelBody>
        </Panel>
        <Which {...props} />
      </div>
    )}
  </>
)

const Form = ({ path, chosen, targets, asked, fields }: NewForecastPageProps) => (
  <form method="post" action={path} class="stack">
    {Object.entries(chosen).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <Field name="on" label="Target" problems={fields}>
      {(attributes) => (
        <Select
          {...attributes}
          value={asked.target}
          options={targets.map(({ id, name }) => [id, name] as const)}
        />
      )}
    </Field>
    <Field name="days" label="Days" hint="How far back: 1 to 90." problems={fields}>
      {(attributes) => (
        <input {...attributes} type="number" min="1" max="90" value={asked.days} required />
      )}
    </Field>
    <Field
      name="atOnce"
      label="Searches at a time"
      hint="1 to 10. More is sooner, and more load for the target."
      problems={fields}
    >
      {(attributes) => (
        <input {...attributes} type="number" min="1" max="10" value={asked.atOnce} required />
      )}
    </Field>
    <Field
      name="perHour"
      label="Searches within an hour"
      hint="At most so many begin; the rest waits for the next hour."
      problems={fields}
    >
      {(attributes) => (
        <input {...attributes} type="number" min="1" max="3600" value={asked.perHour} required />
      )}
    </Field>
    <div class="row">
      <Button kind="primary">Ask</Button>
    </div>
  </form>
)

const Which = ({ titles, most, count: total }: NewForecastPageProps) => (
  <Panel title="Which rules" id="which" sub={count(total, 'rule')}>
    {total > most && (
      <Notice tone="warn" title={`A forecast takes at most ${most} rules.`}>
        Narrow the list.
      </Notice>
    )}
    <TitleRows titles={titles} total={total} />
  </Panel>
)
