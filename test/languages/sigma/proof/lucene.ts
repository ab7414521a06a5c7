// A small interpreter of the Lucene query strings that the backend prints, written apart from it and
// from the house's parser, so that they cannot share a mistake. Terms compare without case, as fields
// with a lower-case normalizer do; a clause of negations alone stands for all other documents, as
// Elasticsearch reads it; expressions match whole values.

import { isInNetwork, parseNetwork } from '#languages/cidr.ts'
import { fromLucene } from '#languages/lucene-regex.ts'
import { compileRegex } from '#languages/regex.ts'
import { compilePattern, foldPattern } from '#languages/sigma/test.ts'
import { ANY, ONE, type TextPattern } from '#languages/predicate.ts'

export type LuceneDocument = ReadonlyMap<string, readonly unknown[]>
type Check = (document: LuceneDocument) => boolean
type ValueCheck = (value: unknown) => boolean

export interface LuceneMapping {
  /** Fields of addresses: a term with a slash is a network there. */
  readonly ips: ReadonlySet<string>
}

export function interpretLucene(text: string, mapping: LuceneMapping): Check {
  const reader = new Reader(text, mapping)
  const check = reader.expression()
  reader.end()
  return check
}

class Reader {
  readonly #text: string
  readonly #mapping: LuceneMapping
  #at = 0

  constructor(text: string, mapping: LuceneMapping) {
    this.#text = text
    this.#mapping = mapping
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length) throw new Error(`left over: ${this.#text.slice(this.#at)}`)
  }

  expression(): Check {
    const checks = [this.#conjunction()]
    while (this.#word('OR')) checks.push(this.#conjunction())
    return (document) => checks.some((check) => check(document))
  }

  #conjunction(): Check {
    const checks = [this.#negation()]
    while (this.#word('AND')) checks.push(this.#negation())
    return (document) => checks.every((check) => check(document))
  }

  #negation(): Check {
    if (!this.#word('NOT')) return this.#primary()
    const inner = this.#negation()
    return (document) => !inner(document)
  }

  #primary(): Check {
    if (this.#take('*:*')) return () => true
    if (this.#take('(')) {
      const inner = this.expression()
      this.#need(')')
      return inner
    }
    const start = this.#at
    const name = this.#plain(/[^ \t\n\r\u3000:()"\\]/)
    if (name === undefined || !this.#take(':')) {
      this.#at = start
      const check = this.#value(undefined)
      return (document) => [...document.values()].some((values) => values.some(check))
    }
    if (name === '_exists_') {
      const field = this.#plain(/[^ \t\n\r\u3000:()"\\]/)!
      return (document) => (document.get(field) ?? []).some((value) => value !== null)
    }
    const check = this.#values(name)
    return (document) => (document.get(name) ?? []).some((value) => value !== null && check(value))
  }

  #values(field: string): ValueCheck {
    if (!this.#take('(')) return this.#value(field)
    const checks = [this.#value(field)]
    while (this.#word('OR')) checks.push(this.#value(field))
    this.#need(')')
    return (value) => checks.some((check) => check(value))
  }

  #value(field: string | undefined): ValueCheck {
    this.#space()
    const compared = /^(<=|>=|<|>)(-?[\d.]+)/.exec(this.#text.slice(this.#at))
    if (field !== undefined && compared) {
      this.#at += compared[0].length
      const limit = Number(compared[2])
      return (value) => isNumeric(value) && holds(compared[1]!, Number(value), limit)
    }
    if (this.#take('"')) {
      const end = this.#text.indexOf('"', this.#at)
      const wanted = this.#text.slice(this.#at, end).toLowerCase()
      this.#at = end + 1
      return (value) => String(value).toLowerCase() === wanted
    }
    if (this.#take('/')) return this.#regex()
    const pattern = this.#pattern()
    const network = pattern.length === 1 ? parseNetwork(String(pattern[0])) : undefined
    if (field !== undefined && network && this.#mapping.ips.has(field)) {
      return (value) => isInNetwork(String(value), network)
    }
    const check = compilePattern(foldPattern(pattern))
    return (value) => check(String(value).toLowerCase())
  }

  #regex(): ValueCheck {
    let body = ''
    while (this.#at < this.#text.length && this.#text[this.#at] !== '/') {
      if (this.#text[this.#at] === '\\') body += this.#text[this.#at++]
      body += this.#text[this.#at++] ?? ''
    }
    this.#need('/')
    const compiled = compileRegex(`^(?:${fromLucene(body)})$`, ['s'])
    if ('refusal' in compiled) throw new Error(compiled.refusal)
    return (value) => compiled.test(String(value))
  }

  /** A term: a backslash makes the next character plain, white space and brackets end it. */
  #pattern(): TextPattern {
    const parts: TextPattern[number][] = []
    let plain = ''
    const finish = () => {
      if (plain !== '') parts.push(plain)
      plain = ''
    }
    for (
      ;
      this.#at < this.#text.length && !/[ \t\n\r\u3000():"]/.test(this.#text[this.#at]!);
      this.#at++
    ) {
      const character = this.#text[this.#at]!
      if (character === '\\') plain += this.#text[++this.#at] ?? ''
      else if (character === '*' || character === '?') {
        finish()
        if (character === '?' || parts.at(-1) !== ANY) parts.push(character === '*' ? ANY : ONE)
      } else if (/[+=&|!{}[\]<>^~/]/.test(character) || (character === '-' && plain === '')) {
        throw new Error(`a plain ${character} at ${this.#at}`)
      } else plain += character
    }
    finish()
    if (parts.length === 0) throw new Error(`a value is missing at ${this.#at}`)
    return parts
  }

  #plain(allowed: RegExp): string | undefined {
    this.#space()
    let text = ''
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!
      if (character === '\\') text += this.#text[++this.#at] ?? ''
      else if (allowed.test(character)) text += character
      else break
      this.#at++
    }
    return text === '' ? undefined : text
  }

  #space(): void {
    while (/[ \t\n\r\u3000]/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #take(sign: string): boolean {
    this.#space()
    const isHere = this.#text.startsWith(sign, this.#at)
    if (isHere) this.#at += sign.length
    return isHere
  }

  #need(sign: string): void {
    if (!this.#take(sign)) throw new Error(`expected ${sign} at ${this.#at} of ${this.#text}`)
  }

  #word(word: string): boolean {
    this.#space()
    const isHere =
      this.#text.startsWith(word, this.#at) &&
      /[\s(]/.test(this.#text[this.#at + word.length] ?? ' ')
    if (isHere) this.#at += word.length
    return isHere
  }
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value))
}

export function holds(operator: string, a: number, b: number): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    default:
      return a >= b
  }
}
