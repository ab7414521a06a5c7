// A macro call between backticks: its name and its arguments, split at commas outside quotes and
// brackets.

import type { SplToken } from './lex.ts'
import type { SplMacro } from './tree.ts'

/** Undefined when the text between the backticks is no call. */
export function readMacroCall(token: SplToken): SplMacro | undefined {
  const match = /^\s*([\w.:-]+)\s*(?:\(([\s\S]*)\))?\s*$/.exec(token.text)
  if (!match) return undefined
  const [, name = '', inner] = match
  const given = inner === undefined ? [] : splitArguments(inner)
  return { kind: 'macro', name, arguments: given, start: token.start, end: token.end }
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
