// Parses and binds a Kusto query with Microsoft's own parser: what it refuses, the engine refuses.
// Only a worker may call this: loading is slow, and a hostile text may take long. Never throws.

import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { LineMap, type Checked } from '#kernel/problem.ts'
import type { QuerySchema } from '#languages/query.ts'
import { convertQuery } from './convert.ts'
import { globalsFor } from './globals.ts'
import { parseAndBind } from './microsoft.ts'
import { problemsOf } from './problems.ts'
import { Recent } from './recent.ts'
import type { KustoQuery } from './tree.ts'

/** Whoever writes a query asks what is wrong with it, what it reads and whether it may run. */
const recent = new Recent<Checked<KustoQuery>>(4)

export function parseKusto(text: string, schema?: QuerySchema): Checked<KustoQuery> {
  const key = JSON.stringify([text, schema])
  return recent.get(key) ?? recent.set(key, parseAnew(text, schema))
}

function parseAnew(text: string, schema?: QuerySchema): Checked<KustoQuery> {
  const map = new LineMap(text)
  const refuse = (name: string, message: string): Checked<KustoQuery> => ({
    problems: [{ code: `kusto/${name}`, severity: 'error', message, ...map.span(0, 0) }],
  })
  if (text.length > QUERY_CHARS_MAX) {
    const message = `This query has ${text.length} characters; at most ${QUERY_CHARS_MAX} are read.`
    return refuse('too-long', message)
  }
  try {
    const code = parseAndBind(text, globalsFor(text, schema))
    if (code.Kind === 'Command') {
      return refuse('command', 'This is a management command, not a query: it could change data.')
    }
    return { value: convertQuery(code.Syntax), problems: problemsOf(code, text, map, schema) }
  } catch (error) {
    // Recursion in the parser and in ours is as deep as the query.
    if (error instanceof RangeError) return refuse('too-deep', 'This query is nested too deeply.')
    throw error
  }
}
