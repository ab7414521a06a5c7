// A cell of Log Analytics as plain JSON: dynamic values come as text that holds JSON, booleans as 0 and 1
// now and then, and what no JSON number is (`NaN`, `Infinity`) stays text.

import { parseExact } from '#adapters/siem/microsoft/client.ts'
import type { Json } from '#kernel/json.ts'

export function readCell(value: Json, type: string | null): Json {
  if (value === null) return null
  switch (type) {
    case 'dynamic':
      return typeof value === 'string' ? parsed(value) : value
    case 'bool':
    case 'boolean':
      return isTrue(value)
    case 'int':
    case 'long':
    case 'real':
      return numberOf(value)
    default:
      return value
  }
}

/** Also as a number or a text, as some versions write it. */
export function isTrue(value: Json): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(?:1|true)$/i.test(value))
}

/** Text that holds no JSON is a dynamic value too. */
function parsed(text: string): Json {
  try {
    return parseExact(text)
  } catch {
    return text
  }
}

/** Retyped as text by some; longer than a double holds it stays text, so that no digit changes. */
function numberOf(value: Json): Json {
  if (typeof value !== 'string' || !/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value)) return value
  const number = Number(value)
  const isExact = value.includes('.') || /e/i.test(value) || Number.isSafeInteger(number)
  return isExact ? number : value
}
