// Words for what a query would have found.

import type { BacktestItem, BacktestState } from '#domain/changes/backtest.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { formatNumber } from '#views/parts/format.ts'

const STATES: Readonly<Record<BacktestState, readonly [tone: Tone | undefined, word: string]>> = {
  running: ['accent', 'Asking'],
  done: ['ok', 'Done'],
  cancelled: ['unknown', 'Cancelled'],
  failed: ['bad', 'Failed'],
}

export const BacktestBadge = ({ of }: { of: BacktestState }) => {
  const [tone, word] = STATES[of]
  return tone === undefined ? <Badge>{word}</Badge> : <Badge tone={tone}>{word}</Badge>
}

const ITEM_WORDS = {
  waiting: ['unknown', 'Waits'],
  asking: ['accent', 'Asking'],
  measured: ['ok', 'Measured'],
  unknown: ['unknown', 'Unknown'],
  unchanged: ['unknown', 'Not asked'],
} as const satisfies Record<BacktestItem['state'], readonly [Tone, string]>

export const ItemBadge = ({ of }: { of: BacktestItem['state'] }) => {
  const [tone, word] = ITEM_WORDS[of]
  return <Badge tone={tone}>{word}</Badge>
}

/** Unknown is a word and never 0; what is less than a tenth is said to be. */
export function rateInWords(perDay: number | null): string {
  if (perDay === null) return 'unknown'
  if (perDay > 0 && perDay < 0.1) return 'under 0.1'
  return formatNumber(perDay)
}

export function numberOr(value: number | null): string {
  return value === null ? 'unknown' : formatNumber(value)
}
