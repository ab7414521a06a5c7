// States of coverage as badges, and their words.

import type { CoverageState } from '#domain/health/coverage.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'

export const COVERAGE_WORDS = {
  lost: ['bad', 'Lost'],
  unproven: ['warn', 'Unproven'],
  unknown: ['unknown', 'Unknown'],
  covered: ['ok', 'Covered'],
  none: [undefined, 'None'],
} as const satisfies Record<CoverageState, readonly [Tone | undefined, string]>

/** Those that need somebody first. */
export const STATES_IN_ORDER = Object.keys(COVERAGE_WORDS) as readonly CoverageState[]

export const CoverageBadge = ({ of }: { of: CoverageState }) => {
  const [tone, word] = COVERAGE_WORDS[of]
  return <Badge tone={tone}>{word}</Badge>
}
