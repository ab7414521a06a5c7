// Values and field names that try to leave their quotes, and what must become of them: the printed
// query finds exactly the events that hold them.

import fc from 'fast-check'
import { ANY, type FieldTest, type Predicate, type TextPattern } from '#languages/predicate.ts'
import { printEql } from '#languages/sigma/backends/eql.ts'
import { printEsql } from '#languages/sigma/backends/esql.ts'
import { printKusto } from '#languages/sigma/backends/kusto.ts'
import { printLucene } from '#languages/sigma/backends/lucene.ts'
import { printSpl } from '#languages/sigma/backends/spl.ts'
import type { Printed } from '#languages/sigma/backends/walk.ts'
import { compilePattern, foldPattern } from '#languages/sigma/test.ts'
import { verdictOf } from './verdicts.ts'
import type { Backend } from '#languages/sigma/names.ts'

const PRINTERS: Readonly<Record<Backend, (predicate: Predicate) => Printed>> = {
  spl: (predicate) => printSpl(predicate),
  kusto: (predicate) => printKusto(predicate),
  esql: (predicate) => printEsql(predicate),
  lucene: printLucene,
  eql: printEql,
}

const PIECES = [
  '"', '\\', "'", '`', '|', '/', '//', '/*', '*/', '#', ';', ',', '.', ':', '=', '!', '&', '~', '^', '-', '+',
  '(', ')', '[', ']', '{', '}', '<', '>', '?', '*', '%', '$', '@', ' ', '  ', '\t', '\n', '\r', '\u3000', '\u00a0',
  '\u2028', '\0', 'a', 'A', '0', 'é', 'ß', '日', '😀', ' or ', ' OR ', ' and true', ' | where true', '" or "" == "',
  '" OR A=*', '\\"', '\\\\', '"""', '```', '*:*', 'NOT ', '`comment`', '\\u0041', '\\*', '$token$', '<<FIELD>>',
] // prettier-ignore

export const hostileText = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  // Splunk compares what looks like a number as one, so that `-0` is 0: no matter of quotes.
  .map((pieces) => pieces.join(''))
  .map((text) => (/[^\d\s.+-]/.test(text) ? text : `"${text}`))

export const hostileName = fc
  .array(
    fc.constantFrom(
      'a',
      'B',
      '_',
      '0',
      ' ',
      '.',
      '-',
      '(',
      ')',
      '"',
      "'",
      '\\',
      '`',
      '[',
      ']',
      ':',
      '@',
      '{',
      '|',
      '/',
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((pieces) => `f${pieces.join('').replaceAll(/\.+/g, '.').replace(/\.$/, '')}`)

export const shape = fc.constantFrom<(text: string) => TextPattern>(
  (text) => [text],
  (text) => [text, ANY],
  (text) => [ANY, text],
  (text) => [ANY, text, ANY],
)

/** What is wrong with the query printed for one text in one field; null when nothing is. */
export function breach(
  backend: Backend,
  field: string,
  text: string,
  pattern: TextPattern,
): string | null {
  const test: FieldTest = { kind: 'test', field, test: { kind: 'text', pattern, isCased: false } }
  const { query, problems } = PRINTERS[backend](test)
  if (query === undefined) return problems[0]!.message
  const values = [text, `${text}x`, `x${text}`, `x${text}x`, text.slice(1), 'x']
  const events = [...values.map((value) => ({ [field]: value })), { other: text }]
  const found = verdictOf(backend, [query], [test], events)
  if ('refusal' in found) return `${query} is refused: ${found.refusal}`
  const matches = compilePattern(foldPattern(pattern))
  const wrong = values.filter((value, at) => matches(value.toLowerCase()) !== found.has(at))
  if (wrong.length > 0) return `${query} is wrong about ${JSON.stringify(wrong[0])}`
  return found.has(values.length) ? `${query} finds an event without the field` : null
}
