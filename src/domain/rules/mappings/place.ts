// A target as it would be with another mapping.

import {
  hashMapping,
  isUsual,
  type MappedPlace,
  type MappingContent,
} from '#domain/mappings/mapping.ts'
import type { Target } from '#domain/targets/target.ts'

export function placeWith(
  { name, kind, parameters }: Target,
  content: MappingContent | undefined,
): MappedPlace {
  const isOwn = content !== undefined && !isUsual(content)
  const mapping = isOwn ? { ...content, contentHash: hashMapping(content) } : null
  return { name, kind, parameters, mapping }
}
