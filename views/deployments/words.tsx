// How it is said where rules stand and what became of a deployment: each with a shape and a word.

import type { PlacementState, Standing } from '#domain/placements/placement.ts'
import type { Child } from 'hono/jsx'
import { State } from '#views/parts/badge.tsx'

const PLACEMENT_WORDS: Readonly<Record<PlacementState, string>> = {
  soaking: 'soaking',
  live: 'live',
  paused: 'paused',
  drifted: 'changed there',
  missing: 'gone',
  unknown: 'unknown',
}

/** The shape alone; what is said of it stands inside. */
export const PlacementMark = ({ of, children }: { of: PlacementState; children?: Child }) => (
  <State of={of}>{children}</State>
)

export const PlacementWord = ({ of }: { of: PlacementState }) => (
  <State of={of}>{PLACEMENT_WORDS[of]}</State>
)

export function standingInWords({ targetName, state, version }: Standing): string {
  return `${targetName}: ${PLACEMENT_WORDS[state]}, version ${version}`
}
