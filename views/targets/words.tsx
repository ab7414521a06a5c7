// How targets are spoken of: their kinds, states and modes, each with a shape and a word.

import type { HealthState } from '#domain/targets/health.ts'
import type { SiemKind } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Icon } from '#views/parts/icon.tsx'
import type { IconName } from '#views/parts/icons.ts'

const ICONS: Readonly<Record<SiemKind, IconName>> = {
  local: 'hard-drive',
  splunk: 'radar',
  sentinel: 'cloud',
  defender: 'shield-check',
  elastic: 'layers',
  opensearch: 'search',
}

export const KindIcon = ({ of }: { of: SiemKind }) => <Icon name={ICONS[of]} />

const STATES: Readonly<Record<HealthState, readonly [Tone, string]>> = {
  healthy: ['ok', 'healthy'],
  degraded: ['warn', 'degraded'],
  unreachable: ['bad', 'unreachable'],
  unauthorised: ['bad', 'not let in'],
  unknown: ['unknown', 'unknown'],
}

export const HealthBadge = ({ of }: { of: HealthState }) => (
  <Badge tone={STATES[of][0]}>{STATES[of][1]}</Badge>
)

export const ModeBadge = ({ of }: { of: Target['mode'] }) =>
  of === 'read_only' ? <Badge icon="lock">read-only</Badge> : <Badge>read and write</Badge>

export const STAGE_WORDS: Readonly<Record<Target['stage'], string>> = {
  dev: 'development',
  test: 'test',
  production: 'production',
}
