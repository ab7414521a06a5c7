// The rules of a workspace: a filter whose whole state stands in the address, and one line a rule.

import type { RuleFilter, RuleSort } from '#domain/rules/list.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { Child } from 'hono/jsx'
import { Badge, Chip, Level } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterChip, SearchBox, Select } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { hx } from '#views/parts/hx.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Time } from '#views/parts/text.tsx'
import { isFiltered, rulesUrl, type ListState } from './address.ts'
import { RuleStateBadge, techniquesOf, TestsMark } from './marks.tsx'

export interface RulesPageProps {
  /** `/w/acme/rules`. */
  readonly path: string
  readonly state: ListState
  /** Null on the first page. */
  readonly cursor: string | null
  readonly items: readonly RuleSummary[]
  readonly next: string | null
  /** Of all that match. */
  readonly count: number
  readonly mayWrite: boolean
  readonly mayTest: boolean
  /** Where upstreams are listed. */
  readonly upstreams: string
}

export const RulesPage = (props: RulesPageProps) => (
  <>
    <Head
      title="Rules"
      actions={
        <>
          {props.mayTest && props.items.length > 0 && (
            <form method="post" action={`${props.path}/tests`} class="inline">
              <Button>Run all tests</Button>
            </form>
          )}
          {props.mayWrite && (
            <>
              <LinkButton href={`${props.path}/imports`}>Import</LinkButton>
              <LinkButton href={props.upstreams}>Upstreams</LinkButton>
              <LinkButton kind="primary" icon="plus" href={`${props.path}/new`} data-keys="n">
                New rule
              </LinkButton>
            </>
          )}
        </>
      }
    />
    <div class="stack-s">
      <Filters {...props} />
      <RuleList {...props} />
    </div>
  </>
)

const LEVELS = [
  ['', 'Any level'],
  ['critical', 'Critical'],
  ['critical,high', 'High and above'],
  ['critical,high,medium', 'Medium and above'],
  ['low,informational', 'Low and below'],
] as const
const STATES = [
  ['', 'Not retired'],
  ['draft', 'Draft'],
  ['active', 'Active'],
  ['paused', 'Paused'],
  ['retired', 'Retired'],
] as const
const PROBLEMS = [
  ['', 'Any problems'],
  ['errors', 'With errors'],
  ['warnings', 'With warnings'],
  ['none', 'Without problems'],
] as const
const TESTS = [
  ['', 'Any tests'],
  ['missing', 'Tests missing'],
  ['complete', 'Tested both ways'],
  ['failed', 'Tests failed'],
  ['passed', 'Tests passed'],
  ['untold', 'Tests need the target'],
  ['not_run', 'Tests not run'],
] as const

const Filters = ({ path, state }: RulesPageProps) => {
  const { filter, sort } = state
  const live = hx({
    get: path,
    target: '#rule-list',
    swap: 'outerMorph',
    trigger: 'input delay:150ms, submit',
    pushUrl: 'true',
    sync: 'this:replace',
  })
  return (
    <form
      class="filters"
      action={path}
      method="get"
      role="search"
      aria-label="Filter rules"
      {...live}
    >
      <SearchBox
        label="Words in name, description, query or tags"
        name="q"
        value={filter.q ?? ''}
        maxlength={500}
        data-keys="/"
      />
      <Pick name="level" label="Level" value={filter.level?.join(',')} options={LEVELS} />
      <Pick name="state" label="State" value={filter.state?.join(',')} options={STATES} />
      <Pick name="problems" label="Problems" value={filter.problems} options={PROBLEMS} />
      <Pick name="tests" label="Tests" value={filter.tests} options={TESTS} />
      <input type="hidden" name="sort" value={sort} />
      <Chips path={path} state={state} />
      <noscript>
        <Button size="s">Filter</Button>
      </noscript>
    </form>
  )
}

const Pick = (props: {
  name: string
  label: string
  value: string | undefined
  options: readonly (readonly [string, string])[]
}) => (
  <Select
    class="input input-s"
    name={props.name}
    aria-label={props.label}
    value={props.value ?? ''}
    options={props.options}
  />
)

/** Filters that came by a link and have no control of their own. */
const CHIPS = [
  ['tag', 'tag'],
  ['technique', 'technique'],
  ['status', 'status'],
  ['owner', 'owner'],
  ['group', 'group'],
  ['product', 'product'],
  ['category', 'category'],
  ['service', 'service'],
  ['compiles', 'compiles for'],
  ['refuses', 'does not compile for'],
  ['renders', 'renders'],
] as const satisfies readonly (readonly [keyof RuleFilter, string])[]

const Chips = ({ path, state }: { path: string; state: ListState }) => (
  <>
    {CHIPS.map(([key, label]) => {
      const value = state.filter[key]
      if (value === undefined) return null
      const text = Array.isArray(value) ? value.join(',') : String(value)
      const without = rulesUrl(path, { ...state, filter: { ...state.filter, [key]: undefined } })
      return (
        <>
          <input type="hidden" name={key} value={text} />
          <FilterChip field={label} value={text} without={without} />
        </>
      )
    })}
  </>
)

/** The part that follows the filter while one types. */
export const RuleList = (props: RulesPageProps) => (
  <section class="panel rules-panel" id="rule-list" aria-label="Rules">
    {props.items.length === 0 ? <NoRules {...props} /> : <Rows {...props} />}
    <Pager
      words={['First', 'Next']}
      shown={
        <span role="status">
          {props.count > props.items.length
            ? `${props.items.length} of ${count(props.count, 'rule')}`
            : count(props.count, 'rule')}
        </span>
      }
      first={props.cursor === null ? null : rulesUrl(props.path, props.state)}
      next={props.next === null ? null : rulesUrl(props.path, props.state, props.next)}
    />
  </section>
)

const Rows = (props: RulesPageProps) => (
  <div class="scroll" tabindex={0} role="region" aria-label="Table of rules">
    <table class="table rules">
      <thead>
        <tr>
          <SortHead {...props} by="title">
            Name
          </SortHead>
          <SortHead {...props} by="level">
            Level
          </SortHead>
          <th scope="col">ATT&amp;CK</th>
          <th scope="col">Log source</th>
          <th scope="col">State</th>
          <th scope="col">Tests</th>
          <SortHead {...props} by="updatedAt">
            Changed
          </SortHead>
        </tr>
      </thead>
      <tbody>
        {props.items.map((rule) => (
          <Row rule={rule} path={props.path} />
        ))}
      </tbody>
    </table>
  </div>
)

const SortHead = (
  props: RulesPageProps & { by: 'title' | 'level' | 'updatedAt'; children?: Child },
) => {
  const { by, path, state } = props
  const down: RuleSort = `-${by}`
  const isUp = state.sort === by
  const isDown = state.sort === down
  // Dates and levels are asked for from their high end, names from the front.
  const next = by === 'title' ? (isUp ? down : by) : isDown ? by : down
  return (
    <th scope="col" aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}>
      <a class="sort" href={rulesUrl(path, { ...state, sort: next })}>
        {props.children}
        {(isUp || isDown) && <Icon name={isUp ? 'arrow-up' : 'arrow-down'} />}
      </a>
    </th>
  )
}

const TECHNIQUES_SHOWN = 1

const Row = ({ rule, path }: { rule: RuleSummary; path: string }) => {
  const techniques = techniquesOf(rule.tags)
  const { product, category, service } = rule.logsource ?? {}
  const source = [product, category, service].filter(Boolean).join(' / ')
  return (
    <tr>
      <th scope="row" class="c-name">
        <span class="name-line">
          <a class="rule-name" href={`${path}/${rule.id}`} title={rule.title} dir="auto" data-row>
            {rule.title}
          </a>
          {rule.errorCount > 0 && (
            <Badge tone="bad">
              <span title={rule.firstError ?? undefined}>{count(rule.errorCount, 'error')}</span>
            </Badge>
          )}
        </span>
      </th>
      <td class="c-level">
        {rule.level === null ? <span class="muted">none</span> : <Level of={rule.level} />}
      </td>
      <td class="c-tech">
        <span class="row-s row-1">
          {techniques.slice(0, TECHNIQUES_SHOWN).map((id) => (
            <Chip mono href={`${path}?technique=${id}`}>
              {id}
            </Chip>
          ))}
          {techniques.length > TECHNIQUES_SHOWN && (
            <span class="muted small">+{techniques.length - TECHNIQUES_SHOWN}</span>
          )}
        </span>
      </td>
      <td class="c-source">
        <bdi class="clip" title={source}>
          {source || (rule.kind === 'correlation' ? 'correlation' : rule.format)}
        </bdi>
      </td>
      <td class="c-states">
        <RuleStateBadge of={rule.state} />
      </td>
      <td class="c-tests">
        <TestsMark rule={rule} />
      </td>
      <td class="c-upd muted">
        <span class="mono ver">v{rule.version}</span>
        <Time at={rule.updatedAt} />
      </td>
    </tr>
  )
}

const NoRules = ({ path, state, mayWrite }: RulesPageProps) =>
  isFiltered(state.filter) ? (
    <Empty
      icon="list-filter"
      title="No rule matches"
      actions={<LinkButton href={path}>Clear the filter</LinkButton>}
    >
      Retired rules are shown only when the state asks for them.
    </Empty>
  ) : (
    <Empty
      icon="scroll-text"
      title="No rules yet"
      actions={
        mayWrite && (
          <>
            <LinkButton kind="primary" href={`${path}/imports`}>
              Import rules
            </LinkButton>
            <form method="post" action={`${path}/starter`} class="inline">
              <Button>Add starter rules</Button>
            </form>
            <LinkButton icon="plus" href={`${path}/new`}>
              Write the first rule
            </LinkButton>
          </>
        )
      }
    >
      Rules are Sigma documents or queries of a SIEM. Each keeps its versions and its tests, and is
      compiled for every kind of target when it is saved.
    </Empty>
  )
