// Asks a service of Microsoft's whether it would run a Kusto query: it reads the query, and the query takes
// no row of what it would answer.

import { z } from 'zod'
import type { Connection } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import { emptied } from './hunt-text.ts'

interface Asked {
  readonly text: string
  readonly readKusto: Connection['readKusto']
  /** `sentinel`, as codes of problems begin. */
  readonly area: string
  /** What people call it. */
  readonly service: string
  /** Runs a query that gives no row. */
  readonly run: (text: string) => Promise<unknown>
}

const problems = z.array(z.custom<Problem>())

/** Throws what asking throws, but for `invalid`, whose problems are the answer. */
export async function validateKusto({
  text,
  readKusto,
  area,
  service,
  run,
}: Asked): Promise<readonly Problem[]> {
  const query = await emptied(readKusto, text)
  if (query === null) {
    const { problems: found } = await readKusto(text)
    if (found.some(({ severity }) => severity === 'error')) return found
    const message = `${service} cannot be asked about this query without running it.`
    const hint = 'Leave out render and comments behind the last semicolon.'
    return [{ code: `${area}/not-asked`, severity: 'warning', message, hint }]
  }
  try {
    await run(query)
    return []
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error
    return problems.parse(error.details['problems'] ?? [])
  }
}
