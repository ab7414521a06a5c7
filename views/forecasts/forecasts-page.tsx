// Forecasts that were asked, newest first.

import type { Forecast } from '#domain/changes/forecast.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Time } from '#views/parts/text.tsx'
import { SearchViews } from '#views/searches/searches-page.tsx'
import { BacktestBadge } from './words.tsx'

export interface ForecastsPageProps {
  /** `/w/acme/forecasts`, and of searches and rules. */
  readonly path: string
  readonly searches: string
  readonly rules: string
  readonly items: readonly Forecast[]
  readonly cursor: string | null
  readonly next: string | null
}

const COLUMNS = [
  { label: 'Forecast' },
  { label: 'State' },
  { label: 'Measured', isNumber: true },
  { label: 'Unknown', isNumber: true },
  { label: 'Asked' },
]

export const ForecastsPage = ({ path, items, cursor, next, ...props }: ForecastsPageProps) => (
  <>
    <Head title="Forecasts" meta={['What rules would have found, before they are deployed']} />
    <SearchViews path={props.searches} current="forecasts" />
    <section class="panel" aria-label="Forecasts">
      {items.length > 0 ? (
        <Table label="Table of forecasts" columns={COLUMNS} isStacked>
          {items.map((forecast) => (
            <tr>
              <th scope="row" class="wrap">
                <a href={`${path}/${forecast.id}`} class="break" dir="auto">
                  {forecast.title}
                </a>
              </th>
              <td>
                <BacktestBadge of={forecast.state} />
              </td>
              <td class="num">
                {formatNumber(forecast.counts.measured)} of {formatNumber(totalOf(forecast))}
              </td>
              <td class="num">{formatNumber(forecast.counts.unknown)}</td>
              <td>
                <Time at={forecast.createdAt} />
              </td>
            </tr>
          ))}
        </Table>
      ) : (
        <Empty
          icon="list-checks"
          title="Nobody has asked for a forecast yet"
          actions={
            <LinkButton kind="primary" href={props.rules}>
              Choose rules
            </LinkButton>
          }
        >
          Tick rules in the list and choose Forecast: their queries are asked over the last days,
          within a budget, and the loudest stand first.
        </Empty>
      )}
      <Pager
        shown={<span role="status">{count(items.length, 'forecast')}</span>}
        first={cursor === null ? null : path}
        next={next === null ? null : `${path}?${new URLSearchParams({ cursor: next }).toString()}`}
      />
    </section>
  </>
)

export function totalOf({ counts }: Pick<Forecast, 'counts'>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0)
}
