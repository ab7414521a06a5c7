// A macro call between backticks: its name and its arguments, split at commas outside quotes and
// brackets; and what it stands for, where its definition is known.

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

export const NO_MACROS: SplMacros = new Map()

export interface MacroReader {
  readonly macros: SplMacros
  /** Macros being looked into: one that calls itself ends here. */
  readonly open: ReadonlySet<string>
}

export interface ExpandedMacro {
  readonly text: string
  /** For the macros inside. */
  readonly reader: MacroReader
}

/** Undefined when no definition is known, or when it is being looked into already. */
export function expandMacro(call: SplMacro, reader: MacroReader): ExpandedMacro | undefined {
  const found = findMacro(call, reader.macros)
  if (!found || reader.open.has(call.name)) return undefined
  const text = found.arguments.reduce(
    (definition, name, index) =>
      definition.replaceAll(`$${name}$`, () => call.arguments[index] ?? ''),
    found.definition,
  )
  return { text, reader: { ...reader, open: new Set([...reader.open, call.name]) } }
}

function findMacro(macro: SplMacro, macros: SplMacros) {
  const count = macro.arguments.length
  return macros.get(count === 0 ? macro.name : `${macro.name}(${count})`) ?? macros.get(macro.name)
}
