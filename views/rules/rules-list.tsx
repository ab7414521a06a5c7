// The rules that a filter leaves, one line a rule, and what can be done with those that are ticked or with
// all of them.

import type { Standing } from '#domain/placements/placement.ts'
import type { RuleSort } from '#domain/rules/list.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { Child } from 'hono/jsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Popover } from '#views/parts/dialog.tsx'
import { Check, Field } from '#views/parts/field.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Pager } from '#views/parts/table.tsx'
import {
  COLUMN_NAMES,
  isFiltered,
  listQuery,
  rulesUrl,
  USUAL_COLUMNS,
  type ColumnName,
} from './address.ts'
import { RULE_COLUMNS } from './rules-columns.tsx'
import type { RulesPageProps } from './rules-page.tsx'

/** The part that follows the filter while one types. */
export const RuleList = (props: RulesPageProps) => (
  <section class="panel rules-panel" id="rule-list" aria-label="Rules">
    {props.items.length === 0 ? (
      <NoRules {...props} />
    ) : (
      <>
        <ChoosableRows {...props} />
        <PickColumns {...props} />
        <KeepView {...props} />
      </>
    )}
    {props.items.length > 0 && <Files {...props} />}
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

/** All that match, whatever is ticked. */
const Files = ({ path, state, count: total }: RulesPageProps) => {
  const of = encodeURIComponent(listQuery(state).toString())
  const all = `${path}/export?all=1&of=${of}`
  return (
    <p class="panel-foot">
      <span>{total === 1 ? 'The rule' : `All ${formatNumber(total)}`} as</span>
      <a href={`${all}&format=zip`}>files in a ZIP</a>
      <a href={`${all}&format=ndjson`}>NDJSON</a>
      <a href={`${path}/layer?of=${of}`}>ATT&amp;CK layer of what is written</a>
    </p>
  )
}

/** Without script it is a form like any other; with one it says how many are ticked. */
const ChoosableRows = (props: RulesPageProps) => {
  const { path, home, state, items, mayWrite, mayTest, mayDeploy } = props
  return (
    <form method="get" action={`${path}/bulk`} class="chosen">
      <input type="hidden" name="of" value={listQuery(state).toString()} />
      <div class="bulk" role="group" aria-label="Act on rules">
        <span role="status" data-ticked="rule">
          Ticked rules
        </span>
        {props.count > items.length && (
          <Check name="all" value="1" label={`All ${formatNumber(props.count)} that match`} />
        )}
        <span class="row-s push">
          {mayTest && (
            <Button size="s" formmethod="post" formaction={`${path}/tests`}>
              Run tests
            </Button>
          )}
          {mayTest && (
            <Button size="s" formaction={`${path.replace(/rules$/, 'forecasts')}/new`}>
              Forecast
            </Button>
          )}
          <Button size="s" formaction={`${path}/export`}>
            Export
          </Button>
          {mayWrite && <Button size="s">Change</Button>}
          {mayDeploy && (
            <Button size="s" icon="rocket" formaction={`${home}/changes/new`}>
              Deploy
            </Button>
          )}
          <span class="bulk-line" />
          <Button size="s" type="button" popovertarget="columns">
            Columns
          </Button>
          <Button size="s" type="button" popovertarget="keep-view">
            Save view
          </Button>
        </span>
      </div>
      <Rows {...props} />
    </form>
  )
}

const PickColumns = ({ path, state }: RulesPageProps) => (
  <Popover id="columns" label="Columns" isSmall>
    <form method="get" action={path} class="panel-body">
      {[...listQuery({ ...state, columns: USUAL_COLUMNS })].map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <input type="hidden" name="columns" value="none" />
      {COLUMN_NAMES.map((name) => (
        <Check
          name="columns"
          value={name}
          label={RULE_COLUMNS[name].label}
          checked={state.columns.includes(name)}
        />
      ))}
      <Button size="s">Show these</Button>
    </form>
  </Popover>
)

const KeepView = ({ path, state }: RulesPageProps) => (
  <Popover id="keep-view" label="Save view">
    <form method="post" action={`${path}/views`} class="panel-body">
      <input type="hidden" name="query" value={listQuery(state).toString()} />
      <Field
        name="name"
        label="Name of this view"
        hint="Filter, order and columns; only you see it."
      >
        {(attributes) => (
          <input {...attributes} type="text" maxlength={100} required autocomplete="off" />
        )}
      </Field>
      <Check name="begins" value="yes" label="Begin with it" />
      <div class="row">
        <Button kind="primary">Keep</Button>
      </div>
    </form>
  </Popover>
)

const Rows = (props: RulesPageProps) => (
  <div class="scroll" tabindex={0} role="region" aria-label="Table of rules">
    <table class="table rules">
      <thead>
        <tr>
          <th scope="col" class="c-sel">
            <label class="check">
              <input
                type="checkbox"
                data-check-all="rule"
                aria-label="Tick all on this page"
                hidden
              />
            </label>
          </th>
          <SortHead {...props} by="title">
            Name
          </SortHead>
          {props.state.columns.map((name) => (
            <ColumnHead {...props} name={name} />
          ))}
        </tr>
      </thead>
      <tbody>
        {props.items.map((rule) => (
          <Row
            rule={rule}
            path={props.path}
            columns={props.state.columns}
            where={props.where.filter(({ ruleId }) => ruleId === rule.id)}
          />
        ))}
      </tbody>
    </table>
  </div>
)

const ColumnHead = (props: RulesPageProps & { name: ColumnName }) => {
  const { label, class: look, sort } = RULE_COLUMNS[props.name]
  if (sort === undefined) {
    return (
      <th scope="col" class={look}>
        {label}
      </th>
    )
  }
  return (
    <SortHead {...props} by={sort} class={look}>
      {label}
    </SortHead>
  )
}

interface SortHeadProps extends RulesPageProps {
  readonly by: 'title' | 'level' | 'updatedAt'
  readonly class?: string
  readonly children?: Child
}

const SortHead = ({ by, path, state, class: look, children }: SortHeadProps) => {
  const down: RuleSort = `-${by}`
  const isUp = state.sort === by
  const isDown = state.sort === down
  // Dates and levels are asked for from their high end, names from the front.
  const next = by === 'title' ? (isUp ? down : by) : isDown ? by : down
  return (
    <th scope="col" class={look} aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}>
      <a class="sort" href={rulesUrl(path, { ...state, sort: next })}>
        {children}
        {(isUp || isDown) && <Icon name={isUp ? 'arrow-up' : 'arrow-down'} />}
      </a>
    </th>
  )
}

/** A title may be as long as a page; its rule's own page shows it whole. */
const TITLE_CHARS = 300

interface RowProps {
  readonly rule: RuleSummary
  readonly path: string
  readonly columns: readonly ColumnName[]
  readonly where: readonly Standing[]
}

const Row = ({ rule, path, columns, where }: RowProps) => {
  const title = clip(rule.title, TITLE_CHARS)
  return (
    <tr>
      <td class="c-sel">
        <label class="check">
          <input
            type="checkbox"
            name="rule"
            value={rule.id}
            id={`tick-${rule.id}`}
            aria-labelledby={`name-${rule.id}`}
          />
        </label>
      </td>
      <th scope="row" class="c-name">
        <span class="name-line">
          <a
            class="rule-name"
            id={`name-${rule.id}`}
            href={`${path}/${rule.id}`}
            title={title}
            dir="auto"
            data-row
          >
            {title}
          </a>
          {rule.errorCount > 0 && (
            <Badge tone="bad">
              <span title={rule.firstError ?? undefined}>{count(rule.errorCount, 'error')}</span>
            </Badge>
          )}
        </span>
      </th>
      {columns.map((name) => (
        <td class={RULE_COLUMNS[name].class}>{RULE_COLUMNS[name].cell(rule, path, where)}</td>
      ))}
    </tr>
  )
}

const NoRules = ({ path, state, mayWrite }: RulesPageProps) =>
  isFiltered(state.filter) ? (
    <Empty
      icon="list-filter"
      title="No rule matches"
      actions={<LinkButton href={`${path}?sort=title`}>Clear the filter</LinkButton>}
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
