// Techniques covered and lost, by the day. A day on which nothing was looked at is drawn empty, never as 0.

import type { CoverageDay } from '#domain/health/covering.ts'
import { formatDate } from '#views/parts/format.ts'

const WIDTH = 720
const HEIGHT = 64

export const Trend = ({ days }: { days: readonly CoverageDay[] }) => {
  const known = days.flatMap(({ counts }) => (counts === null ? [] : [counts]))
  const highest = Math.max(1, ...known.map(({ covered, lost }) => covered + lost))
  const step = WIDTH / days.length
  const heightOf = (count: number) => (count / highest) * HEIGHT
  return (
    <svg
      class="cover-trend"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={inWords(days)}
    >
      {days.map(({ counts }, at) => {
        const bar = { x: at * step + 0.5, width: step - 1 }
        if (counts === null) return <rect class="gap" {...bar} y={HEIGHT - 3} height={2} />
        const covered = heightOf(counts.covered)
        const lost = heightOf(counts.lost)
        return (
          <>
            <rect {...bar} y={HEIGHT - covered} height={covered} />
            <rect class="hot" {...bar} y={HEIGHT - covered - lost} height={lost} />
          </>
        )
      })}
    </svg>
  )
}

function inWords(days: readonly CoverageDay[]): string {
  const known = days.filter(({ counts }) => counts !== null)
  const first = known[0]
  const last = known.at(-1)
  if (!first?.counts || !last?.counts) return 'Techniques covered by the day: unknown'
  return `Techniques covered: ${first.counts.covered} on ${formatDate(first.day)}, ${last.counts.covered} on ${formatDate(last.day)}, when ${last.counts.lost} were lost`
}
