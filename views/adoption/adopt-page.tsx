// What adopting would do, before it is done: which become new rules, which are bound to one that is here,
// which are only watched, and why.

import type { ObservedFilter } from '#domain/adoption/input.ts'
import type { LinkedBy, Planned, Preview } from '#domain/adoption/planning.ts'
import type { Target } from '#domain/targets/target.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Figures, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Foreign } from '#views/parts/text.tsx'

export interface AdoptShown {
  /** `/w/acme/targets/tgt_…/rules`. */
  readonly path: string
  /** `/w/acme/rules`. */
  readonly rules: string
  readonly target: Target
  readonly filter: ObservedFilter
  readonly preview: Preview
}

export const AdoptPage = ({ shown }: { shown: AdoptShown }) => {
  const { preview, path, target } = shown
  return (
    <>
      <Head
        title="Adopt rules"
        meta={[<>from {target.name}</>, 'nothing is written there']}
        actions={<LinkButton href={path}>Back to the list</LinkButton>}
      />
      {preview.count === 0 ? (
        <section class="panel" aria-label="Rules to adopt">
          <Empty icon="list-checks" title="Nothing to adopt">
            All that the list finds is adopted already, or gone.
          </Empty>
        </section>
      ) : (
        <div class="stack">
          <Figures label="What adopting does" figures={figuresOf(preview)} />
          <Consent shown={shown} />
          <First shown={shown} />
        </div>
      )}
    </>
  )
}

function figuresOf({ count: all, created, linked, observeOnly }: Preview) {
  return [
    { label: 'To adopt', value: all },
    { label: 'New rules here', value: created },
    { label: 'Bound to a rule here', value: linked },
    { label: 'Only observed', value: observeOnly, note: 'at least: the rest is proved on the way' },
  ]
}

const Consent = ({ shown: { path, filter, preview } }: { shown: AdoptShown }) => (
  <Panel title="Ownership" id="ownership">
    <form method="post" action={`${path}/adopt`}>
      {Object.entries(filter).map(([name, value]) =>
        value === undefined ? null : <input type="hidden" name={name} value={value} />,
      )}
      <PanelBody>
        <fieldset class="stack">
          <legend class="vh">Ownership</legend>
          <label class="check">
            <input type="radio" name="ownership" value="observe" checked />
            <span>Observe. What changes there is shown, and nothing is ever written over it.</span>
          </label>
          <label class="check">
            <input type="radio" name="ownership" value="managed" />
            <span>
              Manage. Changes here can be deployed over it, each signed as a change. What a write
              would alter is observed all the same.
            </span>
          </label>
        </fieldset>
      </PanelBody>
      <div class="panel-foot">
        <Button kind="primary">Adopt {count(preview.count, 'rule')}</Button>
      </div>
    </form>
  </Panel>
)

const LINKED: Readonly<Record<LinkedBy, string>> = {
  id: 'bears its id',
  marker: 'was bound to it before, or is named by a mark in it',
  same: 'is bound to the same on another target',
}

const COLUMNS = [{ label: 'Rule there' }, { label: 'Becomes' }]

const First = ({ shown: { preview, path, rules } }: { shown: AdoptShown }) => (
  <Panel
    title="Rule by rule"
    id="plan"
    sub={preview.count > preview.first.length ? `the first ${preview.first.length}` : undefined}
  >
    <Table label="What becomes of each" columns={COLUMNS} isStacked>
      {preview.first.map((one) => (
        <PlanRow one={one} path={path} rules={rules} />
      ))}
    </Table>
  </Panel>
)

const PlanRow = (props: { one: Planned; path: string; rules: string }) => {
  const { candidate, plan } = props.one
  return (
    <tr>
      <th scope="row" class="wrap">
        <a href={`${props.path}/${candidate.id}`}>
          <Foreign text={candidate.name} class="break" />
        </a>
      </th>
      <td class="wrap">
        {plan.link === null ? (
          'a new rule'
        ) : (
          <>
            <a href={`${props.rules}/${plan.link.ruleId}`}>
              <Foreign text={plan.link.title} class="break" />
            </a>
            , which {LINKED[plan.link.by]}
          </>
        )}
        {candidate.observeOnly !== null && (
          <>
            {'. '}
            <Badge icon="lock">observed</Badge> {candidate.observeOnly}
          </>
        )}
      </td>
    </tr>
  )
}
