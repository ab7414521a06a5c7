// Prints a Kibana query the one way: keywords in lower case, one space around operators, long
// chains one test a line. Printing what was parsed gives the same tree again; a second printing
// changes nothing. The language has no comments to keep.

import { isAny, type KueryNode, type KueryText, type KueryValues } from './tree.ts'

const WIDTH = 100
const NEEDS_ESCAPE = /[\\():<>"*{}]/g
const KEYWORD = /(?<=^| )(and|or|not)(?= |$)/gi
// Only `\t \r \n` have escapes; other odd white space, and any at an edge, is written by its number.
const ODD_SPACE = /^\s|\s$|(?<=\s)\s|[^\S ]/g

export function formatKuery(root: KueryNode | undefined): string {
  return root === undefined ? '' : print(root, 0)
}

function print(node: KueryNode, indent: number): string {
  switch (node.kind) {
    case 'or':
    case 'and':
      return chain(
        node.kind,
        node.items.map((item) => operand(item, node.kind, indent)),
        indent,
      )
    case 'not':
      return `not ${operand(node.item, 'not', indent)}`
    case 'nested':
      return `${printText(node.field)}: { ${print(node.item, indent)} }`
    case 'test':
      return test(node.operator, printText(node.field), printValues(node.values, indent))
    case 'free':
      return printValues(node.values, indent)
  }
}

function test(operator: string, field: string, values: string): string {
  return operator === ':' ? `${field}: ${values}` : `${field} ${operator} ${values}`
}

const BINDS = { or: 0, and: 1, not: 2 } as const

function operand(node: KueryNode, under: keyof typeof BINDS, indent: number): string {
  const isLooser = (node.kind === 'or' || node.kind === 'and') && BINDS[node.kind] <= BINDS[under]
  return isLooser ? bracket(print(node, indent + 1), indent) : print(node, indent)
}

function printValues(values: KueryValues, indent: number): string {
  return values.kind === 'text'
    ? printText(values)
    : bracket(printGroup(values, indent + 1), indent)
}

function printGroup(values: KueryValues, indent: number): string {
  if (values.kind === 'text') return printText(values)
  if (values.kind === 'none') return `not ${groupOperand(values.item, indent)}`
  const parts = values.items.map((item) =>
    item.kind === 'none' ? printGroup(item, indent) : groupOperand(item, indent),
  )
  return chain(values.kind === 'any' ? 'or' : 'and', parts, indent)
}

function groupOperand(values: KueryValues, indent: number): string {
  return values.kind === 'text'
    ? printText(values)
    : bracket(printGroup(values, indent + 1), indent)
}

function chain(keyword: string, parts: readonly string[], indent: number): string {
  const line = parts.join(` ${keyword} `)
  if (line.length + 2 * indent <= WIDTH && !line.includes('\n')) return line
  return parts.join(` ${keyword}\n${'  '.repeat(indent)}`)
}

function bracket(inner: string, indent: number): string {
  if (!inner.includes('\n')) return `(${inner})`
  const outer = '  '.repeat(indent)
  return `(\n${outer}  ${inner}\n${outer})`
}

function printText(text: KueryText): string {
  if (text.isQuoted) return `"${text.parts.join('*').replaceAll(/[\\"]/g, String.raw`\$&`)}"`
  if (isAny(text)) return '*'
  const parts = text.parts.map((part) => part.replaceAll(NEEDS_ESCAPE, String.raw`\$&`))
  return parts
    .join('*')
    .replaceAll(ODD_SPACE, codeUnit)
    .replaceAll(KEYWORD, String.raw`\$1`)
}

function codeUnit(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
