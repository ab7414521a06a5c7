// Two ways pipelines write templates: Python's format (`{rule.title}`) and a part of Jinja
// (`{{ rule.title | upper }}`, `{% for %}`, `{% if %}`). They read plain data by own names and call
// nothing. What is not known is refused when the template is compiled.

import { plainOf } from './pipeline-state.ts'

export type Template = (context: Readonly<Record<string, unknown>>) => string

/** Unknown names are empty. `{{` and `}}` are braces. */
export function fillFormat(text: string, context: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(/\{\{|\}\}|\{([^{}]*)\}/g, (all, path: string | undefined) => {
    if (path === undefined) return all[0]!
    return textOf(lookUp(context, pathOf(path)))
  })
}

type Expression = (context: Readonly<Record<string, unknown>>) => unknown

export function compileTemplate(
  text: string,
): { readonly render: Template } | { readonly refusal: string } {
  try {
    const reader = new Reader(text)
    const render = reader.readBody([])
    return { render }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { refusal: error.message }
  }
}

class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** A list longer than this in a `for` is no rule's. */
const LOOPS_MAX = 10_000
const NESTING_MAX = 32

class Reader {
  readonly #tokens: readonly string[]
  #at = 0
  #depth = 0

  constructor(text: string) {
    const tight = text.replaceAll(/\s*\{([{%#])-/g, '{$1').replaceAll(/-([}%#])\}\s*/g, '$1}')
    this.#tokens = tight.split(/(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\})/)
  }

  /** Up to a tag that is one of `ends`, which is left to be read. */
  readBody(ends: readonly string[]): Template {
    if (++this.#depth > NESTING_MAX) throw new Unreadable('is nested too deep')
    const parts: Template[] = []
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at]!
      const [, tag] = /^\{%\s*([\s\S]*?)\s*%\}$/.exec(token) ?? []
      if (tag !== undefined && ends.includes(tag.split(/\s/)[0]!)) {
        this.#depth--
        return concat(parts)
      }
      this.#at++
      if (tag !== undefined) parts.push(this.#readTag(tag))
      else if (token.startsWith('{{')) {
        const expression = readExpression(token.slice(2, -2).trim())
        parts.push((context) => textOf(expression(context)))
      } else if (!token.startsWith('{#')) parts.push(() => token)
    }
    if (ends.length > 0) throw new Unreadable(`has no {% ${ends.at(-1)} %}`)
    this.#depth--
    return concat(parts)
  }

  #readTag(tag: string): Template {
    const [, name, list] = /^for\s+(\w+)\s+in\s+([\s\S]+)$/.exec(tag) ?? []
    if (name !== undefined) return this.#readFor(name, readExpression(list!))
    const [, condition] = /^if\s+([\s\S]+)$/.exec(tag) ?? []
    if (condition !== undefined) return this.#readIf(readExpression(condition))
    throw new Unreadable(`uses {% ${tag} %}, which is not known`)
  }

  #readFor(name: string, list: Expression): Template {
    const body = this.readBody(['endfor'])
    this.#at++
    return (context) => {
      const items = list(context)
      const listed: readonly unknown[] = Array.isArray(items) ? items.slice(0, LOOPS_MAX) : []
      return listed.map((item) => body({ ...context, [name]: item })).join('')
    }
  }

  #readIf(condition: Expression): Template {
    const then = this.readBody(['elif', 'else', 'endif'])
    const end = this.#tokens[this.#at++]!.slice(2, -2).trim()
    const [, next] = /^elif\s+([\s\S]+)$/.exec(end) ?? []
    let otherwise: Template = () => ''
    if (next !== undefined) otherwise = this.#readIf(readExpression(next))
    else if (end === 'else') {
      otherwise = this.readBody(['endif'])
      this.#at++
    }
    return (context) => (isTrue(condition(context)) ? then : otherwise)(context)
  }
}

function concat(parts: readonly Template[]): Template {
  return (context) => parts.map((part) => part(context)).join('')
}

const FILTERS: Readonly<Record<string, (value: unknown, ...given: readonly unknown[]) => unknown>> =
  {
    upper: (value) => textOf(value).toUpperCase(),
    lower: (value) => textOf(value).toLowerCase(),
    trim: (value) => textOf(value).trim(),
    length: (value) => (Array.isArray(value) ? value.length : textOf(value).length),
    first: (value) => (Array.isArray(value) ? value[0] : textOf(value)[0]),
    last: (value) => (Array.isArray(value) ? value.at(-1) : textOf(value).at(-1)),
    join: (value, separator = '') => [value].flat().map(textOf).join(textOf(separator)),
    default: (value, other = '') => (value === undefined || value === null ? other : value),
    replace: (value, from, to) => textOf(value).replaceAll(textOf(from), textOf(to)),
    tojson: (value) => JSON.stringify(value ?? null),
    string: textOf,
  }

/** `not a`, `a == b`, `a != b`, `a in b`, each operand a value with filters. */
function readExpression(text: string): Expression {
  const [, negated] = /^not\s+([\s\S]+)$/.exec(text) ?? []
  if (negated !== undefined) {
    const inner = readExpression(negated)
    return (context) => !isTrue(inner(context))
  }
  const [left, operator, right] = splitOperator(text)
  const first = readFiltered(left)
  if (operator === undefined) return first
  const second = readFiltered(right!)
  switch (operator) {
    case '==':
      return (context) => first(context) === second(context)
    case '!=':
      return (context) => first(context) !== second(context)
    default:
      return (context) => [second(context)].flat().includes(first(context))
  }
}

function splitOperator(text: string): readonly [string, string?, string?] {
  const match = /^((?:[^'"=!]|'[^']*'|"[^"]*")+?)\s*(==|!=|\sin\s)\s*([\s\S]+)$/.exec(text)
  return match ? [match[1]!, match[2]!.trim(), match[3]!] : [text]
}

function readFiltered(text: string): Expression {
  const [value = '', ...filters] = text.match(/(?:[^|'"]|'[^']*'|"[^"]*")+/g) ?? []
  const calls = filters.map((filter) => {
    const [, name = '', given = ''] = /^\s*(\w+)\s*(?:\(([\s\S]*)\))?\s*$/.exec(filter) ?? []
    const call = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined
    if (call === undefined) throw new Unreadable(`uses the filter "${filter.trim()}"`)
    const written = given.match(/(?:[^,'"]|'[^']*'|"[^"]*")+/g) ?? []
    const operands = written.map((one) => readOperand(one.trim()))
    return (subject: unknown, context: Readonly<Record<string, unknown>>) =>
      call(subject, ...operands.map((operand) => operand(context)))
  })
  const start = readOperand(value.trim())
  return (context) => calls.reduce((subject, call) => call(subject, context), start(context))
}

function readOperand(text: string): Expression {
  const [, quoted] = /^(?:'([^']*)'|"([^"]*)")$/.test(text) ? [0, text.slice(1, -1)] : []
  if (quoted !== undefined) return () => quoted
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return () => Number(text)
  if (!/^[A-Za-z_]\w*(?:\.\w+|\[(?:\d+|'[^']*'|"[^"]*")\])*$/.test(text)) {
    throw new Unreadable(`holds "${text}", which cannot be read`)
  }
  const path = pathOf(text)
  return (context) => lookUp(context, path)
}

function pathOf(text: string): readonly string[] {
  return (text.match(/[^.[\]]+/g) ?? []).map((part) => part.replaceAll(/^['"]|['"]$/g, ''))
}

/** By own names only: nothing of the language around is in reach. */
function lookUp(context: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = context
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : plainOf(value)
}
