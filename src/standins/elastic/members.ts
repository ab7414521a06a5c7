// Members of JSON as text, whatever they are.

import type { Json } from '#kernel/json.ts'

export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
