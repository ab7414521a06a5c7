// What becomes of a question at each target, while it runs and after.

import type { Segment } from '#domain/searches/search.ts'
import { KIND_NAMES } from '#kernel/siem.ts'
import { Button } from '#views/parts/button.tsx'
import { TONE_ICONS } from '#views/parts/badge.tsx'
import { formatBytes, formatNumber, formatSpan } from '#views/parts/format.ts'
import { classes, Icon } from '#views/parts/icon.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { Foreign, Unknown } from '#views/parts/text.tsx'
import { markOf, missingOf, rowsInWords } from './words.tsx'

export const Segments = ({
  segments,
  path,
}: {
  segments: readonly Segment[]
  /** `/w/acme/searches/sea_…` */
  path: string
}) => {
  const over = segments.filter(({ endedAt }) => endedAt !== null).length
  const rows = segments.reduce((sum, { rowCount }) => sum + rowCount, 0)
  return (
    <Panel
      title="Targets"
      id="segments"
      sub={`${over} of ${segments.length} ended, ${rowsInWords(rows)}`}
    >
      <ul class="segs">
        {segments.map((segment) => (
          <Line segment={segment} path={path} />
        ))}
      </ul>
    </Panel>
  )
}

const Line = ({ segment, path }: { segment: Segment; path: string }) => {
  const { label, tone } = markOf(segment)
  const isRunning = segment.state === 'running'
  const icon = segment.endedAt !== null ? TONE_ICONS[tone] : isRunning ? 'loader-circle' : 'clock'
  const value = segment.state === 'succeeded' ? 100 : Math.round((segment.progress ?? 0) * 100)
  return (
    <li class="seg" data-tone={tone}>
      <span class="seg-name">
        <b class="clip">
          <Foreign text={segment.targetName} />
        </b>
        <span class="muted small">{KIND_NAMES[segment.kind]}</span>
      </span>
      <div class="seg-bar">
        <progress max="100" value={value} aria-label={`${segment.targetName}: ${label}`}></progress>
        <span class="small muted break">
          <Foreign text={detailOf(segment)} />
        </span>
      </div>
      <span class="num">
        {segment.state === 'succeeded' || segment.rowCount > 0 ? (
          formatNumber(segment.rowCount)
        ) : (
          <Unknown />
        )}
      </span>
      <span class="seg-state" data-tone={tone}>
        <Icon name={icon} size="s" class={classes(isRunning && 'spin')} />
        {label}
      </span>
      <span class="seg-act">
        {mayRetry(segment) && (
          <form method="post" action={`${path}/segments/${segment.position}/retry`}>
            <Button size="s" aria-label={`Try again: ${segment.targetName}`}>
              Try again
            </Button>
          </form>
        )}
      </span>
    </li>
  )
}

/** What was never asked, because it cannot be, is not asked again. */
const mayRetry = ({ state, endedAt, text }: Segment) =>
  endedAt !== null && state !== 'succeeded' && text !== ''

function detailOf(segment: Segment): string {
  const { startedAt, endedAt, byteCount, reason, notices, completeness, state } = segment
  const took =
    startedAt !== null && endedAt !== null && state === 'succeeded'
      ? formatSpan(endedAt - startedAt)
      : null
  const parts = [
    reason,
    missingOf(completeness),
    took,
    costOf(segment),
    byteCount > 0 ? `${formatBytes(byteCount)} kept` : null,
    ...notices,
  ].filter((part) => part !== null)
  return parts.length > 0 ? parts.join(' · ') : state === 'queued' ? 'waits for its turn' : 'asked'
}

/** What it took at the target; what it does not tell is unknown, and no 0. */
function costOf({ state, scanned, scannedBytes }: Segment): string | null {
  const read = [
    ...(scanned === null ? [] : [`${formatNumber(scanned)} events`]),
    ...(scannedBytes === null ? [] : [formatBytes(scannedBytes)]),
  ]
  if (read.length > 0) return `${read.join(', ')} read`
  return state === 'succeeded' ? 'cost unknown' : null
}
