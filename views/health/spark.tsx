// Alerts by the day as bars, with the same in words for whoever does not see them. A day that is not known
// is drawn empty, never as none.

import type { DayCount } from '#domain/health/sample.ts'
import { formatDate, formatNumber } from '#views/parts/format.ts'

const HEIGHT = 20

export const Spark = ({ days, limit }: { days: readonly DayCount[]; limit: number | null }) => {
  const known = days.flatMap(({ alerts }) => alerts ?? [])
  const highest = Math.max(1, ...known)
  const step = 92 / days.length
  return (
    <svg
      class="spark"
      viewBox={`0 0 92 ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={inWords(days)}
    >
      {days.map(({ alerts }, at) => {
        const x = at * step + 0.3
        const width = Math.max(0.7, step - 0.6)
        if (alerts === null)
          return <rect class="gap" x={x} y={HEIGHT - 4} width={width} height={3} />
        const height = alerts === 0 ? 1 : Math.max(2, (alerts / highest) * HEIGHT)
        const isOver = limit !== null && alerts > limit
        return (
          <rect
            class={isOver ? 'hot' : undefined}
            x={x}
            y={HEIGHT - height}
            width={width}
            height={height}
          />
        )
      })}
    </svg>
  )
}

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
