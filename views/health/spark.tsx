// Alerts by the day as bars, with the same in words for whoever does not see them. A day that is not known
// is drawn empty, never as none.

import type { DayCount } from '#domain/health/sample.ts'
import { formatDate, formatNumber } from '#views/parts/format.ts'

const HEIGHT = 20

const WIDTH = 92

/** One path for each kind of bar: a page has thousands of bars. */
export const Spark = ({ days, limit }: { days: readonly DayCount[]; limit: number | null }) => {
  const bars = Object.groupBy(barsOf(days, limit), ({ kind }) => kind)
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={inWords(days)}
    >
      {KINDS.map((kind) => bars[kind] && <path class={kind} d={drawn(bars[kind])} />)}
    </svg>
  )
}

const KINDS = ['gap', 'bar', 'hot'] as const

interface Bar {
  readonly kind: (typeof KINDS)[number]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function barsOf(days: readonly DayCount[], limit: number | null): readonly Bar[] {
  const highest = Math.max(1, ...days.flatMap(({ alerts }) => alerts ?? []))
  const step = WIDTH / days.length
  const width = Math.max(0.7, step - 0.6)
  return days.map(({ alerts }, at) => {
    const x = at * step + 0.3
    if (alerts === null) return { kind: 'gap', x, y: HEIGHT - 4, width, height: 3 }
    const height = alerts === 0 ? 1 : Math.max(2, (alerts / highest) * HEIGHT)
    const kind = limit !== null && alerts > limit ? 'hot' : 'bar'
    return { kind, x, y: HEIGHT - height, width, height }
  })
}

const drawn = (bars: readonly Bar[]) =>
  bars
    .map(
      (one) =>
        `M${fixed(one.x)} ${fixed(one.y)}h${fixed(one.width)}v${fixed(one.height)}h${fixed(-one.width)}z`,
    )
    .join('')

const fixed = (value: number) => Math.round(value * 100) / 100

function inWords(days: readonly DayCount[]): string {
  const known = days.flatMap(({ alerts }) => alerts ?? [])
  if (known.length === 0) return 'Alerts by the day: unknown'
  const sum = known.reduce((total, value) => total + value, 0)
  const unknown = days.length - known.length
  const less = unknown === 0 ? '' : `, ${unknown} of them unknown`
  return `Alerts in ${days.length} days${less}: ${formatNumber(sum)}, at most ${formatNumber(Math.max(...known))} a day`
}

/** The same as a table, for a page that has room. */
export const DayTable = ({ days }: { days: readonly DayCount[] }) => (
  <div class="vh">
    <table>
      <caption>Alerts and runs by the day</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">Alerts</th>
          <th scope="col">Runs</th>
          <th scope="col">Failed</th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, alerts, ran, failed }) => (
          <tr>
            <td>{formatDate(day)}</td>
            <td>{alerts ?? 'unknown'}</td>
            <td>{ran ?? 'unknown'}</td>
            <td>{failed ?? 'unknown'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
