// Kibana's queries over documents, as Kibana would have them run: texts compare without case and whole.

import { hasErrors } from '#kernel/problem.ts'
import { valuesOf, type Fields, type Value } from '#languages/evaluation.ts'
import { parseKuery } from '#languages/kuery/parse.ts'
import {
  isAny,
  type KueryNode,
  type KueryOperator,
  type KueryText,
  type KueryValues,
} from '#languages/kuery/tree.ts'
import { ANY, type TextPattern } from '#languages/predicate.ts'
import { compilePattern, foldPattern } from '#languages/sigma/test.ts'
import { QueryError, timeOf, type DocumentCheck } from '#standins/opensearch/query.ts'

/** Throws `QueryError`. */
export function compileKuery(text: string): DocumentCheck {
  const { value, problems } = parseKuery(text)
  if (hasErrors(problems)) throw new QueryError(problems[0]!.message)
  return value === undefined ? () => true : compileNode(value)
}

function compileNode(node: KueryNode): DocumentCheck {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const checks = node.items.map(compileNode)
      return node.kind === 'and'
        ? (document) => checks.every((check) => check(document))
        : (document) => checks.some((check) => check(document))
    }
    case 'not': {
      const check = compileNode(node.item)
      return (document) => !check(document)
    }
    case 'nested':
      return compileNode(node.item)
    case 'free':
      return compileValues(node.values, () => true, ':')
    case 'test':
      return compileValues(node.values, namedBy(node.field), node.operator)
  }
}

function patternOf({ parts }: KueryText): TextPattern {
  return parts.flatMap((part, at): TextPattern => [
    ...(at === 0 ? [] : [ANY]),
    ...(part === '' ? [] : [part]),
  ])
}

function namedBy(field: KueryText): (name: string) => boolean {
  const fits = compilePattern(foldPattern(patternOf(field)))
  return (name) => fits(name.toLowerCase())
}

function compileValues(
  values: KueryValues,
  fits: (name: string) => boolean,
  operator: KueryOperator,
): DocumentCheck {
  switch (values.kind) {
    case 'text': {
      const check = compileText(values, operator)
      return (document) => some(document, fits, check)
    }
    case 'none': {
      const check = compileValues(values.item, fits, operator)
      return (document) => !check(document)
    }
    case 'all':
    case 'any': {
      const checks = values.items.map((item) => compileValues(item, fits, operator))
      return values.kind === 'all'
        ? (document) => checks.every((check) => check(document))
        : (document) => checks.some((check) => check(document))
    }
  }
}

function some(
  document: Fields,
  fits: (name: string) => boolean,
  check: (value: Value) => boolean,
): boolean {
  return [...document].some(([name, value]) => fits(name) && valuesOf(value).some(check))
}

function compileText(text: KueryText, operator: KueryOperator): (value: Value) => boolean {
  if (operator === ':') {
    if (!text.isQuoted && isAny(text)) return () => true
    const fits = compilePattern(foldPattern(patternOf(text)))
    return (value) => fits(String(value).toLowerCase())
  }
  const bound = timeOf(text.parts.join(''))
  return (value) => {
    const at = timeOf(value)
    if (at === bound) return operator.endsWith('=')
    return operator.startsWith('<') ? at < bound : at > bound
  }
}
