// Whether two SPL searches mean the same, and the smallest difference in words when not. Order and
// repetition inside conditions and lists, white space, comments and case of keywords make no
// difference; the order of commands, of columns and of aggregates does.

import { describeDifference, type Facets } from '#languages/difference.ts'
import type { SplCommand, SplExpression, SplSearch, SplTerm } from './tree.ts'

/** Null when both mean the same. */
export function compareSpl(before: SplSearch, after: SplSearch): string | null {
  return describeDifference(before.commands.map(facets), after.commands.map(facets))
}

// The first facet is the command's name.
function facets(command: SplCommand): Facets {
  const { name } = command
  switch (command.kind) {
    case 'search':
    case 'where': {
      if (command.condition === null) return [name]
      const parts = isJunction(command.condition) ? flatten(command.condition) : [command.condition]
      const isAll = command.condition.kind === 'and' || command.condition.kind === 'all'
      const required = isAll ? parts : [command.condition]
      return [name, ...[...new Set(required.map(canonical))].toSorted()]
    }
    case 'eval':
      return [
        name,
        ...command.assignments.map(({ target, value }) => `${target.name}=${canonical(value)}`),
      ]
    case 'rename':
      return [name, ...command.pairs.map(({ from, to }) => `${from.name} as ${to.name}`)]
    case 'macro':
      return [canonical(command.macro)]
    case 'stats':
      return [
        name,
        ...command.aggregates.map((item) => {
          const inner = item.argument === null ? '' : canonical(item.argument)
          return `${item.name}(${inner})${item.as === null ? '' : ` as ${item.as.name}`}`
        }),
        ...command.options.map(option),
        ...command.from.map((item) => `from ${option(item)}`),
        ...(command.where === null ? [] : [`where ${canonical(command.where)}`]),
        ...command.by.map((field) => `by ${field.name}`),
      ]
    case 'plain':
      return [
        name,
        ...command.options.map(option).toSorted(),
        ...command.words.map((word) =>
          /^(in|as|by|and|or|not)$/i.test(word.name) ? word.name.toLowerCase() : word.name,
        ),
        ...command.subsearches.map(canonical),
      ]
  }
}

function option({ name, value }: { readonly name: string; readonly value: string }): string {
  return `${name}=${value}`
}

type Node = SplTerm | SplExpression
type Junction = Extract<Node, { readonly items: readonly Node[] }>

function isJunction(node: Node): node is Junction {
  return 'items' in node
}

function flatten(node: Junction): readonly Node[] {
  return node.items.flatMap((item: Node) =>
    isJunction(item) && item.kind === node.kind ? flatten(item) : [item],
  )
}

function canonical(node: Node): string {
  if (isJunction(node)) {
    return `(${[...new Set(flatten(node).map(canonical))].toSorted().join(` ${node.kind} `)})`
  }
  switch (node.kind) {
    case 'not':
    case 'none':
      return `not ${canonical(node.item)}`
    case 'negation':
      return `-${canonical(node.item)}`
    case 'comparison':
      return `${node.field.name}${node.operator}"${node.value.name}"`
    case 'in':
      return `${node.field.name} in (${node.values
        .map((value) => value.name)
        .toSorted()
        .join(', ')})`
    case 'free':
      return node.text
    case 'macro':
      return `\`${node.name}(${node.arguments.join(', ')})\``
    case 'subsearch':
      return `[${node.search.commands.map((command) => facets(command).join(' ')).join(' | ')}]`
    case 'binary':
      return `(${canonical(node.left)} ${node.operator} ${canonical(node.right)})`
    case 'membership':
      return `${canonical(node.left)} in (${node.list.map(canonical).toSorted().join(', ')})`
    case 'call':
      return `${node.name}(${node.arguments.map(canonical).join(', ')})`
    case 'field':
      return `'${node.name}'`
    case 'literal':
      return JSON.stringify(node.value)
  }
}
