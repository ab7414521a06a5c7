// The languages that are read in place. Kusto is not among them: its parser is foreign and large, and
// lives in a worker (languages/kusto/dialect.ts).

import { hasErrors, type Checked } from '#kernel/problem.ts'
import { makeDialect, type Dialect } from './dialect.ts'
import { compareEql } from './eql/compare.ts'
import { EQL_EDITOR } from './eql/editor.ts'
import { formatEql } from './eql/format.ts'
import { parseEql } from './eql/parse.ts'
import { readEql } from './eql/reads.ts'
import { checkColumns } from './esql/check.ts'
import { compareEsql } from './esql/compare.ts'
import { ESQL_EDITOR } from './esql/editor.ts'
import { formatEsql } from './esql/format.ts'
import { parseEsql } from './esql/parse.ts'
import { readEsql } from './esql/reads.ts'
import type { EsqlQuery } from './esql/tree.ts'
import { compareKuery } from './kuery/compare.ts'
import { KUERY_EDITOR } from './kuery/editor.ts'
import { formatKuery } from './kuery/format.ts'
import { parseKuery } from './kuery/parse.ts'
import { readKuery } from './kuery/reads.ts'
import type { KueryNode } from './kuery/tree.ts'
import { compareLucene } from './lucene/compare.ts'
import { LUCENE_EDITOR } from './lucene/editor.ts'
import { formatLucene } from './lucene/format.ts'
import { parseLucene } from './lucene/parse.ts'
import { readLucene } from './lucene/reads.ts'
import { withFields } from './known-fields.ts'
import type { QueryFacts, QueryLanguage, QuerySchema } from './query.ts'
import { checkSpl } from './spl/check.ts'
import { compareSpl } from './spl/compare.ts'
import { SPL_EDITOR } from './spl/editor.ts'
import { formatSpl } from './spl/format.ts'
import { macrosOf } from './spl/macro.ts'
import { parseSpl } from './spl/parse.ts'
import { readSpl } from './spl/reads.ts'
import type { SplSearch } from './spl/tree.ts'

export const DIALECTS: Readonly<Record<Exclude<QueryLanguage, 'kusto'>, Dialect>> = {
  spl: makeDialect(
    {
      parse: parseSplWith,
      reads: (tree, text, schema) =>
        readSpl(tree, text, { macros: macrosOf(schema), datamodels: schema?.datamodels ?? {} }),
      format: formatSpl,
      compare: compareSpl,
    },
    SPL_EDITOR,
  ),
  esql: makeDialect(
    { parse: parseEsqlWith, reads: readEsql, format: formatEsql, compare: compareEsql },
    ESQL_EDITOR,
  ),
  eql: makeDialect(
    {
      parse: withFields('eql', parseEql, readEql),
      reads: readEql,
      format: formatEql,
      compare: compareEql,
    },
    EQL_EDITOR,
  ),
  lucene: makeDialect(
    {
      parse: withFields('lucene', parseLucene, readLucene),
      reads: readLucene,
      format: formatLucene,
      compare: compareLucene,
    },
    LUCENE_EDITOR,
  ),
  kuery: makeDialect<KueryRoot>(
    {
      parse: withFields('kuery', parseRoot, readRoot),
      reads: readRoot,
      format: (_text, { node }) => formatKuery(node),
      compare: (before, after) => compareKuery(before.node, after.node),
    },
    KUERY_EDITOR,
  ),
}

/** The empty query matches everything and has no node. */
interface KueryRoot {
  readonly node: KueryNode | undefined
}

function parseRoot(text: string): Checked<KueryRoot> {
  const { value, problems } = parseKuery(text)
  if (value === undefined && problems.length > 0) return { problems }
  return { value: { node: value }, problems }
}

function readRoot({ node }: KueryRoot, text: string): QueryFacts {
  return readKuery(node, text)
}

function parseEsqlWith(text: string, schema?: QuerySchema): Checked<EsqlQuery> {
  const { value, problems } = parseEsql(text)
  // Behind an error nobody knows what columns there are.
  if (value === undefined || hasErrors(problems)) return { ...(value && { value }), problems }
  return { value, problems: [...problems, ...checkColumns(value, text, schema)] }
}

function parseSplWith(text: string, schema: QuerySchema = {}): Checked<SplSearch> {
  const { value, problems } = parseSpl(text)
  // Behind an error nobody knows what fields there are.
  if (value === undefined || hasErrors(problems)) return { ...(value && { value }), problems }
  return { value, problems: [...problems, ...checkSpl(value, text, schema)] }
}
