// Reading Microsoft's nodes without converting them: lists, declared names, words. `Reader` is what
// the conversions of operators and of expressions need of each other.

import type { Mention } from '#languages/query.ts'
import { childrenOf, isToken, kindOf, part, rangeOf, tokensOf, type Syntax } from './microsoft.ts'
import type { KustoExpression, KustoOption } from './tree.ts'

export interface Reader {
  expression(node: Syntax): KustoExpression
  all(nodes: readonly Syntax[]): readonly KustoExpression[]
  /** The expression in a named part; an empty name where recovery left a hole. */
  inner(node: Syntax, name?: string): KustoExpression
  /** The expression at the end of a path of parts; null when one of them is left out. */
  optional(node: Syntax, ...path: readonly string[]): KustoExpression | null
  /** Outermost expressions anywhere below a node that has no conversion of its own. */
  within(node: Syntax): readonly KustoExpression[]
  option(node: Syntax): KustoOption
}

/** Elements of a separated list that is a part of `node`, or of a clause that is. */
export function elements(node: Syntax, ...path: readonly string[]): readonly Syntax[] {
  const list = path.reduce<Syntax | undefined>((at, name) => at && part(at, name), node)
  if (!list) return []
  return childrenOf(list).map((item) =>
    kindOf(item) === 'SeparatedElement' ? childrenOf(item)[0]! : item,
  )
}

/** A declared name: `NameDeclaration`, and whatever else has a simple name. */
export function declared(node: Syntax, name: string): Mention {
  const found = part(node, name) ?? node
  return { name: simpleName(found), ...rangeOf(found) }
}

export function simpleName(node: Syntax): string {
  return (node as { readonly SimpleName?: string }).SimpleName ?? textOf(node)
}

/** The source without white space and comments: what is compared where we have no node. */
export function textOf(node: Syntax): string {
  return [...tokensOf(node)].map((token) => token.Text).join(' ')
}

export function tokenText(node: Syntax, name: string): string {
  const token = part(node, name)
  return token && isToken(token) ? token.Text : ''
}
