// Where our queries are not, letter by letter, what the community's converter prints, and why: each
// difference with an event on which the other text answers wrongly, or is no query at all, or says the
// same in other words.

import type { Backend } from '#languages/sigma/names.ts'
import type { Difference } from './differences/difference.ts'
import { EQL_DIFFERENCES } from './differences/eql.ts'
import { ESQL_DIFFERENCES } from './differences/esql.ts'
import { KUSTO_DIFFERENCES } from './differences/kusto.ts'
import { LUCENE_DIFFERENCES } from './differences/lucene.ts'
import { SPL_DIFFERENCES } from './differences/spl.ts'

export const DIFFERENCES: Readonly<Record<Backend, readonly Difference[]>> = {
  spl: SPL_DIFFERENCES,
  kusto: KUSTO_DIFFERENCES,
  lucene: LUCENE_DIFFERENCES,
  eql: EQL_DIFFERENCES,
  esql: ESQL_DIFFERENCES,
}
