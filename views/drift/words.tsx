// How drift is spoken of.

import type { Drift, DriftState } from '#domain/deployments/drift.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { count } from '#views/parts/format.ts'

const STATES = {
  found: ['open', 'warn'],
  adopted: ['taken over', 'ok'],
  redeployed: ['put back', 'ok'],
  unmanaged: ['no longer managed', 'unknown'],
  ended: ['as it should be again', 'ok'],
} as const satisfies Record<DriftState, readonly [word: string, tone: Tone]>

export const DriftBadge = ({ of }: { of: Pick<Drift, 'state' | 'wanted'> }) => {
  const [word, tone] = STATES[of.state]
  if (of.state !== 'found' || of.wanted === null) return <Badge tone={tone}>{word}</Badge>
  return (
    <Badge tone="accent">{of.wanted === 'redeploy' ? 'being put back' : 'being let go of'}</Badge>
  )
}

const FIELDS_NAMED = 3

/** What it is about, in a few words. */
export function driftWords({ kind, fields }: Drift): string {
  if (kind === 'missing') return 'gone'
  if (kind === 'dependency') return 'another definition'
  const names = fields.slice(0, FIELDS_NAMED).map(({ name }) => name)
  const more = fields.length - names.length
  return more > 0 ? `${names.join(', ')} and ${count(more, 'field')} more` : names.join(', ')
}
