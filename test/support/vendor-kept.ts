// What a vendor keeps of the one rule that stands there, for tests that look at it or change it behind
// the product's back.

import assert from 'node:assert/strict'
import type { Json } from '#kernel/json.ts'
import type { Held, Vendor } from './vendors.ts'

export type Body = { readonly [key: string]: Json }

/** What the vendor keeps of the one rule that stands there. */
interface Kept {
  readonly read: (held: Held) => Body
  readonly write: (held: Held, body: Body) => void
}

const only = <Item>(items: Iterable<Item>): Item => {
  const [first, ...more] = items
  assert.ok(first !== undefined && more.length === 0, 'one stands there')
  return first
}

export const KEPT: Readonly<Record<Vendor, Kept>> = {
  splunk: {
    read: ({ splunk }) => Object.fromEntries(only(splunk.savedSearches).settings),
    write: ({ splunk }, body) => {
      only(splunk.savedSearches).settings = new Map(Object.entries(body) as [string, string][])
    },
  },
  sentinel: {
    read: ({ sentinel }) => only(sentinel.rules.values()).properties,
    write: ({ sentinel }, body) => void (only(sentinel.rules.values()).properties = body),
  },
  defender: {
    read: ({ defender }) => only(defender.rules.values()).body,
    write: ({ defender }, body) => void (only(defender.rules.values()).body = body),
  },
  elastic: {
    read: ({ elastic }) => only(elastic.rules).body,
    write: ({ elastic }, body) => void (only(elastic.rules).body = body),
  },
  opensearch: {
    read({ opensearch }) {
      const { text, category } = only(opensearch.rules.values())
      return { text, category, detector: only(opensearch.detectors.values()).body }
    },
    write({ opensearch }, { text, category, detector }) {
      Object.assign(only(opensearch.rules.values()), { text, category })
      only(opensearch.detectors.values()).body = detector as Body
    },
  },
}

/** With the member at `path` made another one. */
export function changed(
  body: Json | undefined,
  path: readonly string[],
  to: Json | ((before: Json | undefined) => Json),
): Body {
  const [key, ...rest] = path as [string, ...string[]]
  const members = (body ?? {}) as Body
  const value = members[key]
  if (rest.length > 0) return { ...members, [key]: changed(value, rest, to) }
  return { ...members, [key]: typeof to === 'function' ? to(value) : to }
}
