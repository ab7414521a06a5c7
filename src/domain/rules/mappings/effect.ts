// What a draft of a mapping can do to a rule.

export const MAPPING_EFFECTS = ['changed', 'gained', 'lost'] as const
/** `gained`: it compiles there from then on; `lost`: it no longer does. */
export type MappingEffect = (typeof MAPPING_EFFECTS)[number]
