// `PT5H`, `P1DT2H`, and the short `5h` and `1d` of the community's YAML.

import { DAY, HOUR, MINUTE, SECOND } from '#kernel/time.ts'

const UNITS = [DAY, HOUR, MINUTE, SECOND] as const

/** Undefined for anything else, and for nothing at all. */
export function isoDurationMs(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  const written = value.trim().toUpperCase()
  const parts = /^P?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(written)
  if (!parts) return undefined
  const ms = UNITS.reduce((sum, unit, at) => sum + Number(parts[at + 1] ?? 0) * unit, 0)
  return ms > 0 ? ms : undefined
}
