// Icons by name from the one sprite. Decoration: the words beside an icon carry the meaning, an
// icon alone stands in a control that has a name of its own.

import { useAnswer } from './answer.ts'
import type { IconName, MarkName } from './icons.ts'

export const Icon = (props: { name: IconName; size?: 's' | 'l'; class?: string }) => (
  <svg class={classes('i', props.size && `i-${props.size}`, props.class)} aria-hidden="true">
    <use href={`${useAnswer().asset('icons.svg')}#${props.name}`} />
  </svg>
)

/** A filled shape of our own: the logo, or a state. */
export const Mark = (props: { name: MarkName; class?: string }) => (
  <svg class={props.class ?? 'g'} aria-hidden="true">
    <use href={`${useAnswer().asset('icons.svg')}#${props.name}`} />
  </svg>
)

/** Joins class names; what is absent or false is left out. */
export function classes(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
