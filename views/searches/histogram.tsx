// Rows over time, as bars; a table of the same stands behind for screen readers.

import type { Search } from '#domain/searches/search.ts'
import { formatExact, formatNumber, formatSpan } from '#views/parts/format.ts'
import { Panel } from '#views/parts/panel.tsx'

const WIDTH = 960
const HEIGHT = 96

export const RowsOverTime = ({ search }: { search: Search }) => {
  const { from, to, segments } = search
  const slices = segments[0]?.histogram.counts.length ?? 0
  const counts = Array.from({ length: slices }, (_, at) =>
    segments.reduce((sum, { histogram }) => sum + (histogram.counts[at] ?? 0), 0),
  )
  const highest = Math.max(...counts)
  const untimed = segments.reduce((sum, { histogram }) => sum + histogram.untimed, 0)
  if (highest === 0) return null
  const slice = (to - from) / slices
  const isMissing = segments.some(({ state }) => state !== 'succeeded')
  const sub = [
    `${formatSpan(slice)} a bar`,
    `highest ${formatNumber(highest)}`,
    ...(untimed > 0 ? [`${formatNumber(untimed)} outside the range or without a time`] : []),
    ...(isMissing ? ['without the targets that did not answer'] : []),
  ]
  return (
    <Panel title="Rows over time" id="histogram" sub={sub.join(', ')}>
      <div class="hist-wrap">
        <Bars counts={counts} from={from} slice={slice} highest={highest} />
        <div class="hist-axis small muted">
          <span>{formatExact(from)}</span>
          <span>{formatExact(to)}</span>
        </div>
        <CountTable counts={counts} from={from} slice={slice} />
      </div>
    </Panel>
  )
}

interface Counts {
  readonly counts: readonly number[]
  readonly from: number
  /** Milliseconds a bar. */
  readonly slice: number
}

const Bars = ({ counts, from, slice, highest }: Counts & { highest: number }) => {
  const step = WIDTH / counts.length
  return (
    <svg
      class="hist"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Rows from ${formatExact(from)} to ${formatExact(from + counts.length * slice)}, highest ${formatNumber(highest)}`}
    >
      {counts.map((value, at) =>
        value === 0 ? null : (
          <rect
            class="all"
            x={at * step + 1}
            y={HEIGHT - Math.max(2, (value / highest) * HEIGHT)}
            width={step - 2}
            height={Math.max(2, (value / highest) * HEIGHT)}
          >
            <title>{`${formatExact(from + at * slice)}: ${formatNumber(value)}`}</title>
          </rect>
        ),
      )}
    </svg>
  )
}

const CountTable = ({ counts, from, slice }: Counts) => (
  <table class="vh">
    <caption>Rows over time</caption>
    <thead>
      <tr>
        <th scope="col">From</th>
        <th scope="col">Rows</th>
      </tr>
    </thead>
    <tbody>
      {counts.flatMap((value, at) =>
        value === 0
          ? []
          : [
              <tr>
                <td>{formatExact(from + at * slice)}</td>
                <td>{value}</td>
              </tr>,
            ],
      )}
    </tbody>
  </table>
)
