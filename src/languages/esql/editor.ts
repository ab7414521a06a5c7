// ES|QL while it is typed.

import {
  fieldSuggestions,
  makeEditor,
  signature,
  suggestions,
  type TokenClass,
} from '#languages/editor.ts'
import { ESQL_COMMANDS, ESQL_FUNCTIONS } from './functions.ts'
import { lexEsql, type EsqlToken } from './lex.ts'

const KEYWORDS = new Set(
  'and or not in is null nulls first last like rlike by as asc desc on with metadata where true false'.split(
    ' ',
  ),
)
const SOURCES = new Set(['source', 'source_plain'])
const WORDS = new Set(Object.keys(ESQL_COMMANDS).flatMap((name) => name.split(' ')))

const ABOUT: Readonly<Record<string, string>> = {
  from: 'FROM indexes [METADATA fields]: the rows of indexes, data streams or aliases',
  row: 'ROW name = value, …: a row of values',
  show: 'SHOW INFO: about the cluster',
  ts: 'TS indexes: the rows of time series',
  change_point: 'CHANGE_POINT value ON key: finds where a series changes',
  completion: 'COMPLETION prompt WITH {…}: sends each row to a model',
  dissect: 'DISSECT text "pattern": takes columns out of a text by its separators',
  drop: 'DROP columns: removes columns',
  enrich: 'ENRICH policy ON field WITH columns: adds columns from an enrich policy',
  eval: 'EVAL name = expression, …: computes columns',
  fork: 'FORK (…) (…): runs several branches over the same rows',
  grok: 'GROK text "pattern": takes columns out of a text by expressions',
  inline: 'INLINE STATS: adds the statistics of its group to each row',
  keep: 'KEEP columns: keeps columns, in this order',
  limit: 'LIMIT n: at most n rows (1,000 unless said)',
  lookup: 'LOOKUP JOIN index ON field: adds the columns of a lookup index',
  mv_expand: 'MV_EXPAND column: a row for each value',
  rename: 'RENAME old AS new: renames columns',
  rerank: 'RERANK query ON field WITH {…}: sends rows to a model to order them',
  sample: 'SAMPLE probability: a random part of the rows',
  sort: 'SORT column [ASC|DESC] [NULLS FIRST|LAST]: sorts',
  stats: 'STATS name = aggregate [WHERE …], … BY columns: a row for each group',
  where: 'WHERE condition: keeps rows for which it is true',
}

export const ESQL_EDITOR = makeEditor<EsqlToken>({
  lex: lexEsql,
  wordCharacters: /[\w.@]/,
  opens: new Set(['|']),

  classOf(token, before, after) {
    if (token.kind === 'name' && !token.isQuoted) {
      const isSecond = before.length === 1 && `${before[0]!.lower} ${token.lower}` in ESQL_COMMANDS
      if (isSecond || (startsCommand(before) && WORDS.has(token.lower))) return 'command'
      if (after?.text === '(' && ESQL_FUNCTIONS.has(token.lower)) return 'function'
      return KEYWORDS.has(token.lower) ? 'keyword' : 'field'
    }
    if (token.kind !== 'pattern') return CLASSES[token.kind]
    const command = before[0]?.lower
    return command === 'keep' || command === 'drop' ? 'field' : 'source'
  },

  suggest({ before, isFirst, named }, schema) {
    const [first] = before
    if (first === undefined || startsCommand(before)) {
      const names = Object.entries(ESQL_COMMANDS)
        .filter(([, kind]) => SOURCES.has(kind) === isFirst)
        .map(([name]) => name.toUpperCase())
      return suggestions('command', names, aboutCommand)
    }
    const command = first.lower
    if (command === 'from' || command === 'ts') {
      const keywords = before.length > 1 ? suggestions('keyword', ['METADATA']) : []
      return [...suggestions('source', Object.keys(schema.tables ?? {})), ...keywords]
    }
    const fields = fieldSuggestions(named, schema)
    if (command === 'keep' || command === 'drop') return fields
    return [
      ...fields,
      ...suggestions('function', ESQL_FUNCTIONS.keys(), aboutFunction),
      ...suggestions(
        'keyword',
        [...KEYWORDS].map((word) => word.toUpperCase()),
      ),
    ]
  },

  about(word, kind) {
    if (kind === 'command') return aboutCommand(word)
    return kind === 'function' ? aboutFunction(word.toLowerCase()) : undefined
  },
})

// At the start, and in the brackets of a FORK.
function startsCommand(before: readonly EsqlToken[]): boolean {
  return before.length === 0 || (before[0]!.lower === 'fork' && before.at(-1)!.text === '(')
}

const CLASSES: Readonly<Record<Exclude<EsqlToken['kind'], 'pattern'>, TokenClass>> = {
  name: 'field',
  string: 'string',
  number: 'number',
  parameter: 'macro',
  operator: 'operator',
  punctuation: 'punctuation',
  comment: 'comment',
  unknown: 'text',
  end: 'text',
}

function aboutCommand(name: string): string | undefined {
  return ABOUT[name.toLowerCase().split(' ')[0]!]
}

function aboutFunction(name: string): string | undefined {
  const known = ESQL_FUNCTIONS.get(name)
  return known && `${signature(name, known.least, known.most)}: ${known.group.replace('_', ' ')}`
}
