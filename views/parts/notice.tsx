// What is told to a person in passing or in place: notices, empty lists, toasts. Say what happened,
// what it means, what to do.

import type { Child } from 'hono/jsx'
import { TONE_ICONS, type Tone } from './badge.tsx'
import { Icon } from './icon.tsx'
import type { IconName } from './icons.ts'

export const Notice = (props: { tone: Tone; title: string; actions?: Child; children?: Child }) => (
  <div class="notice" data-tone={props.tone}>
    <Icon name={TONE_ICONS[props.tone]} />
    <div>
      <p>
        <strong>{props.title}</strong> {props.children}
      </p>
      {props.actions && <div class="actions">{props.actions}</div>}
    </div>
  </div>
)

/** An empty list says what belongs here and offers the first step. */
export const Empty = (props: {
  icon: IconName
  title: string
  actions?: Child
  children?: Child
}) => (
  <div class="empty">
    <Icon name={props.icon} />
    <strong>{props.title}</strong>
    <p>{props.children}</p>
    {props.actions && <div class="row">{props.actions}</div>}
  </div>
)

/** Lives in the shell's #toasts, which is a live region; never the only place that says a thing. */
export const Toast = (props: { tone?: Tone; children?: Child }) => {
  const tone = props.tone ?? 'ok'
  return (
    <div class="toast" data-tone={tone}>
      <Icon name={TONE_ICONS[tone]} />
      <span>{props.children}</span>
      <button
        class="btn btn-s btn-quiet btn-icon"
        type="button"
        data-dismiss
        aria-label="Close"
        hidden
      >
        <Icon name="x" size="s" />
      </button>
    </div>
  )
}

/** Holds the place of what is on its way. */
export const Skeleton = () => (
  <div class="panel-body" aria-busy="true">
    <span class="vh">Loading</span>
    <span class="skel skel-40"></span>
    <span class="skel skel-80"></span>
    <span class="skel skel-60"></span>
  </div>
)
