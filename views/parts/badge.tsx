// Small words with a shape: badges, states, levels, chips, counts, avatars. Shape and word carry the
// meaning, colour comes third. Unknown is dashed and never green.

import type { Child } from 'hono/jsx'
import { initials } from './format.ts'
import { classes, Icon, Mark } from './icon.tsx'
import type { IconName, MarkName } from './icons.ts'

export type Tone = 'ok' | 'warn' | 'bad' | 'unknown' | 'accent'

export const TONE_ICONS = {
  ok: 'circle-check',
  warn: 'triangle-alert',
  bad: 'circle-x',
  unknown: 'circle-question-mark',
  accent: 'info',
} as const satisfies Record<Tone, IconName>

export const Badge = (props: { tone?: Tone; icon?: IconName; children?: Child }) => {
  const icon = props.icon ?? (props.tone && TONE_ICONS[props.tone])
  return (
    <span class={classes('badge', !icon && 'badge-plain')} data-tone={props.tone}>
      {icon && <Icon name={icon} />}
      {props.children}
    </span>
  )
}

const STATES = {
  live: ['ok', 's-live'],
  soaking: ['accent', 's-soaking'],
  paused: ['unknown', 's-paused'],
  drifted: ['warn', 's-drifted'],
  missing: ['bad', 's-missing'],
  unknown: ['unknown', 's-unknown'],
  none: ['unknown', 's-none'],
} as const satisfies Record<string, readonly [Tone, MarkName]>

/** A shape and a word: what a thing does right now. */
export const State = (props: { of: keyof typeof STATES; children?: Child }) => {
  const [tone, mark] = STATES[props.of]
  return (
    <span class="state" data-tone={tone}>
      <Mark name={mark} />
      {props.children}
    </span>
  )
}

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type LevelName = (typeof LEVELS)[number]
const BARS = [
  { x: 1, y: 8.5, height: 4 },
  { x: 5.5, y: 5.5, height: 7 },
  { x: 10, y: 2, height: 10.5 },
] as const

/** A rule's level as bars that fill, and its word. */
export const Level = ({ of }: { of: LevelName }) => (
  <span class="level" data-level={of}>
    <svg viewBox="0 0 14 14" aria-hidden="true">
      {of === 'critical' ? (
        <>
          <rect class="on" x="1" y="1" width="12" height="12" rx="3" />
          <path class="mark" d="M6.1 3.5h1.8V8H6.1zM6.1 9h1.8v1.7H6.1z" />
        </>
      ) : (
        BARS.map((bar, index) => (
          <rect class={index < LEVELS.indexOf(of) ? 'on' : ''} width="3" rx="1" {...bar} />
        ))
      )}
    </svg>
    {of[0]!.toUpperCase() + of.slice(1)}
  </span>
)

export const Chip = (props: { href?: string; mono?: boolean; children?: Child }) => {
  const look = classes('chip', props.mono && 'chip-mono')
  return props.href === undefined ? (
    <span class={look}>{props.children}</span>
  ) : (
    <a class={look} href={props.href}>
      {props.children}
    </a>
  )
}

/** `label` says what is counted: a number alone tells a screen reader nothing. */
export const Count = (props: { value: number; label: string; acts?: boolean }) => (
  <span class={classes('count', props.acts && 'count-act')}>
    {props.value}
    <span class="vh"> {props.label}</span>
  </span>
)

/** The initials of a name; decoration beside the name itself. */
export const Avatar = (props: { name: string; size?: 'l' }) => (
  <span class={classes('avatar', props.size && 'avatar-l')} aria-hidden="true">
    {initials(props.name)}
  </span>
)
