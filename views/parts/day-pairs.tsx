// Two numbers by the day as pairs of bars: how it is now beside how it would be, with the same as a table for
// whoever does not see them.

import { addMs, DAY, type Instant } from '#kernel/time.ts'
import { formatDate, formatNumber } from './format.ts'

const WIDTH = 720
const HEIGHT = 72

export interface DayPairsProps {
  readonly label: string
  /** When the first day begins. */
  readonly from: Instant
  /** As long as each other. */
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export const DayPairs = ({ label, from, before, after }: DayPairsProps) => {
  const highest = Math.max(1, ...before, ...after)
  const step = WIDTH / before.length
  const width = Math.max(0.5, Math.min(40, step * 0.42))
  const path = (counts: readonly number[], shift: number) =>
    counts
      .map((count, at) => {
        const height = count === 0 ? 0 : Math.max(1.5, (count / highest) * (HEIGHT - 2))
        const x = at * step + step / 2 + shift
        return `M${fixed(x)} ${fixed(HEIGHT - height)}h${fixed(width)}v${fixed(height)}h${fixed(-width)}z`
      })
      .join('')
  return (
    <figure class="stack-s">
      <figcaption class="row-s">
        <span>
          {label}, at most {formatNumber(highest)}
        </span>
        <span class="muted small day-key">now</span>
        <span class="muted small day-key then">afterwards</span>
      </figcaption>
      <svg
        class="day-pairs"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path class="now" d={path(before, -width)} />
        <path class="then" d={path(after, 0)} />
      </svg>
      <div class="vh">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">Day from</th>
              <th scope="col">Now</th>
              <th scope="col">Afterwards</th>
            </tr>
          </thead>
          <tbody>
            {before.map((count, at) => (
              <tr>
                <td>{formatDate(addMs(from, at * DAY))}</td>
                <td>{count}</td>
                <td>{after[at]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}

const fixed = (value: number) => Math.round(value * 100) / 100
