// Words for what runs without signatures.

import type { Hotfix } from '#domain/deployments/hotfix.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'

export const KIND_WORDS: Readonly<Record<Hotfix['kind'], string>> = {
  pause: 'The rule is paused',
  exclude: 'Values are left out',
  breakglass: 'Broken glass',
}

const STATES = {
  running: ['accent', 'Running'],
  overdue: ['bad', 'Overdue'],
  reverting: ['accent', 'Going back'],
  reverted: ['ok', 'Reverted'],
  kept: ['ok', 'Kept'],
  stuck: ['bad', 'Stuck'],
} as const satisfies Record<Hotfix['state'], readonly [Tone, string]>

export const HotfixBadge = ({ of }: { of: Hotfix['state'] }) => {
  const [tone, word] = STATES[of]
  return <Badge tone={tone}>{word}</Badge>
}

const REVIEW_STATES = {
  open: ['unknown', 'Not looked at'],
  justified: ['ok', 'Justified'],
  flagged: ['warn', 'Flagged'],
} as const satisfies Record<Hotfix['review'], readonly [Tone, string]>

export const ReviewBadge = ({ of }: { of: Hotfix['review'] }) => {
  const [tone, word] = REVIEW_STATES[of]
  return <Badge tone={tone}>{word}</Badge>
}
