// EQL while it is typed.

import {
  fieldSuggestions,
  makeEditor,
  signature,
  suggestions,
  type TokenClass,
} from '#languages/editor.ts'
import { EQL_FUNCTIONS, EQL_PIPES_OF_ELASTICSEARCH, findEqlFunction } from './functions.ts'
import { lexEql, type EqlToken } from './lex.ts'

const KINDS = ['sequence', 'sample', 'any where']
const CATEGORIES =
  'any api authentication configuration database driver dns file host iam intrusion_detection library malware network process registry session web'.split(
    ' ',
  )
const KEYWORDS =
  'and or not in in~ like like~ regex regex~ where by with maxspan until true false null'.split(' ')
const WORDS = new Set([...KEYWORDS, 'sequence', 'sample', 'join'])

export const EQL_EDITOR = makeEditor<EqlToken>({
  lex: lexEql,
  wordCharacters: /[\w.@~]/,
  opens: new Set(['|', '[']),

  classOf(token, before, after) {
    if (token.kind !== 'name' && token.kind !== 'keyword') return CLASSES[token.kind]
    const lower = token.text.toLowerCase()
    if (before.length === 0) {
      if (after?.text === 'where') return 'source'
      return WORDS.has(lower) || EQL_PIPES_OF_ELASTICSEARCH.has(lower) ? 'command' : 'field'
    }
    if (after?.text === '(' && findEqlFunction(token.text)) return 'function'
    return token.kind === 'keyword' || WORDS.has(lower) ? 'keyword' : 'field'
  },

  suggest({ before, isFirst, named }, schema) {
    const fields = fieldSuggestions(named, schema)
    if (before.length === 0) {
      const starts = suggestions(
        'source',
        CATEGORIES.map((category) => `${category} where`),
      )
      if (isFirst) return [...suggestions('command', KINDS), ...starts]
      return [...starts, ...suggestions('command', EQL_PIPES_OF_ELASTICSEARCH)]
    }
    return [
      ...fields,
      ...suggestions('function', Object.keys(EQL_FUNCTIONS), aboutFunction),
      ...suggestions('keyword', KEYWORDS),
    ]
  },

  about: (word, kind) => (kind === 'function' ? aboutFunction(word) : undefined),
})

const CLASSES: Readonly<Record<Exclude<EqlToken['kind'], 'name' | 'keyword'>, TokenClass>> = {
  string: 'string',
  number: 'number',
  duration: 'number',
  operator: 'operator',
  punctuation: 'punctuation',
  comment: 'comment',
  unknown: 'text',
  end: 'text',
}

function aboutFunction(word: string): string | undefined {
  const found = findEqlFunction(word)
  if (!found) return undefined
  const [least, most] = found.definition.arguments
  const caseless = found.definition.hasCaseless ? `; ${found.name}~ regards no case` : ''
  return `${signature(found.name, least, most)}${caseless}`
}
