// What an event says about where it comes from: then only rules of that log source see it.

import type { EventSource } from './match.ts'

/** The event's own word about where it comes from; anything malformed is no word at all. */
export function sourceOf(event: object): EventSource | undefined {
  const told: unknown = Object.hasOwn(event, 'logsource')
    ? (event as { logsource: unknown }).logsource
    : undefined
  if (typeof told !== 'object' || told === null || Array.isArray(told)) return undefined
  const { product, service, category } = told as Record<string, unknown>
  const categories = [category].flat().filter((one) => typeof one === 'string')
  return {
    ...(typeof product === 'string' ? { product } : {}),
    ...(typeof service === 'string' ? { service } : {}),
    ...(categories.length > 0 ? { category: categories } : {}),
  }
}
