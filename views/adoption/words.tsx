// How what stands on a target is spoken of: whether it is bound, how it stands, who else writes it.

import type { Observed, Standing } from '#domain/adoption/observed.ts'
import type { Completeness } from '#domain/targets/port.ts'
import type { Manager } from '#languages/rule-formats/observed/object.ts'
import { Badge, State } from '#views/parts/badge.tsx'

const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  soaking: 'soaking',
  live: 'live',
  paused: 'switched off',
  drifted: 'changed there',
  missing: 'gone',
  unknown: 'unknown',
}

export const StandingState = ({ of }: { of: Standing }) => (
  <State of={of}>{STANDING_WORDS[of]}</State>
)

/** Bound, and how it stands; or why it is not bound. */
export const Binding = ({ of }: { of: Observed }) => {
  const { adoption, missingSince } = of
  if (adoption === null) {
    return missingSince === null ? (
      <State of="none">not adopted</State>
    ) : (
      <State of="missing">gone</State>
    )
  }
  return (
    <>
      <StandingState of={adoption.standing} />{' '}
      {adoption.ownership === 'observe' && <Badge icon="lock">observed</Badge>}
    </>
  )
}

const MANAGERS: Readonly<Record<Manager['kind'], string>> = {
  app: 'application',
  template: 'template',
  prebuilt: 'prebuilt by',
  repository: 'repository',
  tool: 'tool',
}

export function managerWords({ kind, name }: Manager): string {
  return `${MANAGERS[kind]} ${name}`
}

export const Enabled = ({ is }: { is: boolean | null }) =>
  is === null ? (
    <Badge tone="unknown">unknown</Badge>
  ) : is ? (
    <Badge tone="ok">on</Badge>
  ) : (
    <Badge>off</Badge>
  )

/** Undefined for a list that is whole. */
export function gapWords(completeness: Completeness): string | undefined {
  switch (completeness.kind) {
    case 'complete':
      return undefined
    case 'partial':
      return completeness.reason
    case 'truncated':
      return `The target gave no more than ${completeness.limit}.`
  }
}
