// How changes are spoken of: their states, what they do to a rule at a target, and what happened to them.

import type {
  ChangeAction,
  ChangeEvent,
  ChangeOrigin,
  ChangeState,
  Decision,
} from '#domain/changes/change.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import type { IconName } from '#views/parts/icons.ts'

const STATES: Readonly<Record<ChangeState, readonly [Tone | undefined, IconName, string]>> = {
  draft: [undefined, 'scroll-text', 'Draft'],
  in_review: ['accent', 'git-pull-request', 'In review'],
  changes_requested: ['warn', 'triangle-alert', 'Changes requested'],
  approved: ['ok', 'circle-check', 'Approved'],
  deploying: ['accent', 'loader-circle', 'Deploying'],
  deployed: ['ok', 'circle-check', 'Deployed'],
  failed: ['bad', 'circle-x', 'Failed'],
  rolled_back: ['warn', 'history', 'Rolled back'],
  rejected: ['bad', 'circle-x', 'Rejected'],
  withdrawn: ['unknown', 'x', 'Withdrawn'],
  expired: ['unknown', 'clock', 'Expired'],
}

export const CHANGE_STATE_WORDS = Object.entries(STATES).map(
  ([state, [, , word]]) => [state, word] as const,
)

export const ChangeStateBadge = ({ of }: { of: ChangeState }) => {
  const [tone, icon, word] = STATES[of]
  return (
    <Badge icon={icon} {...(tone === undefined ? {} : { tone })}>
      {word}
    </Badge>
  )
}

export const ACTION_WORDS: Readonly<Record<ChangeAction, string>> = {
  adopt: 'take over',
  add: 'add',
  change: 'change',
  remove: 'remove',
  pause: 'pause',
  resume: 'resume',
  unmanage: 'let go',
}

export const ACTION_ICONS: Readonly<Record<ChangeAction, IconName>> = {
  adopt: 'download',
  add: 'plus',
  change: 'git-pull-request',
  remove: 'x',
  pause: 'bell-off',
  resume: 'bell',
  unmanage: 'log-out',
}

/** What an item means where no text of a rule changes, a sentence without its full stop. */
export const ACTION_SENTENCES: Readonly<Record<ChangeAction, string>> = {
  adopt: 'What stands there is written by Rulewright from now on',
  add: 'The rule stands there for the first time',
  change: 'What stands there is written anew',
  remove: 'The rule is taken away there',
  pause: 'The rule is switched off there, and stays',
  resume: 'The rule is switched on again there',
  unmanage: 'The rule stays as it stands and is no longer written by Rulewright',
}

export const ORIGIN_WORDS: Readonly<Record<ChangeOrigin, string>> = {
  rules: 'from rules',
  import: 'from an import',
  drift: 'from drift',
  rollback: 'a rollback',
  hotfix: 'a hotfix',
  exclusion: 'from an exclusion',
  budget: 'from a noise budget',
}

export const DECISION_WORDS: Readonly<Record<Decision, readonly [Tone, string]>> = {
  approve: ['ok', 'approved'],
  reject: ['bad', 'rejected'],
  request_changes: ['warn', 'asked for changes'],
}

const DECISION_ICONS: Readonly<Record<Decision, IconName>> = {
  approve: 'circle-check',
  reject: 'circle-x',
  request_changes: 'triangle-alert',
}

const EVENTS: Readonly<Record<string, readonly [IconName, string]>> = {
  open: ['plus', 'opened it'],
  edit: ['scroll-text', 'edited it'],
  render: ['layers', 'rendered it again'],
  submit: ['git-pull-request', 'asked for review'],
  sign: ['fingerprint-pattern', 'decided about it'],
  waive: ['triangle-alert', 'let a problem pass'],
  comment: ['info', 'commented'],
  withdraw: ['x', 'withdrew it'],
  remind: ['bell', 'reminded those who may sign'],
  expire: ['clock', 'its approval ended unused'],
  deploy: ['rocket', 'began to deploy it'],
  settle_deployed: ['circle-check', 'it is deployed'],
  settle_failed: ['circle-x', 'its deployment failed'],
  settle_rolled_back: ['history', 'it was rolled back'],
}

/** `decision` is how somebody decided, where it was that and the signature is here. */
export function eventWords(
  { what }: Pick<ChangeEvent, 'what'>,
  decision?: Decision,
): readonly [IconName, string] {
  if (what === 'sign' && decision) return [DECISION_ICONS[decision], DECISION_WORDS[decision][1]]
  return EVENTS[what] ?? ['info', what.replaceAll('_', ' ')]
}

/** `9c41e07f…b2a6`: enough to compare by eye, with the whole beside it in a title. */
export const shortHash = (hash: string) => `${hash.slice(0, 8)}…${hash.slice(-4)}`
