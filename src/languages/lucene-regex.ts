// Regular expressions in Lucene's syntax, written for the house's own engine.
// Source: elastic.co/docs, Elasticsearch "Regular expression syntax", read 2026-11; where it is silent,
// the grammar of Lucene's class RegExp.

import { Refusal, unsupported } from './evaluation.ts'

/**
 * In Lucene `^` and `$` are plain characters, an escape is always the character itself (`\t` is a t),
 * and where an operand is due even `|` and `*` are plain. Throws `Refusal`.
 */
export function fromLucene(pattern: string): string {
  let out = ''
  let isOperandDue = true
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!
    if (character === '(' && pattern[at + 1] === ')') {
      out += '(?:)'
      at++
    } else if (character === '\\' && at + 1 < pattern.length) {
      out += escaped(pattern[++at]!)
    } else if (character === '[') {
      const end = classEnd(pattern, at)
      out += fromLuceneClass(pattern.slice(at, end + 1))
      at = end
    } else if (/[\^$]/.test(character) || (isOperandDue && /[|)*+?{]/.test(character))) {
      out += `\\${character}`
    } else if (/[&#@<>~"]/.test(character)) {
      throw unsupported(`“${character}” in an expression`)
    } else {
      out += character
      isOperandDue = character === '(' || character === '|'
      continue
    }
    isOperandDue = false
  }
  if (isOperandDue && pattern !== '') throw new Refusal('regex', 'This expression ends too early.')
  return out
}

function escaped(next: string): string {
  return /[wWdDsS!-/:-@[-^`{-~]/.test(next) ? `\\${next}` : next
}

function classEnd(pattern: string, start: number): number {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1)
  for (; at < pattern.length && pattern[at] !== ']'; at++) if (pattern[at] === '\\') at++
  return at
}

function fromLuceneClass(text: string): string {
  return text.replaceAll(/\\([A-Za-z])|\[/g, (all, letter: string | undefined, at: number) => {
    if (letter !== undefined) return escaped(letter)
    return at === 0 ? all : '\\['
  })
}
