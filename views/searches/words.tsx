// How a segment and a search are put into words: what is known, and what is not.

import type { Search, SearchOutcome, Segment, SegmentState } from '#domain/searches/search.ts'
import type { Completeness } from '#domain/targets/port.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { count, formatNumber } from '#views/parts/format.ts'

export interface Mark {
  readonly label: string
  readonly tone: Tone
}

const MARKS: Readonly<Record<Exclude<SegmentState, 'succeeded'>, Mark>> = {
  queued: { label: 'Waiting', tone: 'accent' },
  running: { label: 'Running', tone: 'accent' },
  failed: { label: 'Failed', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'unknown' },
  unknown: { label: 'Unknown', tone: 'unknown' },
}

export function markOf({ state, completeness }: Segment): Mark {
  if (state !== 'succeeded') return MARKS[state]
  if (completeness?.kind === 'complete') return { label: 'Complete', tone: 'ok' }
  return { label: completeness?.kind === 'truncated' ? 'Cut off' : 'Partial', tone: 'warn' }
}

/** Why there may be more than what came. */
export function missingOf(completeness: Completeness | null): string | null {
  if (completeness === null || completeness.kind === 'complete') return null
  return completeness.kind === 'truncated'
    ? `Cut off at ${completeness.limit}.`
    : `Partial: ${completeness.reason}`
}

/** The sentence over the results: what was read, what was not, and what may be concluded. */
export function verdictOf(
  { segments }: Search,
  outcome: SearchOutcome | undefined,
): { readonly tone: Tone; readonly title: string; readonly text: string } {
  const whole = segments.filter((one) => markOf(one).tone === 'ok')
  const others = segments.filter((one) => markOf(one).tone !== 'ok').map(sentenceOf)
  const read = `${whole.length} of ${count(segments.length, 'target')} ${whole.length === 1 ? 'is' : 'are'} fully read.`
  if (outcome?.kind === 'complete') {
    const [only] = segments
    return {
      tone: 'ok',
      title: 'Complete.',
      text:
        segments.length === 1
          ? `${only!.targetName} is fully read.`
          : 'Every target is fully read.',
    }
  }
  if (outcome?.kind === 'nothing') {
    return {
      tone: 'bad',
      title: 'Nothing is known.',
      text: `No target answered. ${others.join(' ')}`,
    }
  }
  const conclude = 'Do not conclude that something did not happen.'
  return {
    tone: 'warn',
    title: outcome === undefined ? 'Not complete yet.' : 'Not complete.',
    text: [read, ...others, conclude].join(' '),
  }
}

function sentenceOf(segment: Segment): string {
  const name = segment.targetName
  switch (segment.state) {
    case 'queued':
      return `${name} waits.`
    case 'running':
      return `${name} is still running.`
    case 'failed':
      return `${name} failed.`
    case 'cancelled':
      return `${name} was cancelled.`
    case 'unknown':
      return `What became of ${name} is unknown.`
    case 'succeeded':
      return segment.completeness?.kind === 'truncated'
        ? `${name} was cut off at ${segment.completeness.limit}.`
        : `${name} answered in part.`
  }
}

export const SearchBadge = ({ outcome }: { outcome: SearchOutcome | undefined }) => {
  switch (outcome?.kind) {
    case undefined:
      return (
        <Badge tone="accent" icon="loader-circle">
          Running
        </Badge>
      )
    case 'complete':
      return <Badge tone="ok">Complete</Badge>
    case 'some':
      return <Badge tone="warn">Not complete</Badge>
    case 'nothing':
      return <Badge tone="bad">No answer</Badge>
  }
}

export const rowsInWords = (rows: number): string =>
  `${formatNumber(rows)} ${rows === 1 ? 'row' : 'rows'}`
