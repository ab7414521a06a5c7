// The language of a query that a rule brings in a target's own words.

import type { QueryLanguage } from '#languages/query.ts'
import type { Implementation } from '#domain/rules/product-key.ts'
import type { Kind } from './kinds.ts'

const USUAL: Partial<Readonly<Record<Kind, QueryLanguage>>> = {
  splunk: 'spl',
  sentinel: 'kusto',
  defender: 'kusto',
}
const EVALUATED: readonly QueryLanguage[] = ['spl', 'kusto', 'esql', 'eql']

/** An Elastic rule names its language as its type or among its settings. */
export function languageOf(
  kind: Kind,
  { type, settings }: Implementation,
): QueryLanguage | undefined {
  const named = [settings['language'], type]
  return EVALUATED.find((one) => named.includes(one)) ?? USUAL[kind]
}
