// Visits an ES|QL tree: the expressions of a command, and everything below an expression. One place
// knows where children are, so that reading and comparing cannot forget a kind.

import type { EsqlCommand, EsqlExpression } from './tree.ts'

/** The node and everything below it, outermost first. */
export function walk(node: EsqlExpression): readonly EsqlExpression[] {
  return [node, ...childrenOf(node).flatMap(walk)]
}

export function childrenOf(node: EsqlExpression): readonly EsqlExpression[] {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'list':
      return node.items
    case 'not':
    case 'negation':
    case 'null_test':
    case 'cast':
      return [node.item]
    case 'binary':
      return [node.left, node.right]
    case 'membership':
      return [node.left, ...node.list]
    case 'call':
      return node.arguments
    case 'map':
      return node.members.map((member) => member.value)
    case 'field':
    case 'literal':
    case 'interval':
    case 'parameter':
      return []
  }
}

/** The expressions a command itself holds; those of its branches and subqueries are theirs. */
export function expressionsOf(command: EsqlCommand): readonly EsqlExpression[] {
  switch (command.kind) {
    case 'from':
    case 'fork':
    case 'columns':
      return []
    case 'lookup_join':
      return command.on
    case 'enrich':
      return command.added.map((assignment) => assignment.value)
    case 'stats':
      return [
        ...command.aggregates.flatMap(({ value, where }) =>
          where === null ? [value] : [value, where],
        ),
        ...command.by.map((item) => item.value),
      ]
    case 'plain':
      return command.arguments.map((argument) => argument.value)
  }
}

/** Every command of a query, those inside subqueries and branches too. */
export function allCommands(commands: readonly EsqlCommand[]): readonly EsqlCommand[] {
  return commands.flatMap((command) => {
    if (command.kind === 'fork') return [command, ...command.branches.flatMap(allCommands)]
    if (command.kind !== 'from') return [command]
    return [command, ...command.subqueries.flatMap((query) => allCommands(query.commands))]
  })
}
