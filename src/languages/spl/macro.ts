// A macro call between backticks: its name and its arguments, split at commas outside quotes and
// brackets; and what it stands for, where its definition is known.

import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import type { QuerySchema } from '#languages/query.ts'
import { lexSpl, type SplToken } from './lex.ts'
import type { SplMacro } from './tree.ts'

/** Undefined when the text between the backticks is no call. */
export function readMacroCall(token: SplToken): SplMacro | undefined {
  const match = /^\s*([\w.:-]+)\s*(?:\(([\s\S]*)\))?\s*$/.exec(token.text)
  if (!match) return undefined
  const [, name = '', inner] = match
  const given = inner === undefined ? [] : splitArguments(inner)
  return { kind: 'macro', name, arguments: given, start: token.start, end: token.end }
}

/** Every macro of a text, wherever it stands: a tree knows only those in places of their own. */
export function macroCalls(text: string): readonly SplMacro[] {
  return lexSpl(text).flatMap((token) => {
    if (token.kind !== 'macro') return []
    const { text: name, start, end } = token
    return [readMacroCall(token) ?? { kind: 'macro', name, arguments: [], start, end }]
  })
}

function splitArguments(text: string): readonly string[] {
  const found: string[] = []
  let depth = 0
  let isQuoted = false
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === ',' && depth === 0) {
      found.push(text.slice(from, at))
      from = at + 1
    }
  }
  found.push(text.slice(from))
  return found.map((part) => part.trim().replaceAll(/^"|"$/g, ''))
}

/** Definitions by name, `name(2)` for a macro of two arguments; `$arg$` stands for one. */
export type SplMacros = ReadonlyMap<
  string,
  { readonly definition: string; readonly arguments: readonly string[] }
>

export function macrosOf(schema: QuerySchema | undefined): SplMacros {
  const entries = Object.entries(schema?.macros ?? {})
  return new Map(
    entries.map(([name, macro]) => [name, { ...macro, arguments: macro.arguments ?? [] }]),
  )
}

export const NO_MACROS: SplMacros = new Map()

export interface MacroReader {
  readonly macros: SplMacros
  /** Macros being looked into, as the table names them: one that calls itself ends here. */
  readonly open: ReadonlySet<string>
  /** Shared by all that is looked into for one question: macros of macros could fill any memory. */
  readonly budget: { chars: number }
}

const EXPANDED_CHARS_MAX = 2 * QUERY_CHARS_MAX
/** What looking into a macro costs beside its length, as characters. */
const CALL_CHARS = 200

export function readMacros(macros: SplMacros): MacroReader {
  return { macros, open: new Set(), budget: { chars: EXPANDED_CHARS_MAX } }
}

export interface ExpandedMacro {
  readonly text: string
  /** For the macros inside. */
  readonly reader: MacroReader
}

/** Undefined when no definition is known, it is being looked into already, or it grew too long. */
export function expandMacro(call: SplMacro, reader: MacroReader): ExpandedMacro | undefined {
  const key = keyOf(call, reader.macros)
  const found = key === undefined ? undefined : reader.macros.get(key)
  if (key === undefined || !found || reader.open.has(key)) return undefined
  let text = found.definition
  for (const [index, name] of found.arguments.entries()) {
    const parts = text.split(`$${name}$`)
    const given = call.arguments[index] ?? ''
    if (text.length + parts.length * given.length > reader.budget.chars) return undefined
    text = parts.join(given)
  }
  if (text.length + CALL_CHARS > reader.budget.chars) return undefined
  reader.budget.chars -= text.length + CALL_CHARS
  return { text, reader: { ...reader, open: new Set([...reader.open, key]) } }
}

/** Whether the macro is called in its own definition, which Splunk refuses. */
export function callsItself(call: SplMacro, { macros, open }: MacroReader): boolean {
  const key = keyOf(call, macros)
  return key !== undefined && open.has(key)
}

/** Whether looking into the macro would come back to it, or to one that was looked into on the way. */
export function leadsToItself(call: SplMacro, reader: MacroReader): boolean {
  if (callsItself(call, reader)) return true
  const inside = expandMacro(call, reader)
  if (!inside) return false
  return macroCalls(inside.text).some((inner) => leadsToItself(inner, inside.reader))
}

function keyOf(macro: SplMacro, macros: SplMacros): string | undefined {
  const count = macro.arguments.length
  const exact = count === 0 ? macro.name : `${macro.name}(${count})`
  return [exact, macro.name].find((key) => macros.has(key))
}
