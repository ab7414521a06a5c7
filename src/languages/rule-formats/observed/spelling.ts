// A member of a body in whichever spelling it is: nested as the vendor writes it, or with its path as one
// name (`properties.query`, `schedule/period`) as an adapter compares it.

import type { Json } from '#kernel/json.ts'

type Members = Readonly<Record<string, Json>>

/** Undefined where there is none. */
export function memberOf(body: Json | undefined, path: readonly string[]): Json | undefined {
  if (path.length === 0) return body
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const members = body as Members
  for (let length = path.length; length > 0; length--) {
    const [name, rest] = [path.slice(0, length), path.slice(length)]
    for (const joint of ['.', '/']) {
      const found = memberOf(members[name.join(joint)], rest)
      if (found !== undefined) return found
    }
  }
  return undefined
}
