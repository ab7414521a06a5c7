// What the queries of a change would have found: asked over one window, at what stands there and at what
// would, with how much of it was measured. What is not known is unknown, and never 0.

import type { BacktestItem, Cost } from '#domain/changes/backtest.ts'
import type { Impact } from '#domain/changes/impact.ts'
import { BacktestBadge, ItemBadge, numberOr, rateInWords } from '#views/forecasts/words.tsx'
import { Button } from '#views/parts/button.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Chip } from '#views/parts/badge.tsx'
import { DayPairs } from '#views/parts/day-pairs.tsx'
import {
  clip,
  count,
  formatBytes,
  formatDate,
  formatNumber,
  formatSpan,
} from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Figures, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { ExactTime, Foreign } from '#views/parts/text.tsx'

export interface ImpactShown {
  /** `/w/acme/changes/chg_…`. */
  readonly path: string
  /** `/w/acme/searches`. */
  readonly searches: string
  readonly impact: Impact
  /** Ask targets. */
  readonly mayAsk: boolean
}

export const ImpactPanel = (shown: ImpactShown) => {
  const { impact, path } = shown
  const { backtest } = impact
  const isRunning = backtest?.state === 'running'
  const live = isRunning && backtest.jobId !== null ? hxLive(path, [`job-${backtest.jobId}`]) : {}
  return (
    <div id="change-impact" {...live}>
      <Panel
        title="Impact"
        id="impact"
        sub={backtest === null ? 'not asked yet' : <Window {...shown} />}
        action={backtest !== null && <BacktestBadge of={backtest.state} />}
        foot={<Ask {...shown} isRunning={isRunning} />}
      >
        {impact.isStale && (
          <Notice tone="warn" title="It was asked for other bytes.">
            The change is another one since. Ask again before you rely on these numbers.
          </Notice>
        )}
        {backtest !== null && <Total impact={impact} />}
        {backtest !== null && <ByDay impact={impact} />}
        {backtest !== null && impact.items.length > 0 && <Items {...shown} />}
        <Effects impact={impact} />
      </Panel>
    </div>
  )
}

const Window = ({ impact: { backtest, total } }: ImpactShown) => (
  <>
    n = {count(total.before + total.after - total.kept, 'match', 'matches')},{' '}
    <ExactTime at={backtest!.from}>{formatDate(backtest!.from)}</ExactTime> to{' '}
    <ExactTime at={backtest!.to}>{formatDate(backtest!.to)}</ExactTime>
  </>
)

const DAYS = [1, 7, 30] as const

const Ask = ({ impact, path, mayAsk, isRunning }: ImpactShown & { isRunning: boolean }) => {
  const { cost, measured } = impact.total
  const spent = measured === 0 ? [] : costInWords(cost)
  return (
    <>
      <span>
        {spent.length > 0
          ? `It cost ${spent.join(', ')}.`
          : 'Both queries are asked over the same time; nothing is written there.'}
      </span>
      {mayAsk && (
        <form
          method="post"
          action={`${path}/impact${isRunning ? '/cancel' : ''}`}
          class="row-s push"
        >
          {isRunning ? (
            <Button size="s">Stop asking</Button>
          ) : (
            DAYS.map((days) => (
              <Button size="s" name="days" value={days}>
                {days === 1 ? 'Ask the last day' : `${days} days`}
              </Button>
            ))
          )}
        </form>
      )}
    </>
  )
}

function costInWords({ scanned, bytes, seconds }: Cost): readonly string[] {
  return [
    ...(scanned === null ? [] : [`${formatNumber(scanned)} events read`]),
    ...(bytes === null ? [] : [`${formatBytes(bytes)} read`]),
    ...(seconds > 0 ? [formatSpan(seconds * 1_000)] : []),
  ]
}

/** Per day where a window is known; counts say how many that were. */
const Total = ({ impact: { total, backtest } }: { impact: Impact }) => {
  if (total.measured === 0) {
    return (
      <PanelBody>
        <p class="muted">
          {backtest!.state === 'running'
            ? `Asking: ${count(backtest!.counts.waiting + backtest!.counts.asking, 'item')} to go.`
            : 'Nothing could be measured: each item says why.'}
        </p>
      </PanelBody>
    )
  }
  const { perDayBefore, perDayAfter, added, removed, kept, alerts } = total
  const isCounted = alerts.before !== null && alerts.after !== null
  return (
    <Figures
      label="What becomes of matches"
      figures={[
        { label: 'Removed', value: formatNumber(removed), note: 'found now, not afterwards' },
        { label: 'Added', value: formatNumber(added), note: 'found by the new query alone' },
        { label: 'Kept', value: formatNumber(kept), note: 'found by both' },
        {
          label: isCounted ? 'Alerts a day afterwards' : 'A day afterwards',
          value: rateInWords(perDayAfter),
          note: `${rateInWords(perDayBefore)} a day now`,
        },
      ]}
    />
  )
}

const ByDay = ({ impact: { backtest, total } }: { impact: Impact }) => {
  const { days } = total
  if (days === null) return null
  return (
    <PanelBody>
      <DayPairs
        label={`${days.of === 'alerts' ? 'Alerts' : 'Matches'} by the day`}
        from={backtest!.from}
        before={days.before}
        after={days.after}
      />
    </PanelBody>
  )
}

const COLUMNS = [
  { label: 'Rule' },
  { label: 'Now', isNumber: true },
  { label: 'Afterwards', isNumber: true },
  { label: 'Removed', isNumber: true },
  { label: 'Added', isNumber: true },
  { label: 'Answer' },
]
const ITEMS_SHOWN = 20

const Items = ({ impact, searches }: ImpactShown) => (
  <>
    <Table label="Impact by item" columns={COLUMNS} isFlat isStacked>
      {impact.items.slice(0, ITEMS_SHOWN).map((item) => (
        <Line item={item} searches={searches} />
      ))}
    </Table>
    {impact.items.length > ITEMS_SHOWN && (
      <p class="panel-body muted">and {formatNumber(impact.items.length - ITEMS_SHOWN)} more</p>
    )}
  </>
)

const Line = ({ item, searches }: { item: BacktestItem; searches: string }) => {
  const { result, beforeSearchId, afterSearchId, reason } = item
  return (
    <tr>
      <th scope="row" class="wrap">
        <span class="break" dir="auto">
          {clip(item.ruleTitle, 120)}
        </span>{' '}
        <span class="muted small">
          on <Foreign text={item.targetName} class="break" />
        </span>
        {reason !== null && <p class="muted small break">{clip(reason, 400)}</p>}
        {result?.notes.map((note) => (
          <p class="muted small break">{clip(note, 400)}</p>
        ))}
      </th>
      <td class="num">
        <CellLabel>now</CellLabel>
        <Found count={result?.before ?? null} id={beforeSearchId} searches={searches} />
        <AlertCount of={result?.alerts.before ?? null} />
      </td>
      <td class="num">
        <CellLabel>afterwards</CellLabel>
        <Found count={result?.after ?? null} id={afterSearchId} searches={searches} />
        <AlertCount of={result?.alerts.after ?? null} />
      </td>
      <td class="num">
        <CellLabel>removed</CellLabel>
        {numberOr(result?.removed ?? null)}
      </td>
      <td class="num">
        <CellLabel>added</CellLabel>
        {numberOr(result?.added ?? null)}
      </td>
      <td>
        <ItemBadge of={item.state} />
      </td>
    </tr>
  )
}

const AlertCount = ({ of }: { of: number | null }) =>
  of === null ? null : <div class="muted small">{count(of, 'alert')}</div>

/** The samples stand in the search. */
const Found = (props: { count: number | null; id: string | null; searches: string }) => {
  const words = numberOr(props.count)
  return props.id === null ? <>{words}</> : <a href={`${props.searches}/${props.id}`}>{words}</a>
}

const Effects = ({ impact: { coverage, budgets, total } }: { impact: Impact }) => {
  const costs = (['before', 'after'] as const).flatMap((side): Fact[] => {
    const words = total.costs[side] === null ? [] : costInWords(total.costs[side])
    const label = side === 'before' ? 'Cost of the query of now' : 'Cost of the new query'
    return words.length === 0 ? [] : [[label, words.join(', ')]]
  })
  const facts: Fact[] = [
    ...costs,
    ['Techniques gained', <Techniques ids={coverage.gained} />],
    ['Techniques lost', <Techniques ids={coverage.lost} />],
    ...budgets.slice(0, 10).map(
      ({ scope, perDay, before, after }) =>
        [
          `Noise budget of ${scope}`,
          <>
            {formatNumber(perDay)} a day; {rateInWords(before)} now, {rateInWords(after)} afterwards
            {after !== null && after > perDay && (
              <>
                {' '}
                <Badge tone="bad">over budget</Badge>
              </>
            )}
          </>,
        ] as const,
    ),
  ]
  return (
    <PanelBody>
      <Facts facts={facts} />
    </PanelBody>
  )
}

const TECHNIQUES_SHOWN = 24

const Techniques = ({ ids }: { ids: readonly string[] }) =>
  ids.length === 0 ? (
    <span class="muted">none</span>
  ) : (
    <span class="row-s">
      {ids.slice(0, TECHNIQUES_SHOWN).map((id) => (
        <Chip mono>{id}</Chip>
      ))}
      {ids.length > TECHNIQUES_SHOWN && (
        <span class="muted">and {formatNumber(ids.length - TECHNIQUES_SHOWN)} more</span>
      )}
    </span>
  )
