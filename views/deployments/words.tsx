// How it is said where rules stand and what became of a deployment: each with a shape and a word.

import type { DeploymentState } from '#domain/deployments/deployment.ts'
import type { PlacementState, Standing } from '#domain/placements/placement.ts'
import { Badge, State, type Tone } from '#views/parts/badge.tsx'
import type { IconName } from '#views/parts/icons.ts'
import type { Child } from 'hono/jsx'

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

const STATES: Readonly<Record<DeploymentState, readonly [Tone, IconName, string]>> = {
  queued: ['accent', 'clock', 'Queued'],
  checking: ['accent', 'loader-circle', 'Checking'],
  testing: ['accent', 'loader-circle', 'Testing'],
  waiting_window: ['accent', 'clock', 'Waits for a window'],
  deploying: ['accent', 'loader-circle', 'Deploying'],
  verifying: ['accent', 'loader-circle', 'Reading back'],
  deployed: ['ok', 'circle-check', 'Deployed'],
  failed: ['bad', 'circle-x', 'Failed'],
  rolling_back: ['warn', 'loader-circle', 'Rolling back'],
  rolled_back: ['warn', 'history', 'Rolled back'],
}

export const DeploymentStateBadge = ({ of }: { of: DeploymentState }) => {
  const [tone, icon, word] = STATES[of]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}
