// What deployed rules cover of ATT&CK, as far as it is proved: the matrix, what needs somebody, how it went,
// and where rules could be added.

import type { MatrixRow } from '#domain/health/coverage-matrix.ts'
import type { Cell, CoverageState, CoveringRule } from '#domain/health/coverage.ts'
import type { CoverageGap } from '#domain/health/coverage-gaps.ts'
import type { CoverageDay } from '#domain/health/covering.ts'
import type { Instant } from '#kernel/time.ts'
import { withQuery } from '#views/parts/address.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, FilterSelect } from '#views/parts/field.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { ExternalLink, Foreign, Time } from '#views/parts/text.tsx'
import { Matrix } from './matrix.tsx'
import { Trend } from './trend.tsx'
import { CoverageBadge, COVERAGE_WORDS, STATES_IN_ORDER } from './words.tsx'

export interface CoverageFilterShown {
  readonly on: string
  readonly group: string
  readonly product: string
}

/** A technique and its subtechniques, of which one was clicked. */
export interface ChosenTechnique {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly cells: readonly NamedCell[]
}

export interface NamedCell extends Cell<CoveringRule> {
  readonly name: string
}

export interface CoveragePageProps {
  /** `/w/acme/coverage`, and of the list of rules. */
  readonly path: string
  readonly rules: string
  readonly version: string
  readonly judgedAt: Instant | null
  readonly counts: Readonly<Record<CoverageState, number>>
  readonly matrix: readonly MatrixRow[]
  readonly only: CoverageState | null
  readonly filter: CoverageFilterShown
  readonly targets: readonly { readonly id: string; readonly name: string }[]
  readonly groups: readonly { readonly slug: string; readonly name: string }[]
  readonly products: readonly string[]
  readonly chosen: ChosenTechnique | null
  /** Lost and unproven ones, lost first; no more than a page holds. */
  readonly lacking: readonly NamedCell[]
  readonly days: readonly CoverageDay[]
  readonly gaps: readonly CoverageGap[]
  /** Of all gaps, also those that are not shown. */
  readonly gapCount: number
  readonly mayWrite: boolean
}

export const CoveragePage = (props: CoveragePageProps) => {
  const { path, filter, chosen, only, lacking, judgedAt } = props
  const addressOf = (technique: string) =>
    `${withQuery(path, { ...filter, state: only ?? '', technique })}#chosen`
  return (
    <>
      <Head
        title="Coverage"
        actions={
          <LinkButton href={withQuery(`${path}/layer`, { ...filter })} icon="download">
            Navigator layer
          </LinkButton>
        }
        meta={[
          `ATT&CK ${props.version}`,
          judgedAt === null ? (
            'No target was looked at yet'
          ) : (
            <>
              As of <Time at={judgedAt} />
            </>
          ),
          'A technique counts only with a rule that is live, healthy, tested, not silenced, and whose data comes in.',
        ]}
      />
      <StateViews {...props} />
      <div class="stack">
        <section class="panel" aria-label="Matrix">
          <FilterBar {...props} />
          <Matrix
            rows={props.matrix}
            only={only}
            chosen={chosen?.id ?? null}
            addressOf={addressOf}
          />
          <Legend />
        </section>
        {chosen !== null && <Chosen {...props} chosen={chosen} />}
        {lacking.length > 0 && (
          <Panel title="Lost and unproven" id="lacking" sub="What a rule names and nothing proves">
            <Cells label="Lost and unproven techniques" cells={lacking} rules={props.rules} />
          </Panel>
        )}
        <Panel title="Trend" id="trend" sub={`Covered and lost, ${props.days.length} days`}>
          <div class="hist-wrap">
            <Trend days={props.days} />
          </div>
        </Panel>
        <Gaps {...props} />
      </div>
    </>
  )
}

const Legend = () => (
  <div class="panel-foot">
    {(['lost', 'covered', 'unknown', 'unproven'] as const).map((state) => (
      <CoverageBadge of={state} />
    ))}
    <span>
      Of a technique and its subtechniques, the first of these that one of them is; 2/11: how many
      are covered. Plain: no rule that stands anywhere names any of them.
    </span>
  </div>
)

const StateViews = ({ path, filter, counts, only }: CoveragePageProps) => (
  <nav class="views" aria-label="States">
    <a href={withQuery(path, { ...filter })} aria-current={only === null ? 'page' : undefined}>
      All
    </a>
    {STATES_IN_ORDER.map((state) => (
      <a
        href={withQuery(path, { ...filter, state })}
        aria-current={only === state ? 'page' : undefined}
      >
        {COVERAGE_WORDS[state][1]} <span class="n">{formatNumber(counts[state])}</span>
      </a>
    ))}
  </nav>
)

const FilterBar = ({ path, filter, only, targets, groups, products }: CoveragePageProps) => (
  <form class="filters" method="get" action={path} role="search" aria-label="Filter coverage">
    {only !== null && <input type="hidden" name="state" value={only} />}
    <FilterSelect
      name="on"
      label="Target"
      value={filter.on}
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
    {products.length > 0 && (
      <FilterSelect
        name="product"
        label="Data source"
        value={filter.product}
        options={[['', 'Any data source'], ...products.map((name) => [name, name] as const)]}
      />
    )}
    <Button size="s">Filter</Button>
  </form>
)

const Chosen = ({ chosen, rules }: CoveragePageProps & { chosen: ChosenTechnique }) => (
  <Panel
    title={`${chosen.id} ${chosen.name}`}
    id="chosen"
    action={<ExternalLink url={chosen.url} />}
    foot={
      <a href={`${rules}?technique=${chosen.id}`}>Rules that name it, wherever they stand or not</a>
    }
  >
    {chosen.cells.length === 0 ? (
      <Empty icon="crosshair" title="No rule that stands anywhere names it">
        Nothing is known to look for it.
      </Empty>
    ) : (
      <Cells label={`Rules of ${chosen.id}`} cells={chosen.cells} rules={rules} />
    )}
  </Panel>
)

const COLUMNS = [{ label: 'Technique' }, { label: 'State' }, { label: 'Rules' }]
const RULES_NAMED = 5

const Cells = ({
  label,
  cells,
  rules,
}: {
  label: string
  cells: readonly NamedCell[]
  rules: string
}) => (
  <Table label={label} columns={COLUMNS} isStacked>
    {cells.map((cell) => (
      <tr>
        <th scope="row" class="wrap">
          {cell.technique} {cell.name}
        </th>
        <td>
          <CoverageBadge of={cell.state} />
        </td>
        <td class="wrap cell-wide">
          <CellLabel>Rules</CellLabel>
          {cell.places.slice(0, RULES_NAMED).map((place) => (
            <div class="break">
              <a class="link-row" href={`${rules}/${place.ruleId}/health`}>
                <Foreign text={clip(place.title, 120)} />
              </a>{' '}
              <span class="muted small" dir="auto">
                {place.targetName}
                {place.reason === '' ? '' : `: ${clip(place.reason, 300)}`}
              </span>
            </div>
          ))}
          {cell.places.length > RULES_NAMED && (
            <div class="muted small">and {cell.places.length - RULES_NAMED} more</div>
          )}
        </td>
      </tr>
    ))}
  </Table>
)

const GAP_COLUMNS = [{ label: 'Technique' }, { label: 'Written' }, { label: 'To begin with' }]

const Gaps = (props: CoveragePageProps) => {
  const { gaps, gapCount, path, mayWrite } = props
  const isTicked = mayWrite && gaps.some(({ starters }) => starters.length > 0)
  const shown = gaps.length === gapCount ? '' : `${gaps.length} of `
  const panel = (
    <Panel
      title="Gaps that a rule could fill"
      id="gaps"
      sub="No rule that stands anywhere names them"
      action={
        isTicked && (
          <Button size="s" kind="primary">
            Add ticked rules
          </Button>
        )
      }
      foot={`${shown}${count(gapCount, 'technique')}`}
    >
      {gaps.length === 0 ? (
        <Empty icon="circle-check" title="Nothing here to fill a gap with">
          Every technique that a written rule or a starter rule names has a rule that stands
          somewhere.
        </Empty>
      ) : (
        <GapTable {...props} />
      )}
    </Panel>
  )
  return isTicked ? (
    <form method="post" action={`${path}/starters`} aria-label="Starter rules for gaps">
      {panel}
    </form>
  ) : (
    panel
  )
}

const GapTable = ({ gaps, rules, mayWrite }: CoveragePageProps) => {
  const seen = new Set<string>()
  return (
    <Table label="Gaps" columns={GAP_COLUMNS} isStacked>
      {gaps.map(({ technique, name, written, starters }) => (
        <tr>
          <th scope="row" class="wrap">
            {technique} {name}
          </th>
          <td>
            <CellLabel>Written</CellLabel>
            {written === 0 ? (
              <span class="muted">none</span>
            ) : (
              <a href={`${rules}?technique=${technique}`}>{count(written, 'rule')}</a>
            )}
          </td>
          <td class="wrap cell-wide">
            {starters.map(({ path, title }) => {
              // A rule that fills several gaps is ticked once.
              const isFirst = !seen.has(path)
              seen.add(path)
              return mayWrite && isFirst ? (
                <div class="row-s">
                  <Check name="starter" value={path} label={title} />
                  <a
                    class="small"
                    href={`${rules}/new?template=${encodeURIComponent(path)}`}
                    aria-label={`edit first: ${title}`}
                  >
                    edit first
                  </a>
                </div>
              ) : (
                <div class="break">{title}</div>
              )
            })}
          </td>
        </tr>
      ))}
    </Table>
  )
}
