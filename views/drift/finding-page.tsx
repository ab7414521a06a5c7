// One finding of drift: each field before and after, who changed it, and what is to become of it.

import type { Drift } from '#domain/deployments/drift.ts'
import type { Json } from '#kernel/json.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button } from '#views/parts/button.tsx'
import { Field, Select, TextArea } from '#views/parts/field.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { ExactTime, Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { ChangedThere } from './drift-page.tsx'
import { DriftBadge } from './words.tsx'

/** A place that both sides changed, in words. */
export interface Contested {
  readonly path: string
  readonly base: string | null
  readonly mine: string | null
  readonly theirs: string | null
}

export interface FindingProps {
  /** `/w/acme/drift/drf_…`, and of rules, targets and changes. */
  readonly path: string
  readonly rules: string
  readonly targets: string
  readonly changes: string
  readonly drift: Drift
  readonly contested: readonly Contested[]
  readonly mayResolve: boolean
}

export const FindingPage = (props: FindingProps) => {
  const { drift, contested } = props
  return (
    <>
      <Head
        title={drift.ruleTitle ?? drift.name}
        badge={<DriftBadge of={drift} />}
        meta={[<>on {drift.targetName}</>, <>found {<Time at={drift.foundAt} />}</>]}
      />
      <div class="stack">
        {drift.notices.map((notice) => (
          <Notice tone="warn" title={clip(notice, 300)} />
        ))}
        {contested.length > 0 && <ContestedPanel items={contested} />}
        <div class="halves halves-wide">
          <div class="stack">
            <Differences of={drift} />
          </div>
          <div class="stack">
            <Decision {...props} />
            <Panel title="Facts" id="facts">
              <PanelBody>
                <Facts facts={factsOf(props)} />
              </PanelBody>
            </Panel>
          </div>
        </div>
      </div>
    </>
  )
}

const FIELD_COLUMNS = [{ label: 'Field' }, { label: 'Is to be' }, { label: 'Is there' }]

const Differences = ({ of }: { of: Drift }) => (
  <Panel
    title="What differs"
    id="differences"
    sub={of.kind === 'missing' ? undefined : count(of.fields.length, 'field')}
  >
    {of.kind === 'missing' ? (
      <PanelBody>
        <p>The target no longer has this rule. Its list was complete when that was found.</p>
      </PanelBody>
    ) : (
      <Table label="Fields with both values" columns={FIELD_COLUMNS} isStacked>
        {of.fields.map(({ name, ours, theirs }) => (
          <tr>
            <th scope="row" class="wrap mono break small">
              {clip(name, 200)}
            </th>
            <td class="wrap">
              <CellLabel>Is to be</CellLabel>
              <Value of={ours} />
            </td>
            <td class="wrap">
              <CellLabel>Is there</CellLabel>
              <Value of={theirs} />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Panel>
)

const VALUE_CHARS = 4_000

const Value = ({ of }: { of: Json }) => {
  if (of === null || of === '') return <span class="muted">nothing</span>
  const text = typeof of === 'string' ? of : JSON.stringify(of, null, 1)
  return (
    <span class="mono small break pre" dir="auto">
      {clip(text, VALUE_CHARS)}
    </span>
  )
}

const CONTESTED_COLUMNS = [{ label: 'Where' }, { label: 'Ours now' }, { label: 'Theirs' }]

const ContestedPanel = ({ items }: { items: readonly Contested[] }) => (
  <Panel title="Both sides changed this" id="contested" sub={count(items.length, 'place')}>
    <Table label="Places that both sides changed" columns={CONTESTED_COLUMNS} isStacked>
      {items.map(({ path, mine, theirs }) => (
        <tr>
          <th scope="row" class="wrap mono break small">
            {path === '' ? 'the whole text' : clip(path, 200)}
          </th>
          <td class="wrap">
            <CellLabel>Ours now</CellLabel>
            <Value of={mine} />
          </td>
          <td class="wrap">
            <CellLabel>Theirs</CellLabel>
            <Value of={theirs} />
          </td>
        </tr>
      ))}
    </Table>
    <PanelBody>
      <p>Say below whose values count; everything else is taken from the side that changed it.</p>
    </PanelBody>
  </Panel>
)

const Decision = ({ drift, path, changes, mayResolve, contested }: FindingProps) => {
  if (drift.changeId !== null) {
    return (
      <Panel title="Decided" id="decision">
        <PanelBody>
          <p>
            <a href={`${changes}/${drift.changeId}`}>A change</a> does it. The finding is over once
            the target is as it should be.
          </p>
        </PanelBody>
      </Panel>
    )
  }
  if (drift.state !== 'found' || !mayResolve) return null
  return (
    <Panel title="What is to become of it" id="decision">
      <form method="post" action={`${path}/resolve`}>
        <PanelBody>
          {drift.kind === 'changed' && (
            <Field
              name="prefer"
              label="Where both sides changed the same"
              hint="When it is taken over"
            >
              {(attributes) => (
                <Select
                  {...attributes}
                  value=""
                  options={[
                    ...(contested.length > 0 ? [] : [['', 'Show it to me'] as const]),
                    ['mine', 'Ours counts'],
                    ['theirs', 'Theirs counts'],
                  ]}
                />
              )}
            </Field>
          )}
          {drift.ownership === 'managed' && (
            <p class="muted small">
              Put back runs at once where what is to stand there was signed; else it opens a change.
            </p>
          )}
          <Field name="why" label="Why" hint="Kept with the decision">
            {(attributes) => <TextArea {...attributes} value="" rows={2} maxlength={2000} />}
          </Field>
        </PanelBody>
        <div class="panel-foot">
          <Choices of={drift} />
        </div>
      </form>
    </Panel>
  )
}

const Choices = ({ of: { kind, ownership } }: { of: Drift }) => (
  <>
    {kind !== 'missing' && (
      <Button kind="primary" name="resolution" value="adopt">
        {kind === 'dependency' ? 'It is known' : 'Take it over'}
      </Button>
    )}
    {kind !== 'dependency' && ownership === 'managed' && (
      <Button name="resolution" value="redeploy">
        Put back
      </Button>
    )}
    {kind !== 'dependency' && (
      <Button name="resolution" value="unmanage">
        Stop managing by a change
      </Button>
    )}
  </>
)

function factsOf({ drift, rules, targets }: FindingProps): readonly Fact[] {
  const { ruleId, ruleTitle, endedAt, endedBy } = drift
  return [
    ...(ruleId === null
      ? []
      : [
          [
            'Rule',
            <a href={`${rules}/${ruleId}`}>
              <Foreign text={ruleTitle ?? ''} class="break" />
            </a>,
          ] as const,
        ]),
    [
      'Target',
      <a href={`${targets}/${drift.targetId}/rules`}>
        <Foreign text={drift.targetName} class="break" />
      </a>,
    ],
    ['Its name there', <Foreign text={clip(drift.name, 300)} class="break" />],
    ['Changed there', <ChangedThere of={drift} />],
    ['Found', <ExactTime at={drift.foundAt} />],
    ['Seen last', <ExactTime at={drift.seenAt} />],
    ...(endedAt === null ? [] : [['Over', <ExactTime at={endedAt} />] as const]),
    ...(endedBy === null ? [] : [['By', <bdi>{describeActor(endedBy)}</bdi>] as const]),
    [
      'Body there',
      drift.observedHash === null ? (
        <Unknown>none</Unknown>
      ) : (
        <span class="mono break small">{drift.observedHash}</span>
      ),
    ],
  ]
}
