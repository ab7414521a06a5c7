// Keep, tune or retire: what the numbers of a rule speak for, with the reason. Never to retire what alone
// covers a technique. Pure; a person decides.

import type { Precision } from './alert.ts'
import type { HealthState } from './health.ts'

export interface Advice {
  readonly kind: 'keep' | 'tune' | 'retire'
  readonly reason: string
}

export interface ToAdvise {
  readonly state: HealthState
  readonly precision: Precision
  readonly perDay: number | null
  readonly watchedDays: number
  readonly alerts: number | null
  /** Techniques that no other deployed rule names. */
  readonly soleCoverOf: readonly string[]
}

/** A rule that never fired is given so long. */
const PATIENCE_DAYS = 90
const PRECISION_POOR = 0.2
const PRECISION_HOPELESS = 0.05
const DECIDED_MANY = 20

/** Null where too little is known to say anything. */
export function advise(facts: ToAdvise): Advice | null {
  const { state, precision, watchedDays, alerts, soleCoverOf } = facts
  if (state === 'unknown' || state === 'paused') return null
  const { share, decided } = precision
  const isHopeless = share !== null && share < PRECISION_HOPELESS && decided >= DECIDED_MANY
  const isSilent = alerts === 0 && watchedDays >= PATIENCE_DAYS
  if (isHopeless || isSilent) {
    const why = isHopeless
      ? `${percent(share)} of ${decided} decided alerts were worth it`
      : `it has not fired in ${watchedDays} days`
    if (soleCoverOf.length === 0) return { kind: 'retire', reason: `${capital(why)}.` }
    const only = soleCoverOf.slice(0, 3).join(', ')
    return { kind: 'tune', reason: `${capital(why)}, and it alone covers ${only}.` }
  }
  if (share !== null && share < PRECISION_POOR) {
    return { kind: 'tune', reason: `${percent(share)} of ${decided} decided alerts were worth it.` }
  }
  if (state === 'noisy') return { kind: 'tune', reason: 'It makes more alerts than its budget.' }
  if (state !== 'healthy') return null
  if (share === null) return null
  return { kind: 'keep', reason: `${percent(share)} of ${decided} decided alerts were worth it.` }
}

const percent = (share: number) => `${Math.round(share * 100)} %`
const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1)
