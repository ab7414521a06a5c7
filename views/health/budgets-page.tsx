// Noise budgets and how much of each is used.

import type { BurntBudget } from '#domain/health/budget.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Select } from '#views/parts/field.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Unknown } from '#views/parts/text.tsx'

export interface BudgetsPageProps {
  readonly path: string
  readonly rules: string
  readonly changes: string
  readonly budgets: readonly BurntBudget[]
  /** Of rules, by id. */
  readonly titles: ReadonlyMap<string, string>
  readonly groups: readonly { readonly slug: string; readonly name: string }[]
  readonly maySet: boolean
}

const COLUMNS = [
  { label: 'Over' },
  { label: 'Used' },
  { label: 'Alerts a day', isNumber: true },
  { label: 'Budget', isNumber: true },
  { label: 'Change', isLabelHidden: true },
]

export const BudgetsPage = (props: BudgetsPageProps) => (
  <>
    <Head
      title="Noise budgets"
      meta={['How many alerts a day rules may make. What is over its budget is flagged as noisy.']}
    />
    <div class="stack">
      <section class="panel" aria-label="Budgets">
        {props.budgets.length === 0 ? (
          <Empty icon="bell" title="No budget is set">
            A budget for the workspace, a group or one rule says how many alerts a day somebody can
            look at.
          </Empty>
        ) : (
          <Table label="Budgets" columns={COLUMNS} isStacked>
            {props.budgets.map((budget) => (
              <Line budget={budget} {...props} />
            ))}
          </Table>
        )}
      </section>
      {props.maySet && <NewBudget {...props} />}
    </div>
  </>
)

const Line = ({
  budget,
  path,
  titles,
  rules,
  changes,
  maySet,
}: BudgetsPageProps & { budget: BurntBudget }) => {
  const { scope, name, used, perDay, onBreach, proposedId } = budget
  const isOver = used !== null && used > perDay
  return (
    <tr>
      <th scope="row" class="wrap">
        {scope === 'workspace' && 'The workspace'}
        {scope === 'group' && <Foreign text={`Group ${name}`} />}
        {scope === 'rule' && (
          <a href={`${rules}/${name}/health`}>
            <Foreign text={clip(titles.get(name) ?? name, 120)} class="break" />
          </a>
        )}
        <div class="muted small">{count(budget.rules, 'deployed rule')}</div>
      </th>
      <td class="cell-wide">
        <BudgetBar used={used} perDay={perDay} />
        {isOver && <Badge tone="warn">Over budget</Badge>}
        {onBreach === 'pause' && (
          <div class="muted small">
            {proposedId === null ? (
              'A breach proposes to pause the loudest.'
            ) : (
              <a href={`${changes}/${proposedId}`}>What its last breach proposed</a>
            )}
          </div>
        )}
      </td>
      <td class="num">
        <CellLabel>Alerts a day</CellLabel>
        {used === null ? <Unknown /> : formatNumber(used)}
      </td>
      <td class="num">
        <CellLabel>Budget</CellLabel>
        {formatNumber(perDay)}
      </td>
      <td>
        {maySet && (
          <form method="post" action={path}>
            <input type="hidden" name="scope" value={scope} />
            <input type="hidden" name="name" value={name} />
            <input type="hidden" name="onBreach" value={onBreach} />
            <input type="hidden" name="perDay" value="" />
            <Button size="s">Take away</Button>
          </form>
        )}
      </td>
    </tr>
  )
}

/** The budget is a line at two thirds, so that what is beyond it is seen. */
const BudgetBar = ({ used, perDay }: { used: number | null; perDay: number }) => {
  const limit = 66
  const share =
    used === null || perDay === 0 ? ((used ?? 0) > 0 ? 100 : 0) : (used / perDay) * limit
  const within = Math.min(share, limit)
  const beyond = Math.max(0, Math.min(100, share) - limit)
  const words = used === null ? 'unknown' : `${formatNumber(used)} of ${formatNumber(perDay)} a day`
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={words}>
      <rect class="track" width="100" height="8" />
      <rect class="fill" width={within} height="8" />
      {beyond > 0 && <rect class="over" x={limit} width={beyond} height="8" />}
      <rect class="limit" x={limit} width="0.6" height="8" />
    </svg>
  )
}

const NewBudget = ({ path, groups }: BudgetsPageProps) => (
  <Panel title="Set a budget" id="set">
    <PanelBody>
      <form method="post" action={path} class="set-one">
        <input type="hidden" name="scope" value="workspace" />
        <span>The workspace</span>
        <PerDay label="Alerts a day of the workspace" />
        <OnBreach label="When the workspace is over its budget" />
        <Button>Set</Button>
      </form>
      {groups.length > 0 && (
        <form method="post" action={path} class="set-one">
          <input type="hidden" name="scope" value="group" />
          <Select
            class="input input-s"
            name="name"
            aria-label="Group"
            value={groups[0]!.slug}
            options={groups.map(({ slug, name }) => [slug, name] as const)}
          />
          <PerDay label="Alerts a day of the group" />
          <OnBreach label="When the group is over its budget" />
          <Button>Set</Button>
        </form>
      )}
    </PanelBody>
  </Panel>
)

const OnBreach = ({ label }: { label: string }) => (
  <Select
    class="input input-s"
    name="onBreach"
    aria-label={label}
    value="flag"
    options={[
      ['flag', 'flag it'],
      ['pause', 'propose pauses'],
    ]}
  />
)

const PerDay = ({ label }: { label: string }) => (
  <input
    class="input input-s"
    type="number"
    name="perDay"
    aria-label={label}
    placeholder="alerts a day"
    min="0"
    max="1000000"
    required
  />
)
