// Macros of a target as the language of its searches takes them. Pure.

import type { QuerySchema } from '#languages/query.ts'
import { plainName } from './dependency.ts'

export type Macros = NonNullable<QuerySchema['macros']>

interface Expansion {
  readonly definition?: unknown
  readonly arguments?: readonly string[]
  readonly isEval?: unknown
  readonly elsewhere?: unknown
}

/**
 * What is no macro is left out; and a macro whose text nobody knows beforehand, because it is computed at
 * each call, or stands for one thing here and for another in the next application.
 */
export function macrosOf(
  defined: readonly {
    readonly kind: string
    readonly name: string
    readonly definition: unknown
  }[],
): Macros {
  return Object.fromEntries(
    defined.flatMap(({ kind, name, definition }) => {
      if (kind !== 'macro' || typeof definition !== 'object' || definition === null) return []
      const { definition: text, arguments: names = [], ...more } = definition as Expansion
      if (typeof text !== 'string' || more.isEval === true || more.elsewhere) return []
      const macro = { definition: text, arguments: names }
      return [[calledBy(name, macro.arguments.length), macro]]
    }),
  )
}

/** By Splunk's own name: `name(2)` with two arguments. */
function calledBy(name: string, count: number): string {
  return count === 0 || name.endsWith(')') ? name : `${name}(${count})`
}

const LOOKED_AT_MAX = 100

/** Those that a text may lead to: not all of thousands travel with each query. */
export function macrosIn(text: string, all: Macros): Macros {
  const found: Record<string, Macros[string]> = {}
  const open = [text]
  for (let looked = 0; open.length > 0 && looked < LOOKED_AT_MAX; looked++) {
    const words = new Set(open.pop()!.match(/[\w.:-]+/g))
    for (const [name, macro] of Object.entries(all)) {
      if (found[name] !== undefined || !words.has(plainName(name))) continue
      found[name] = macro
      open.push(macro.definition)
    }
  }
  return found
}
