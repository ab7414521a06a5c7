// Two ways pipelines write templates: Python's format (`{rule.title}`) and a part of Jinja
// (`{{ rule.title | upper }}`, `{% for %}`, `{% if %}`, `{% set %}`). What is not known is refused when
// the template is compiled.

import { readExpression, Unreadable, type Expression } from './template-expression.ts'
import { isTrue, partOf, textOf, type Names } from './template-values.ts'

export type Template = (context: Names) => string

/** Unknown names are empty. `{{` and `}}` are braces. */
export function fillFormat(text: string, context: Names): string {
  return text.replaceAll(/\{\{|\}\}|\{([^{}]*)\}/g, (all, path: string | undefined) => {
    if (path === undefined) return all[0]!
    const names = (path.match(/[^.[\]]+/g) ?? []).map((one) => one.replaceAll(/^['"]|['"]$/g, ''))
    return textOf(names.reduce<unknown>(partOf, context))
  })
}

export function compileTemplate(
  text: string,
): { readonly render: Template } | { readonly refusal: string } {
  try {
    const reader = new Reader(text)
    const body = reader.readBody([])
    return { render: (context) => body({ ...context }) }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { refusal: error.message }
  }
}

/** A list longer than this in a `for` is no rule's. */
const LOOPS_MAX = 10_000
const NESTING_MAX = 32

class Reader {
  readonly #tokens: readonly string[]
  #at = 0
  #depth = 0

  constructor(text: string) {
    // The last line end of a template is not part of what it writes.
    const tight = text
      .replace(/\n$/, '')
      .replaceAll(/\s*\{([{%#])-/g, '{$1')
      .replaceAll(/-([}%#])\}\s*/g, '$1}')
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
    const [, variable, value] = /^set\s+([A-Za-z]\w*)\s*=\s*([\s\S]+)$/.exec(tag) ?? []
    if (variable !== undefined) return assigned(variable, readExpression(value!))
    throw new Unreadable(`uses {% ${tag} %}, which is not known`)
  }

  #readFor(name: string, list: Expression): Template {
    const body = this.readBody(['endfor'])
    this.#at++
    return (context) => {
      const items = list(context)
      const listed: readonly unknown[] = Array.isArray(items) ? items.slice(0, LOOPS_MAX) : []
      const length = listed.length
      return listed
        .map((item, at) => {
          const place = { index: at + 1, index0: at, first: at === 0, last: at === length - 1 }
          return body({ ...context, [name]: item, loop: { ...place, length } })
        })
        .join('')
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

/** Writes nothing, and gives the template, or the loop it stands in, a name more. */
function assigned(variable: string, value: Expression): Template {
  return (own) => {
    Object.assign(own, { [variable]: value(own) })
    return ''
  }
}
