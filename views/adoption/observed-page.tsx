// One rule as it stands on a target: what it is, who writes it, what it says there, and the rule here that
// it is bound to.

import type { Dependency } from '#domain/adoption/dependency.ts'
import type { ObservedWhole } from '#domain/adoption/observed.ts'
import type { Target } from '#domain/targets/target.ts'
import type { Json } from '#kernel/json.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Level, type LevelName } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Check } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Code, ExactTime, Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { DependencyPanel } from './dependencies-page.tsx'
import { Enabled, managerWords, StandingState } from './words.tsx'

export interface ObservedShown {
  /** `/w/acme/targets/tgt_…/rules/obs_…`. */
  readonly path: string
  /** `/w/acme/rules`. */
  readonly rules: string
  readonly target: Target
  readonly observed: ObservedWhole
  /** Why the baseline does not hold; null while it does, or while there is none. */
  readonly flaw: string | null
  readonly dependencies: readonly Dependency[]
  /** `/w/acme/targets/tgt_…/rules`. */
  readonly inventory: string
  readonly mayAdopt: boolean
}

export const ObservedPage = ({ shown }: { shown: ObservedShown }) => {
  const { observed, target } = shown
  const { adoption, missingSince } = observed
  return (
    <>
      <Head
        title={observed.name}
        badge={
          adoption !== null ? (
            <StandingState of={adoption.standing} />
          ) : (
            missingSince !== null && <StandingState of="missing" />
          )
        }
        meta={[observed.type, <>on {target.name}</>, <Enabled is={observed.isEnabled} />]}
      />
      <div class="stack">
        {observed.notices.map((notice) => (
          <Notice tone="warn" title={notice} />
        ))}
        {observed.observeOnly !== null && (
          <Notice tone="unknown" title="It is only observed: nothing is ever written over it.">
            {observed.observeOnly}
          </Notice>
        )}
        <div class="halves halves-wide">
          <div class="stack">
            <Query of={observed} />
            <DependencyPanel path={shown.inventory} items={shown.dependencies} />
            <Settings of={observed} />
          </div>
          <div class="stack">
            <Bound shown={shown} />
            <Panel title="Facts" id="facts">
              <PanelBody>
                <Facts facts={factsOf(observed)} />
              </PanelBody>
            </Panel>
          </div>
        </div>
      </div>
    </>
  )
}

/** What each vendor calls the text that runs. */
const QUERY_FIELDS = ['search', 'query', 'rule', 'properties.query', 'queryCondition.queryText']

function queryField({ body }: ObservedWhole): string | undefined {
  return QUERY_FIELDS.find((name) => typeof body[name] === 'string' && body[name] !== '')
}

const Query = ({ of }: { of: ObservedWhole }) => {
  const field = queryField(of)
  return (
    <Panel title="Query" id="query">
      {field === undefined ? (
        <PanelBody>
          <p class="muted">It has no query of its own.</p>
        </PanelBody>
      ) : (
        <Code label="Text of the query" text={textOf(of.body[field] ?? '')} />
      )}
    </Panel>
  )
}

const COLUMNS = [{ label: 'Setting' }, { label: 'Value' }]

const Settings = ({ of }: { of: ObservedWhole }) => {
  const field = queryField(of)
  const given = Object.entries(of.body).filter(([name, value]) => name !== field && value !== '')
  return (
    <Panel title="Settings" id="settings" sub={count(given.length, 'setting')}>
      <Table label="Settings with their values" columns={COLUMNS} isStacked>
        {given.map(([name, value]) => (
          <tr>
            <th scope="row" class="wrap mono break small">
              {name}
            </th>
            <td class="wrap small break">
              <Foreign text={textOf(value)} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  )
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const Bound = ({ shown }: { shown: ObservedShown }) => {
  const { observed, rules, flaw } = shown
  const { adoption } = observed
  if (adoption === null) return <Unbound shown={shown} />
  const facts: readonly Fact[] = [
    [
      'Rule',
      <a href={`${rules}/${adoption.ruleId}`}>
        <Foreign text={adoption.ruleTitle} class="break" />
      </a>,
    ],
    ['Ownership', adoption.ownership === 'managed' ? 'managed here' : 'observed, never written'],
    ...(adoption.adoptedAt === null
      ? []
      : [['Adopted', <ExactTime at={adoption.adoptedAt} />] as const]),
    ...(adoption.adoptedBy === null
      ? []
      : [['By', <bdi>{describeActor(adoption.adoptedBy)}</bdi>] as const]),
    ...(flaw === null && adoption.adoptedAt !== null
      ? [['Baseline', 'signed, and the signature holds'] as const]
      : []),
  ]
  return (
    <Panel title="Bound to a rule here" id="bound">
      <PanelBody>
        {flaw !== null && <Notice tone="bad" title={flaw} />}
        <Facts facts={facts} />
      </PanelBody>
      {shown.mayAdopt && adoption.adoptedAt !== null && (
        <div class="panel-foot">
          <Confirm
            id="release"
            opener="Let go"
            question="Let go of this rule?"
            consequence="Nothing changes on the target. The rule here stays, and is no longer bound to what stands there."
            keep="Keep it bound"
            verb="Let go"
            path={`${shown.path}/release`}
          />
        </div>
      )}
    </Panel>
  )
}

const Unbound = ({ shown: { path, observed, mayAdopt } }: { shown: ObservedShown }) => (
  <Panel title="Not adopted" id="bound">
    <PanelBody>
      <p>
        Adopting binds it to a rule here, with all its settings and a signed baseline. Nothing is
        written on the target.
      </p>
    </PanelBody>
    {mayAdopt && observed.missingSince === null && (
      <form class="panel-foot" method="post" action={`${path}/adopt`}>
        {observed.observeOnly === null && (
          <Check name="managed" value="yes" label="Managed here from now on" />
        )}
        <Button kind="primary">Adopt</Button>
      </form>
    )}
  </Panel>
)

function factsOf(one: ObservedWhole): readonly Fact[] {
  const { level, managers, actions, remoteChangedAt, remoteChangedBy, missingSince } = one
  return [
    [
      'Its id there',
      <span class="mono break small">
        <Foreign text={one.ref} />
      </span>,
    ],
    ['Level', level === null ? <Unknown>none</Unknown> : <Level of={level as LevelName} />],
    [
      'Who else writes it',
      managers.length === 0 ? 'nobody that is known' : managers.map(managerWords).join(', '),
    ],
    ['Sets off', actions.length === 0 ? 'nothing besides the alert' : actions.join(', ')],
    [
      'Changed there',
      remoteChangedAt === null ? (
        <Unknown />
      ) : (
        <>
          <Time at={remoteChangedAt} />
          {remoteChangedBy !== null && (
            <>
              {' '}
              by <Foreign text={remoteChangedBy} />
            </>
          )}
        </>
      ),
    ],
    ['First seen', <Time at={one.firstSeenAt} />],
    ['Last seen', <Time at={one.lastSeenAt} />],
    ...(missingSince === null ? [] : [['Gone since', <Time at={missingSince} />] as const]),
    ['Body', <span class="mono break small">{one.hash}</span>],
  ]
}
