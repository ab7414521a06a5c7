// Forms about targets: fields are texts, those of the kind are named `settings.<name>`.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import type { SiemKind } from '#domain/targets/port.ts'
import { TARGET_KIND_ROWS } from '#domain/targets/settings.ts'
import { problemsByField } from '#http/input.ts'

/** Any names and texts: what does not belong to the form is refused where it is read. */
export const TargetForm = z.record(z.string().max(64), z.string().max(70_000))
export type TargetForm = z.infer<typeof TargetForm>

/** Throws `invalid` for a field that is not one of the form. */
export function refuseOthers(kind: SiemKind, typed: TargetForm, names: readonly string[]): void {
  const own = TARGET_KIND_ROWS[kind].fields.map(({ name }) => `settings.${name}`)
  const other = Object.keys(typed).find((name) => !own.includes(name) && !names.includes(name))
  if (other !== undefined) throw new AppError('invalid', `This form has no field ${other}.`)
}

/** What the form says of the kind's own settings; an empty text is left out. */
export function settingsIn(kind: SiemKind, typed: TargetForm): Record<string, string> {
  const names = TARGET_KIND_ROWS[kind].fields.map(({ name }) => name)
  return Object.fromEntries(
    names
      .map((name) => [name, typed[`settings.${name}`] ?? ''] as const)
      .filter(([, text]) => text !== ''),
  )
}

/** Beside each field, in words that begin with its label. */
export function problemsOf(error: z.ZodError, kind: SiemKind): Readonly<Record<string, string>> {
  const labels = TARGET_KIND_ROWS[kind].fields.map(
    ({ name, label }) => [`settings.${name}`, label] as const,
  )
  const issues = error.issues.map((issue) =>
    issue.path[0] === 'settings' ? { ...issue, path: [issue.path.join('.')] } : issue,
  )
  const names = { ...NAMES, ...Object.fromEntries(labels) }
  return problemsByField(new z.ZodError(issues), names)
}

const NAMES = {
  name: 'The name',
  ca: 'The text',
  pins: 'One of them',
  parameters: 'One of them',
  concurrency: 'The number',
}
