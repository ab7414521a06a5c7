// What stood where as it leaves the product: instants as text, nothing else changed.

import { formatInstant, type Instant } from '#kernel/time.ts'
import type { AsOf } from './as-of.ts'

const orNull = (at: Instant | null) => (at === null ? null : formatInstant(at))

export function shapeOf(one: AsOf) {
  return {
    ...one,
    fromAt: formatInstant(one.fromAt),
    toAt: orNull(one.toAt),
    lastObservedAt: orNull(one.lastObservedAt),
    nextObservedAt: orNull(one.nextObservedAt),
    change: one.change && {
      ...one.change,
      inputs: { ...one.change.inputs },
      waivers: one.change.waivers.map((waiver) => ({ ...waiver })),
      signatures: one.change.signatures.map((signed) => ({
        ...signed,
        at: formatInstant(signed.at),
      })),
    },
    exclusions: one.exclusions.map((exclusion) => ({
      ...exclusion,
      endsAt: formatInstant(exclusion.endsAt),
    })),
    dependencies: one.dependencies?.map((dependency) => ({ ...dependency })) ?? null,
  }
}
