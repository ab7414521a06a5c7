// `/targets/{id}/schema`: what a target said it holds when it was asked last.

import { z } from 'zod'
import { readSchema } from '#domain/targets/actions.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { CompletenessShape } from './search-shapes.ts'
import { idOf, InstantText, instantOrNull, named } from './shapes.ts'

const SchemaShape = z
  .strictObject({
    /** Null while it was never asked. */
    at: InstantText.nullable(),
    completeness: CompletenessShape.nullable(),
    tables: z.array(
      z.strictObject({
        name: z.string(),
        lastSeenAt: InstantText.nullable(),
        columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
      }),
    ),
  })
  .register(named, { id: 'TargetSchema' })

export const getTargetSchema = operation({
  method: 'GET',
  path: '/targets/{id}/schema',
  name: 'getTargetSchema',
  summary: 'The indexes, source types and tables of a target, with what their rows have',
  permission: 'target.read',
  params: z.strictObject({ id: idOf(ID_PREFIXES.target) }),
  answer: SchemaShape,
  async run({ house, caller, params }) {
    const found = await readSchema(house, caller, params.id)
    if (!found) return { at: null, completeness: null, tables: [] }
    const { tables, completeness } = found.answer
    return {
      at: formatInstant(found.at),
      completeness,
      tables: tables.map(({ name, columns, lastSeenAt }) => ({
        name,
        lastSeenAt: instantOrNull(lastSeenAt),
        columns: columns.map((column) => ({ name: column.name, type: column.type })),
      })),
    }
  },
})
