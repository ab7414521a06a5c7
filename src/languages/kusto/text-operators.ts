// The operators of Kusto that look into texts: without case unless they end with `_cs`, and `has` and its
// kin by whole terms. Source: learn.microsoft.com, Kusto "String operators", read 2026-11.

import { Refusal } from '#languages/evaluation.ts'
import { compileRegex, type CompiledRegex } from '#languages/regex.ts'

type TextCheck = (text: string, part: string) => boolean

const WORD = /[\p{L}\p{N}]/u

/** A whole term: where the part begins or ends with a letter or digit, its neighbour is neither. */
function hasTerm(
  text: string,
  part: string,
  ends: { isOpenLeft: boolean; isOpenRight: boolean },
): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const isLeft = ends.isOpenLeft || !WORD.test(part[0] ?? '') || !WORD.test(text[at - 1] ?? '')
    const last = at + part.length
    const isRight =
      ends.isOpenRight || !WORD.test(part.at(-1) ?? '') || !WORD.test(text[last] ?? '')
    if (isLeft && isRight) return true
    if (part === '') return true
  }
  return false
}

const TEXT_OPERATORS: Readonly<Record<string, TextCheck>> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
  has: (text, part) => hasTerm(text, part, { isOpenLeft: false, isOpenRight: false }),
  hasprefix: (text, part) => hasTerm(text, part, { isOpenLeft: false, isOpenRight: true }),
  hassuffix: (text, part) => hasTerm(text, part, { isOpenLeft: true, isOpenRight: false }),
}

/** Undefined when the operator is none of texts. */
export function textOperator(operator: string): TextCheck | undefined {
  const isCased = operator.endsWith('_cs')
  const check = TEXT_OPERATORS[isCased ? operator.slice(0, -3) : operator]
  if (check === undefined || isCased) return check
  return (text, part) => check(text.toLowerCase(), part.toLowerCase())
}

const regexes = new Map<string, CompiledRegex>()
const REMEMBERED_MAX = 1_000

/** Throws `Refusal`. */
export function regexOf(pattern: string): CompiledRegex {
  const known = regexes.get(pattern)
  if (known !== undefined) return known
  const compiled = compileRegex(pattern, [])
  if ('refusal' in compiled)
    throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`)
  if (regexes.size >= REMEMBERED_MAX) regexes.clear()
  regexes.set(pattern, compiled)
  return compiled
}
