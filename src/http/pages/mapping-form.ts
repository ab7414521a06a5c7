// What people type about rows of a mapping: one thing a line; and what every form of it says of the draft.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'

/** Without empty lines. */
export function linesIn(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** `name = value` a line; a name given again gets another value. A line without `=` has no value. */
export function conditionsIn(text: string): Readonly<Record<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  for (const line of linesIn(text)) {
    const [name = '', ...rest] = line.split('=')
    const values = found.get(name.trim()) ?? []
    found.set(name.trim(), [...values, rest.join('=').trim()])
  }
  return Object.fromEntries(found)
}

export function conditionsText(conditions: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(conditions).flatMap(([name, values]) =>
    values.map((value) => `${name} = ${value}`),
  )
  return lines.join('\n')
}

/** Revision of the draft that an edit was made over. */
export const Over = z.coerce.number().int().min(0)

/** Of what whoever typed can put right. Throws anything else. */
export function refusalOf(error: unknown): string {
  if (error instanceof AppError && ['conflict', 'invalid', 'stale'].includes(error.code)) {
    return error.message
  }
  throw error
}
