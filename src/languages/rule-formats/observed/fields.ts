// Reading what a vendor gave, whatever it is.

import { recordOf } from '#languages/rule-formats/foreign.ts'

/** The members of an object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return recordOf(value) ?? {}
}
