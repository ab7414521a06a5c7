// How it is said where rules stand and what became of a deployment: each with a shape and a word.

import type { Deployment, DeploymentState, ItemState } from '#domain/deployments/deployment.ts'
import type { PlacementState, Standing } from '#domain/placements/placement.ts'
import { Badge, State, TONE_ICONS, type Tone } from '#views/parts/badge.tsx'
import { classes, Icon } from '#views/parts/icon.tsx'
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

export const DEPLOYMENT_STATE_WORDS = Object.entries(STATES).map(
  ([state, [, , word]]) => [state, word] as const,
)

export const DeploymentStateBadge = ({ of }: { of: DeploymentState }) => {
  const [tone, icon, word] = STATES[of]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}

/** What it is: a change going out, one that is tried, or one that is taken back. */
export function kindOfRun({ isDryRun, kind }: Deployment): string {
  if (isDryRun) return 'dry run'
  return kind === 'rollback' ? 'rollback' : 'deployment'
}

const ITEM_STATES: Readonly<Record<ItemState, readonly [Tone, string]>> = {
  waiting: ['unknown', 'waits'],
  writing: ['accent', 'being written'],
  verifying: ['accent', 'being read back'],
  done: ['ok', 'written and read back'],
  same: ['ok', 'stood there already'],
  failed: ['bad', 'failed'],
  rolled_back: ['warn', 'taken back'],
  unknown: ['unknown', 'unknown'],
}

export const ItemStateMark = ({ of, isDryRun }: { of: ItemState; isDryRun: boolean }) => {
  const [tone, word] = ITEM_STATES[of]
  const isMoving = of === 'writing' || of === 'verifying'
  const icon = isMoving ? 'loader-circle' : of === 'waiting' ? 'clock' : TONE_ICONS[tone]
  return (
    <span class="row-s row-1 nowrap" data-tone={tone}>
      <span class="tone">
        <Icon name={icon} size="s" class={classes(isMoving && 'spin')} />
      </span>
      {isDryRun && of === 'done' ? 'would be written' : word}
    </span>
  )
}
