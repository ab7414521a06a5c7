// How deployed rules fare, the worst first: the state and its reason, alerts by the day, when each ran.

import type { HealthPage as Listed } from '#domain/health/actions.ts'
import type { ListedHealth } from '#domain/health/figures.ts'
import type { HealthState } from '#domain/health/health.ts'
import type { Outage } from '#domain/health/watch.ts'
import type { Instant } from '#kernel/time.ts'
import { withQuery } from '#views/parts/address.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { Spark } from './spark.tsx'
import { HealthStateBadge, wordOf } from './words.tsx'

export interface HealthFilterShown {
  readonly q: string
  readonly state: string
  readonly target: string
  readonly group: string
}

export interface HealthPageProps {
  /** `/w/acme/health`, and of the list of rules. */
  readonly path: string
  readonly rules: string
  readonly items: readonly ListedHealth[]
  readonly states: Listed['states']
  readonly filter: HealthFilterShown
  readonly targets: readonly { readonly id: string; readonly name: string }[]
  readonly groups: readonly { readonly slug: string; readonly name: string }[]
  readonly outages: readonly Outage[]
  /** Times in which rules did not run, and nobody made up for. */
  readonly planned: number
  readonly maySearch: boolean
  /** When the last look was, where that is long ago. */
  readonly notLookedSince: Instant | null
  readonly cursor: string | null
  readonly next: string | null
}

export const HealthPage = (props: HealthPageProps) => {
  const { path, items, outages, states, filter } = props
  const all = Object.values(states).reduce((sum, value) => sum + value, 0)
  const shown = filter.state === '' ? all : states[filter.state as HealthState]
  return (
    <>
      <Head
        title="Health"
        actions={<LinkButton href={`${path}/budgets`}>Noise budgets</LinkButton>}
        meta={['How deployed rules fare at each target, as far as the targets tell.']}
      />
      {outages
        .filter(({ to }) => to === null)
        .map((outage) => (
          <OutageNotice outage={outage} />
        ))}
      {props.planned > 0 && (
        <Notice tone="accent" title="Rules missed something">
          {count(props.planned, 'time')} in which a rule did not run can be searched with the rule,
          each once.
          {props.maySearch && (
            <form method="post" action={`${path}/backfill`}>
              <Button size="s" icon="search">
                Search what was missed
              </Button>
            </form>
          )}
        </Notice>
      )}
      {props.notLookedSince !== null && (
        <Notice tone="warn" title="Nobody looks">
          What is shown was seen <Time at={props.notLookedSince} />. Jobs of this workspace do not
          run, or wait for others.
        </Notice>
      )}
      <StateViews {...props} all={all} />
      <section class="panel" aria-label="Health of rules">
        <FilterBar {...props} />
        {items.length > 0 ? (
          <Table label="Rules, the worst first" columns={COLUMNS} isStacked>
            {items.map((one) => (
              <Line one={one} rules={props.rules} />
            ))}
          </Table>
        ) : (
          <Nothing {...props} all={all} />
        )}
        <Pager
          shown={<span role="status">{count(shown, 'rule at a target', 'rules at targets')}</span>}
          first={props.cursor === null ? null : addressOf(path, filter)}
          next={props.next === null ? null : addressOf(path, { ...filter, cursor: props.next })}
          words={['Worst', 'Next']}
        />
      </section>
    </>
  )
}

const COLUMNS = [
  { label: 'Rule' },
  { label: 'State' },
  { label: 'Alerts in 30 days' },
  { label: 'A day', isNumber: true },
  { label: 'Last run' },
]

const OutageNotice = ({ outage: { targetName, from, reason } }: { outage: Outage }) => (
  <Notice tone="warn" title={`${targetName} does not answer`}>
    Last heard <Time at={from} />. Its rules are unknown until it answers. {reason}
  </Notice>
)

const StateViews = ({ path, filter, states, all }: HealthPageProps & { all: number }) => {
  const found = (Object.entries(states) as [HealthState, number][]).filter(
    ([state, value]) => value > 0 || state === filter.state,
  )
  return (
    <nav class="views" aria-label="States">
      <a
        href={addressOf(path, { ...filter, state: '' })}
        aria-current={filter.state === '' ? 'page' : undefined}
      >
        All <span class="n">{formatNumber(all)}</span>
      </a>
      {found.map(([state, value]) => (
        <a
          href={addressOf(path, { ...filter, state })}
          aria-current={filter.state === state ? 'page' : undefined}
        >
          {wordOf(state)} <span class="n">{formatNumber(value)}</span>
        </a>
      ))}
    </nav>
  )
}

const FilterBar = ({ path, filter, targets, groups }: HealthPageProps) => (
  <form class="filters" method="get" action={path} role="search" aria-label="Filter rules">
    <SearchBox label="Words" name="q" value={filter.q} maxlength={200} data-keys="/" />
    {filter.state !== '' && <input type="hidden" name="state" value={filter.state} />}
    <FilterSelect
      name="on"
      label="Target"
      value={filter.target}
      options={[['', 'Any target'], ...targets.map(({ id, name }) => [id, name] as const)]}
    />
    {groups.length > 0 && (
      <FilterSelect
        name="group"
        label="Group"
        value={filter.group}
        options={[['', 'Any group'], ...groups.map(({ slug, name }) => [slug, name] as const)]}
      />
    )}
    <Button size="s">Filter</Button>
  </form>
)

const Line = ({ one, rules }: { one: ListedHealth; rules: string }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${rules}/${one.ruleId}/health`} data-row>
        <Foreign text={clip(one.title, 160)} class="break" />
      </a>
      <div class="muted small break" dir="auto">
        {one.targetName}
      </div>
    </th>
    <td class="wrap">
      <HealthStateBadge of={one.state} />
      {one.reason !== '' && (
        <div class="muted small break" dir="auto">
          {clip(one.reason, 300)}
        </div>
      )}
    </td>
    <td>
      <Spark days={one.days} limit={one.figures.budgetPerDay} />
    </td>
    <td class="num">
      <CellLabel>Alerts a day</CellLabel>
      {one.figures.perDay === null ? <Unknown /> : formatNumber(one.figures.perDay)}
    </td>
    <td class="nowrap">
      <CellLabel>Last run</CellLabel>
      {one.figures.lastRunAt === null ? <Unknown /> : <Time at={one.figures.lastRunAt} />}
    </td>
  </tr>
)

const Nothing = ({ path, all, rules, filter }: HealthPageProps & { all: number }) =>
  all === 0 && Object.values(filter).every((part) => part === '') ? (
    <Empty
      icon="activity"
      title="No rule is watched yet"
      actions={<LinkButton href={rules}>To the rules</LinkButton>}
    >
      A rule that stands on a target is looked at within a quarter of an hour: whether it runs,
      whether its log source still delivers, how many alerts it makes.
    </Empty>
  ) : (
    <Empty
      icon="list-filter"
      title="No rule fits"
      actions={<LinkButton href={path}>Show all</LinkButton>}
    >
      Rules are watched, but none that the filter leaves.
    </Empty>
  )

function addressOf(path: string, parts: HealthFilterShown & { readonly cursor?: string }): string {
  const { target: on, ...others } = parts
  return withQuery(path, { ...others, on })
}
