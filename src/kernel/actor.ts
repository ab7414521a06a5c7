// Who does a thing, in one string that the audit log, jobs and pages share: `usr_…`, `tok_…`,
// `job_…`, or `system:<part>` for the product itself (`system:cli/ada` on the command line).

import { ID_PREFIXES, isId, type Id } from './id.ts'

export type SystemActor = `system:${string}`
export type Actor = Id<'usr'> | Id<'tok'> | Id<'job'> | SystemActor

const SYSTEM = /^system:[a-z][a-z0-9-]*(\/[\w.@+-]{1,64})?$/

/** `user` is the operating system's name of the person at the keyboard; odd characters become `_`. */
export function systemActor(part: string, user?: string): SystemActor {
  const who = user === undefined ? '' : `/${user.replaceAll(/[^\w.@+-]/g, '_').slice(0, 64)}`
  return `system:${part}${who}`
}

export function isActor(text: string): text is Actor {
  if (SYSTEM.test(text)) return true
  return [ID_PREFIXES.user, ID_PREFIXES.token, ID_PREFIXES.job].some((prefix) => isId(prefix, text))
}
