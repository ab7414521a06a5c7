// Canonical JSON (RFC 8785): one text for one value, so that hashes and signatures agree between
// machines and languages. Refuses what has no JSON form instead of dropping it silently.

import { assert } from './error.ts'

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Without what is undefined: what a door leaves out stands so, and no JSON holds it. */
export function definedIn(value: object): { readonly [key: string]: Json } {
  return JSON.parse(JSON.stringify(value)) as { readonly [key: string]: Json }
}

/** Deep enough for every document the product signs; shallow enough for the call stack. */
export const JSON_DEPTH_MAX = 64

const PLAIN = /^[ !#-[\]-~]*$/ // printable ASCII without quote and backslash

/** Throws `Bug` for a lone surrogate, NaN, an infinity, a non-plain object or too much depth. */
export function canonicalJson(value: Json, depth = 0): string {
  assert(depth <= JSON_DEPTH_MAX, `canonical JSON is at most ${JSON_DEPTH_MAX} deep`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return canonicalString(value)
  if (typeof value === 'number') {
    assert(Number.isFinite(value), 'canonical JSON holds finite numbers only')
    return JSON.stringify(value) // ECMAScript's number format is RFC 8785 section 3.2.2.3; -0 is 0
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item as Json, depth + 1)).join(',')}]`
  }
  assert(isPlain(value), 'canonical JSON holds plain objects only')
  const members = Object.entries(value as Record<string, Json>)
  members.sort(([a], [b]) => (a < b ? -1 : 1)) // UTF-16 code units, RFC 8785 section 3.2.3
  const texts = members.map(
    ([key, item]) => `${canonicalString(key)}:${canonicalJson(item, depth + 1)}`,
  )
  return `{${texts.join(',')}}`
}

/** JSON.stringify escapes exactly as RFC 8785 section 3.2.2.2 asks. */
export function canonicalString(value: string): string {
  if (PLAIN.test(value)) return `"${value}"` // most are; verification spends its time here
  assert(value.isWellFormed(), 'canonical JSON holds no lone surrogates')
  return JSON.stringify(value)
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
