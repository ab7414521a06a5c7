// The only file that writes htmx attributes. Every element that carries one gets the answer's nonce
// beside it: hx-csp and our gate (views/browser/gate.ts) strip the htmx attributes of any element
// without it, which is what stops injected markup. What needs eval, or what is not gated, has no key
// here: on, inherited, live, sse, preserve, out-of-band swaps.

import type { Child } from 'hono/jsx'
import { assert } from '#kernel/error.ts'
import { useAnswer } from './answer.ts'

export interface HxAttributes {
  readonly get?: string
  readonly post?: string
  /** A selector; the element itself when absent. */
  readonly target?: string
  readonly swap?: 'innerHTML' | 'outerHTML' | 'outerMorph' | 'beforeend' | 'none'
  readonly trigger?: string
  readonly pushUrl?: 'true'
  readonly sync?: string
  readonly include?: string
}

/** Attributes to spread on one element: `<button {...hx({ post: '/jobs/1/cancel' })}>`. */
export function hx(attributes: HxAttributes): Record<string, string> {
  const stamped: Record<string, string> = { 'hx-nonce': useAnswer().nonce }
  for (const [name, value] of Object.entries(attributes) as [string, string | undefined][]) {
    if (value === undefined) continue
    assert(!/^\s*(js|javascript):/i.test(value), `hx ${name}: script values need eval`)
    assert(name !== 'trigger' || !value.includes('['), 'hx trigger: filters need eval')
    if (name === 'get' || name === 'post') {
      assert(/^\/(?![/\\])/.test(value), `hx ${name}: a path on this site`)
    }
    stamped[name === 'pushUrl' ? 'hx-push-url' : `hx-${name}`] = value
  }
  return stamped
}

/** Attributes of a part that fetches itself again whenever one of these signals arrives. */
export function hxLive(path: string, signals: readonly string[]): Record<string, string> {
  const events = [...signals, 'reset'].map((name) => `signal:${name} from:body`)
  return hx({ get: path, swap: 'outerMorph', trigger: events.join(', '), sync: 'this:queue last' })
}

/**
 * A second thing to swap that rides along with a fragment. The gate lets it through only into an
 * element that has `data-partials`.
 */
export const Partial = (props: {
  target: string
  swap: 'innerHTML' | 'beforeend'
  children?: Child
}) => (
  <hx-partial hx-target={props.target} hx-swap={props.swap}>
    {props.children}
  </hx-partial>
)
