// What the rules of a target build on: macros, lookups, lists; how many rules a change of each would reach.

import type { Dependency, DependencyKind, DependencyState } from '#domain/adoption/dependency.ts'
import type { Target } from '#domain/targets/target.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Field, Select, TextArea } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

const KINDS: Readonly<Record<DependencyKind, string>> = {
  macro: 'macro',
  lookup: 'lookup',
  datamodel: 'data model',
  watchlist: 'watchlist',
  saved_search: 'saved search',
  function: 'function',
  automation_rule: 'automation rule',
  playbook: 'playbook',
  exception_list: 'exception list',
  connector: 'connector',
  data_view: 'data view',
  ml_job: 'machine learning job',
}

const STATES: Readonly<Record<DependencyState, readonly [Tone, string]>> = {
  told: ['ok', 'known'],
  given: ['accent', 'given by hand'],
  missing: ['bad', 'not there'],
  untold: ['unknown', 'not told'],
}

const COLUMNS = [
  { label: 'Name' },
  { label: 'Kind' },
  { label: 'State' },
  { label: 'A change reaches' },
  { label: 'Changed' },
]

/** `path` is the inventory of the target. */
const Rows = (props: { label: string; path: string; items: readonly Dependency[] }) => (
  <Table label={props.label} columns={COLUMNS} isStacked>
    {props.items.map((one) => (
      <tr>
        <th scope="row" class="wrap">
          <Name of={one} />
        </th>
        <td>{KINDS[one.kind]}</td>
        <td>
          <Badge tone={STATES[one.state][0]}>{STATES[one.state][1]}</Badge>
        </td>
        <td>
          <a href={`${props.path}?dependency=${one.id}`}>{count(one.rules, 'rule')}</a>
        </td>
        <td class="nowrap">
          {one.version === 0 ? <span class="muted">unknown</span> : <Time at={one.changedAt} />}
        </td>
      </tr>
    ))}
  </Table>
)

/** What people call it first, and what rules call it. */
const Name = ({ of: { name, title } }: { of: Dependency }) => (
  <>
    {title !== null && (
      <>
        <Foreign text={title} class="break" />
        <br />
      </>
    )}
    <span class="mono small">
      <Foreign text={name} class="break" />
    </span>
  </>
)

export const DependencyPanel = (props: { path: string; items: readonly Dependency[] }) =>
  props.items.length === 0 ? null : (
    <Panel title="Builds on" id="dependencies">
      <Rows label="What it builds on" {...props} />
    </Panel>
  )

export interface DependenciesShown {
  readonly path: string
  readonly target: Target
  readonly items: readonly Dependency[]
  readonly first: string | null
  readonly next: string | null
  readonly mayGive: boolean
}

export const DependenciesPage = ({ shown }: { shown: DependenciesShown }) => (
  <>
    <Head title="What rules build on" meta={[<>on {shown.target.name}</>]} />
    <div class="stack">
      <section class="panel" aria-label="Dependencies">
        {shown.items.length === 0 ? (
          <Empty icon="layers" title="Nothing known">
            When the rules are read, what they build on is read with them, as far as the target
            tells.
          </Empty>
        ) : (
          <Rows label="What rules build on" path={shown.path} items={shown.items} />
        )}
        {(shown.first ?? shown.next) !== null && (
          <Pager shown="" first={shown.first} next={shown.next} words={['First', 'Next']} />
        )}
      </section>
      {shown.mayGive && <GiveForm path={shown.path} />}
    </div>
  </>
)

const GIVEN: readonly (readonly [DependencyKind, string])[] = (
  ['macro', 'lookup', 'datamodel', 'watchlist', 'function', 'saved_search', 'ml_job'] as const
).map((kind) => [kind, KINDS[kind]])

const GiveForm = ({ path }: { path: string }) => (
  <Panel title="Say what the target does not tell" id="give">
    <form method="post" action={`${path}/dependencies`}>
      <PanelBody>
        <div class="stack">
          <p class="muted">
            It is kept version by version. Once the target tells of it, that holds.
          </p>
          <Field name="kind" label="Kind">
            {(attributes) => <Select {...attributes} value="macro" options={GIVEN} />}
          </Field>
          <Field name="name" label="Name" hint="As rules call it.">
            {(attributes) => <input {...attributes} required maxlength={500} />}
          </Field>
          <Field name="definition" label="What it is">
            {(attributes) => <TextArea {...attributes} value="" required rows={4} />}
          </Field>
          <Field name="arguments" label="Arguments" hint="Of a macro, with commas between them.">
            {(attributes) => <input {...attributes} maxlength={2_000} />}
          </Field>
        </div>
      </PanelBody>
      <div class="panel-foot">
        <Button>Keep it</Button>
      </div>
    </form>
  </Panel>
)
