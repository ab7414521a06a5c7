// Operands and flags through the schema that every door shares.

import type { z } from 'zod'
import { AppError } from '#kernel/error.ts'

/** Throws `invalid` with one line for each problem, naming the field. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const lines = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  throw new AppError('invalid', lines.join('\n'))
}

/** Throws `invalid` naming what the flag may be. */
export function oneOf<Word extends string>(
  flag: string,
  given: string,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === given)
  if (found !== undefined) return found
  throw new AppError('invalid', `${flag} ${given} is none of ${words.join(', ')}`)
}
