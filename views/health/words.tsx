// States of health as badges, and their words.

import type { HealthState } from '#domain/health/health.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'

const STATES = {
  silently_broken: ['bad', 'Silently broken'],
  failing: ['bad', 'Failing'],
  gaps: ['warn', 'Gaps'],
  late: ['warn', 'Late events'],
  dead: ['warn', 'Dead'],
  noisy: ['warn', 'Noisy'],
  slow: ['warn', 'Slow'],
  lagging: ['warn', 'Lagging'],
  unknown: ['unknown', 'Unknown'],
  paused: ['unknown', 'Paused'],
  healthy: ['ok', 'Healthy'],
} as const satisfies Record<HealthState, readonly [Tone, string]>

export const HealthStateBadge = ({ of }: { of: HealthState }) => {
  const [tone, word] = STATES[of]
  return <Badge tone={tone}>{word}</Badge>
}

export const wordOf = (state: HealthState): string => STATES[state][1]
