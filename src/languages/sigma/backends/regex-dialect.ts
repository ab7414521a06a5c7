// Sigma's expressions search; those of Lucene, ES|QL and EQL match the whole value and know neither
// anchors nor flags nor the short classes. What has an equivalent there is written as that. What has
// none (an anchor inside a group, a word boundary) cannot be said.

import type { RegexFlag } from '#languages/predicate.ts'
import { compileRegex } from '#languages/regex.ts'
import { Unsayable } from './walk.ts'

const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'A-Za-z0-9_',
  // The characters themselves: a backslash before a letter is that letter there.
  s: ' \t\n\r',
}

/** The pattern for an engine that matches whole values. Throws `Unsayable`. */
export function wholeValue(pattern: string, flags: readonly RegexFlag[]): string {
  const { body, isCaseless } = withoutInlineFlags(pattern, flags)
  if (flags.includes('m')) throw new Unsayable('an expression over lines')
  const alternatives = splitTopLevel(unwrapped(body))
  const written = alternatives.map((one) => alternative(one, isCaseless))
  return written.join('|')
}

/** `(a|b)` as the whole expression is `a|b`: its anchors are then those of the value. */
function unwrapped(text: string): string {
  const inner = /^\((?:\?:)?(.*)\)$/s.exec(text)?.[1]
  if (inner === undefined) return text
  let depth = 0
  for (let at = 0; at < inner.length; at++) {
    if (inner[at] === '\\') at++
    else if (inner[at] === '[') at = endOfClass(inner, at)
    else if (inner[at] === '(') depth++
    else if (inner[at] === ')' && --depth < 0) return text
  }
  return inner
}

function withoutInlineFlags(
  pattern: string,
  flags: readonly RegexFlag[],
): { body: string; isCaseless: boolean } {
  const inline = /^\(\?([imsx]+)\)/.exec(pattern)
  const isCaseless = flags.includes('i') || (inline?.[1]?.includes('i') ?? false)
  return { body: inline ? pattern.slice(inline[0].length) : pattern, isCaseless }
}

function alternative(written: string, isCaseless: boolean): string {
  const { text, head, tail } = withoutEdgeGroups(written, isCaseless)
  if (head !== '' || tail !== '') {
    const middle = alternative(
      `${head === '' ? '' : '^'}${text}${tail === '' ? '' : '$'}`,
      isCaseless,
    )
    return `${head}${middle}${tail}`
  }
  const isStart = text.startsWith('^')
  const isEnd = /(?<!\\)(?:\\\\)*\$$/.test(text)
  const middle = text.slice(isStart ? 1 : 0, isEnd ? -1 : undefined)
  const body = translate(middle, isCaseless)
  return `${isStart || body.startsWith('.*') ? '' : '.*'}${body}${isEnd || body.endsWith('.*') ? '' : '.*'}`
}

const NO_WORD = '[^A-Za-z0-9_]'

/**
 * `(^|x)` in front and `(x|$)` at the end are "the beginning, or x somewhere", and a word boundary
 * there is the edge of the value or a character outside words.
 */
function withoutEdgeGroups(
  written: string,
  isCaseless: boolean,
): { readonly text: string; readonly head: string; readonly tail: string } {
  let text = written
  let head = ''
  let tail = ''
  const start = /^\((?:\?:)?\^\|([^()]*)\)/.exec(text) ?? /^\((?:\?:)?([^()]*)\|\^\)/.exec(text)
  if (start) {
    head = `(.*(${translate(start[1]!, isCaseless)}))?`
    text = text.slice(start[0].length)
  } else if (/^\\b\w/.test(text)) {
    head = `(.*${NO_WORD})?`
    text = text.slice(2)
  }
  const repeated = withoutRepeatedBoundary(text)
  if (repeated !== undefined) return { text: repeated, head, tail: `(${NO_WORD}.*)?` }
  const end = /\((?:\?:)?\$\|([^()]*)\)$/.exec(text) ?? /\((?:\?:)?([^()]*)\|\$\)$/.exec(text)
  if (end) {
    tail = `((${translate(end[1]!, isCaseless)}).*)?`
    text = text.slice(0, end.index)
  } else if (/\w\\b$/.test(text)) {
    tail = `(${NO_WORD}.*)?`
    text = text.slice(0, -2)
  }
  return { text, head, tail }
}

/**
 * `(?:word(?:\.|\b)){n}` at the end: between two words there is no boundary, so all but the last are
 * followed by the point, and the last by a point, another character outside words, or nothing.
 */
function withoutRepeatedBoundary(text: string): string | undefined {
  const match = /^(.*?)\(\?:(.+)\(\?:\\\.\|\\b\)\)\{(\d+)\}$/s.exec(text)
  if (match === null) return undefined
  const [, before, word, count] = match
  if (!isWord(word!) || Number(count) < 2) return undefined
  return `${before}(?:${word}\\.){${Number(count) - 1}}${word}`
}

/** Whatever it matches is of word characters alone, at least one, and it is one group. */
function isWord(text: string): boolean {
  if (unwrapped(text) === text) return false
  const isPlain = /^(?:\w|\\[dw]|\[\w+(?:-\w)*\w*\]|\(\?:|[()|?])+$/.test(text)
  const compiled = compileRegex(`^(?:${text})$`, [])
  return isPlain && !('refusal' in compiled) && !compiled.test('')
}

function translate(text: string, isCaseless: boolean): string {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    // Nothing between two bars, or a bar and a bracket, has to be said there.
    if (/[|)]/.test(character) && /(?<!\\)(?:\\\\)*[(|]$/.test(out)) out += '()'
    if (character === '\\') {
      const code = /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/.exec(text.slice(at, at + 6))
      out += code
        ? literal(characterOf(code), isCaseless)
        : escapeSequence(text[at + 1], isCaseless)
      at += code ? code[0].length - 1 : 1
    } else if (character === '[') {
      const end = endOfClass(text, at)
      out += characterClass(text.slice(at, end + 1), isCaseless)
      at = end
    } else if (character === '(' && text[at + 1] === '?') {
      if (!text.startsWith('(?:', at)) throw new Unsayable('a group with options or look-around')
      out += '('
      at += 2
    } else if (character === '^' || character === '$') {
      throw new Unsayable('an anchor inside an expression')
    } else if (character === '?' && /[*+?}]$/.test(out) && isQuantified(text, at)) {
      continue // laziness does not change what matches
    } else {
      out += literal(character, isCaseless)
    }
  }
  return out
}

function isQuantified(text: string, at: number): boolean {
  return /[*+?}]/.test(text[at - 1] ?? '') && text[at - 2] !== '\\'
}

function escapeSequence(next: string | undefined, isCaseless: boolean): string {
  if (next === undefined) return '\\\\'
  const inner = CLASSES[next]
  if (inner !== undefined) return `[${inner}]`
  const negated = CLASSES[next.toLowerCase()]
  if (negated !== undefined) return `[^${negated}]`
  if (/[bBAzZ]/.test(next)) throw new Unsayable('a word boundary')
  if (/[1-9]/.test(next)) throw new Unsayable('a back reference')
  const control = CONTROLS[next]
  if (control !== undefined) return control
  return /[A-Za-z]/.test(next) ? literal(next, isCaseless) : `\\${next}`
}

const CONTROLS: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  f: '\f',
  v: '\v',
  0: '\0',
}

function characterOf([, byte, unit]: RegExpExecArray): string {
  return String.fromCharCode(Number.parseInt(byte ?? unit!, 16))
}

function literal(character: string, isCaseless: boolean): string {
  // Characters that are operators in Lucene's syntax but not in Sigma's, or only after an escape.
  if (/[#@&<>~"]/.test(character)) return `\\${character}`
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()]
  return isCaseless && lower !== upper && upper.length === 1 ? `[${lower}${upper}]` : character
}

function characterClass(text: string, isCaseless: boolean): string {
  const expanded = text.replaceAll(
    /\\(?:([dws])|([tnrfv0])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/g,
    (_all, name?: string, control?: string, byte?: string, unit?: string) => {
      if (name !== undefined) return CLASSES[name]!
      if (control !== undefined) return CONTROLS[control]!
      const character = String.fromCharCode(Number.parseInt(byte ?? unit!, 16))
      return /[\]^\\-]/.test(character) ? `\\${character}` : character
    },
  )
  if (/\\[DWS]/.test(expanded)) throw new Unsayable('a negated class inside a class')
  if (!isCaseless) return expanded
  const more = expanded.replaceAll(
    /\\.|([a-z])-([a-z])|([A-Z])-([A-Z])|[A-Za-z]/g,
    (all: string) => {
      if (all.startsWith('\\')) return all
      const other = all === all.toLowerCase() ? all.toUpperCase() : all.toLowerCase()
      return all + other
    },
  )
  return more
}

function endOfClass(text: string, start: number): number {
  let at = start + 1
  if (text[at] === '^') at++
  if (text[at] === ']') at++
  for (; at < text.length && text[at] !== ']'; at++) if (text[at] === '\\') at++
  return at
}

function splitTopLevel(text: string): readonly string[] {
  const parts = ['']
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    let piece = character
    if (character === '\\') piece += text[++at] ?? ''
    else if (character === '[') {
      const end = endOfClass(text, at)
      piece = text.slice(at, end + 1)
      at = end
    } else if (character === '(') depth++
    else if (character === ')') depth--
    if (character === '|' && depth === 0) parts.push('')
    else parts[parts.length - 1] += piece
  }
  return parts
}
