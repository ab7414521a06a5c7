// Fields that a schema does not have, for the languages that can only filter: each field they name is
// one of the data. Patterns and the engine's own fields (`_index`) are left alone.

import { LineMap, nearest, type Checked, type Problem } from '#kernel/problem.ts'
import { HINTS_MAX } from './columns.ts'
import type { Language, QueryFacts, QuerySchema } from './query.ts'

/** The parser with warnings for unknown fields, wherever a schema has tables. */
export function withFields<Tree>(
  area: string,
  parse: (text: string) => Checked<Tree>,
  reads: (tree: Tree, text: string) => QueryFacts,
): Language<Tree>['parse'] {
  return (text, schema) => {
    const parsed = parse(text)
    if (parsed.value === undefined || schema?.tables === undefined) return parsed
    const { fields } = reads(parsed.value, text)
    const unknown = unknownFields(area, fields, text, schema)
    return { value: parsed.value, problems: [...parsed.problems, ...unknown] }
  }
}

function unknownFields(
  area: string,
  fields: QueryFacts['fields'],
  text: string,
  { tables = {} }: QuerySchema,
): readonly Problem[] {
  const known = new Set(Object.values(tables).flatMap((columns) => Object.keys(columns)))
  const map = new LineMap(text)
  let count = 0
  return fields.flatMap(({ name, start, end }): readonly Problem[] => {
    if (known.has(name) || name.startsWith('_') || name.includes('*')) return []
    count += 1
    const meant = count > HINTS_MAX ? undefined : nearest(name, known)
    const problem: Problem = {
      code: `${area}/unknown-field`,
      severity: 'warning',
      message: `No table of the schema has a field “${name}”.`,
      ...map.span(start, end),
    }
    return [meant === undefined ? problem : { ...problem, hint: `Did you mean ${meant}?` }]
  })
}
