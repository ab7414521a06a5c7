// Visits an SPL tree: everything below a term or an expression, and every command of a search with
// those of its subsearches. One place knows where children are.

import type { SplCommand, SplExpression, SplSearch, SplTerm } from './tree.ts'

export type SplNode = SplTerm | SplExpression

/** The node and everything below it, outermost first; subsearches are not entered. */
export function walk(node: SplNode): readonly SplNode[] {
  return [node, ...childrenOf(node).flatMap(walk)]
}

function childrenOf(node: SplNode): readonly SplNode[] {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'all':
    case 'any':
    case 'xor':
      return node.items
    case 'not':
    case 'none':
    case 'negation':
      return [node.item]
    case 'binary':
      return [node.left, node.right]
    case 'membership':
      return [node.left, ...node.list]
    case 'call':
      return node.arguments
    default:
      return []
  }
}

/** Every node a command itself holds. */
export function nodesOf(command: SplCommand): readonly SplNode[] {
  return rootsOf(command).flatMap(walk)
}

function rootsOf(command: SplCommand): readonly SplNode[] {
  switch (command.kind) {
    case 'search':
    case 'where':
      return command.condition === null ? [] : [command.condition]
    case 'eval':
      return command.assignments.map((assignment) => assignment.value)
    case 'stats': {
      const values = command.aggregates.flatMap(({ argument }) =>
        argument === null ? [] : [argument],
      )
      return command.where === null ? values : [...values, command.where]
    }
    case 'macro':
      return [command.macro]
    case 'plain':
      return command.subsearches
    case 'rename':
      return []
  }
}

/** Every command of a search, those inside subsearches too. */
export function allCommands(search: SplSearch): readonly SplCommand[] {
  return search.commands.flatMap((command) => [
    command,
    ...nodesOf(command).flatMap((node) =>
      node.kind === 'subsearch' ? allCommands(node.search) : [],
    ),
  ])
}
