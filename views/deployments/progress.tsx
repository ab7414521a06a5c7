// How far a deployment is: its steps, and its items counted.

import type { Deployment, DeploymentState, ItemState } from '#domain/deployments/deployment.ts'
import { formatNumber } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'

const STEPS = [
  ['queued', 'Queued'],
  ['checking', 'Checking'],
  ['testing', 'Testing'],
  ['waiting_window', 'Window'],
  ['deploying', 'Writing'],
  ['verifying', 'Reading back'],
] as const satisfies readonly (readonly [DeploymentState, string])[]

const LAST: Readonly<Partial<Record<DeploymentState, string>>> = {
  failed: 'Failed',
  rolling_back: 'Rolling back',
  rolled_back: 'Rolled back',
}

export const Steps = ({ of }: { of: Deployment }) => {
  const now = STEPS.findIndex(([state]) => state === of.state)
  const last = LAST[of.state]
  const reached = of.state === 'deployed' ? STEPS.length : now >= 0 ? now : reachedBy(of)
  return (
    <section class="panel" aria-label="Steps">
      <div class="scroll" tabindex={0} role="region" aria-label="Steps of this deployment">
        <ol class="stepper">
          {STEPS.map(([state, word], at) => (
            <Step
              word={word}
              is={at < reached ? 'done' : at === now ? 'now' : 'next'}
              note={state === 'deploying' ? countsInWords(of) : ''}
            />
          ))}
          <Step
            word={last ?? 'Deployed'}
            is={of.state === 'deployed' ? 'done' : last === undefined ? 'next' : 'failed'}
            note=""
          />
        </ol>
      </div>
    </section>
  )
}

/** Of one that did not get to its end: what was written says how far it came, and nothing else does. */
function reachedBy({ counts }: Deployment): number {
  const touched = counts.done + counts.same + counts.unknown + counts.rolled_back
  return touched > 0 ? STEPS.findIndex(([state]) => state === 'deploying') + 1 : 1
}

const SAID = { done: 'done', now: 'now', next: 'not reached', failed: 'here it ended' } as const

const Step = (props: { word: string; is: keyof typeof SAID; note: string }) => (
  <li data-s={props.is} aria-current={props.is === 'now' ? 'step' : undefined}>
    <span class="dot" aria-hidden="true">
      {props.is === 'done' && <Icon name="check" size="s" />}
      {props.is === 'failed' && <Icon name="x" size="s" />}
    </span>
    <b>
      {props.word}
      <span class="vh"> ({SAID[props.is]})</span>
    </b>
    <span class="small">{props.note}</span>
  </li>
)

const WORDS: readonly (readonly [ItemState, string])[] = [
  ['done', 'done'],
  ['same', 'already so'],
  ['unknown', 'unknown'],
  ['failed', 'failed'],
  ['rolled_back', 'taken back'],
  ['writing', 'being written'],
  ['verifying', 'being read back'],
  ['waiting', 'waiting'],
]

/** `4 done, 1 unknown`. */
export function countsInWords({ counts }: Deployment): string {
  const said = WORDS.filter(([state]) => counts[state] > 0).map(
    ([state, word]) => `${formatNumber(counts[state])} ${word}`,
  )
  return said.join(', ') || 'none yet'
}
