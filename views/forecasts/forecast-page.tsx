// A forecast: how far it is, and what each rule would bring, the loudest first.

import type { BacktestItem } from '#domain/changes/backtest.ts'
import type { Forecast } from '#domain/changes/forecast.ts'
import { Confirm } from '#views/parts/dialog.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Figures, Head, Panel } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Time } from '#views/parts/text.tsx'
import { totalOf } from './forecasts-page.tsx'
import { BacktestBadge, ItemBadge, numberOr, rateInWords } from './words.tsx'

export type MeasuredItem = BacktestItem & { readonly perDay: number | null }

export interface ForecastPageProps {
  /** `/w/acme/forecasts/bkt_…`, of rules and of searches. */
  readonly path: string
  readonly rules: string
  readonly searches: string
  readonly forecast: Forecast
  readonly items: readonly MeasuredItem[]
  readonly cursor: string | null
  readonly next: string | null
}

/** While it runs the whole page is one part that fetches itself. */
export const ForecastPage = (props: ForecastPageProps) => {
  const { forecast, path } = props
  const { state, jobId, perHour, atOnce } = forecast
  const isRunning = state === 'running'
  const live = isRunning && jobId !== null ? hxLive(path, [`job-${jobId}`]) : {}
  return (
    <div id="forecast" {...live}>
      <Head
        title={forecast.title}
        badge={<BacktestBadge of={state} />}
        meta={[
          <>
            From <Time at={forecast.from} /> to <Time at={forecast.to} />
          </>,
          `${atOnce} at a time${perHour === null ? '' : `, ${formatNumber(perHour)} within an hour`}`,
        ]}
        actions={isRunning && <Stop path={path} />}
      />
      <div class="stack">
        {forecast.reason !== null && (
          <Notice tone="warn" title="It asks no further.">
            {forecast.reason}
          </Notice>
        )}
        <Numbers {...forecast} />
        <Items {...props} />
      </div>
    </div>
  )
}

const Stop = ({ path }: { path: string }) => (
  <Confirm
    id="stop"
    opener="Stop"
    question="Stop this forecast?"
    consequence="Searches under way are told to stop, and no other begins. What was measured stays."
    keep="Go on"
    verb="Stop it"
    path={`${path}/cancel`}
  />
)

const Numbers = (forecast: Forecast) => {
  const { measured, unknown, waiting, asking } = forecast.counts
  return (
    <Figures
      label="How far it is"
      figures={[
        { label: 'Measured', value: formatNumber(measured), unit: `of ${totalOf(forecast)}` },
        { label: 'Unknown', value: formatNumber(unknown), note: 'each with its reason' },
        { label: 'To be asked', value: formatNumber(waiting + asking) },
      ]}
    />
  )
}

const COLUMNS = [
  { label: 'Rule' },
  { label: 'A day', isNumber: true },
  { label: 'Matches', isNumber: true },
  { label: 'Events read', isNumber: true },
  { label: 'State' },
]

const Items = ({ items, path, cursor, next, ...props }: ForecastPageProps) => (
  <Panel title="Rules" id="rules" sub="those that find most first">
    <Table label="Table of rules" columns={COLUMNS} isStacked>
      {items.map((item) => (
        <Line item={item} {...props} />
      ))}
    </Table>
    <Pager
      words={['First', 'Next']}
      shown={count(items.length, 'rule')}
      first={cursor === null ? null : path}
      next={next === null ? null : `${path}?${new URLSearchParams({ cursor: next }).toString()}`}
    />
  </Panel>
)

type LineProps = Pick<ForecastPageProps, 'rules' | 'searches'> & {
  readonly item: MeasuredItem
}

const Line = ({ item, rules, searches }: LineProps) => {
  const { result, afterSearchId } = item
  const matches = numberOr(result?.after ?? null)
  return (
    <tr>
      <th scope="row" class="wrap">
        <a href={`${rules}/${item.ruleId}`} class="break" dir="auto">
          {clip(item.ruleTitle, 300)}
        </a>
        {item.reason !== null && (
          <>
            <br />
            <span class="muted small break" dir="auto">
              {item.reason}
            </span>
          </>
        )}
      </th>
      <td class="num">
        {rateInWords(item.perDay)} <CellLabel>a day</CellLabel>
        {result !== null && (
          <div class="muted small">{result.alerts.after === null ? 'matches' : 'alerts'}</div>
        )}
      </td>
      <td class="num">
        {afterSearchId === null ? matches : <a href={`${searches}/${afterSearchId}`}>{matches}</a>}{' '}
        <CellLabel>matches</CellLabel>
      </td>
      <td class="num">
        {numberOr(result?.scanned ?? null)} <CellLabel>events</CellLabel>
      </td>
      <td>
        <ItemBadge of={item.state} />
      </td>
    </tr>
  )
}
