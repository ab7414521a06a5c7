// Who did a thing, in words: a person or a token by name, else by id; the product by its part, and where a
// job of its own did it, simply by its name.

import type { Actor } from '#kernel/actor.ts'

const PARTS: Readonly<Record<string, string>> = {
  cli: 'the command line',
  start: 'Rulewright, at its start',
  schedule: 'Rulewright, on schedule',
  demo: 'the demo',
  door: 'somebody who was not signed in',
}

/** `system:cli/ada` is "ada, on the command line"; people by name where `names` knows them. */
export function describeActor(actor: Actor, names?: ReadonlyMap<Actor, string>) {
  const name = names?.get(actor)
  if (name !== undefined) return <>{name}</>
  if (actor.startsWith('job_')) return <span title={actor}>Rulewright</span>
  if (!actor.startsWith('system:')) return <span class="mono">{actor}</span>
  const [part = '', who] = actor.slice('system:'.length).split('/')
  const words = PARTS[part] ?? `Rulewright, ${part}`
  return <>{who === undefined ? words : `${who}, on ${words}`}</>
}
