// SPL while it is typed.

import {
  fieldSuggestions,
  makeEditor,
  signature,
  suggestions,
  type TokenClass,
} from '#languages/editor.ts'
import { ABOUT_COMMANDS } from './about.ts'
import { SPL_COMMANDS } from './commands.ts'
import { SPL_EVAL_FUNCTIONS, SPL_STATS_FUNCTIONS } from './functions.ts'
import { lexSpl, type SplToken } from './lex.ts'

const KEYWORDS = new Set(
  'and or not xor in as by over where from groupby output outputnew like'.split(' '),
)
const LOOKUPS = new Set(['lookup', 'inputlookup', 'outputlookup'])
const SOURCES = new Set(['index', 'sourcetype', 'source', 'datamodel', 'eventtype'])

export const SPL_EDITOR = makeEditor<SplToken>({
  lex: lexSpl,
  wordCharacters: /[\w.:{}@-]/,
  opens: new Set(['|', '[']),

  classOf(token, before, after) {
    if (token.kind !== 'word') return CLASSES[token.kind]
    if (before.length === 0 && SPL_COMMANDS.has(token.lower) && after?.kind !== 'operator') {
      return 'command'
    }
    if (after?.text === '(' && after.start === token.end) return 'function'
    if (KEYWORDS.has(token.lower)) return 'keyword'
    return wordClass(token, before)
  },

  suggest({ before, isFirst, named }, schema) {
    const [first, ...rest] = before
    const command = first?.lower ?? ''
    const macros = suggestions(
      'macro',
      Object.keys(schema.macros ?? {}).map((name) => `\`${name}\``),
    )
    const fields = fieldSuggestions(named, schema)
    if (first === undefined) {
      const commands = [...SPL_COMMANDS].filter(([, info]) => !isFirst || info.isGenerating)
      const names = suggestions(
        'command',
        commands.map(([name]) => name),
        (name) => ABOUT_COMMANDS[name],
      )
      return isFirst ? [...names, ...fields, ...macros] : [...names, ...macros]
    }
    if (LOOKUPS.has(command) && rest.length === 0) {
      return suggestions('source', Object.keys(schema.lookups ?? {}))
    }
    const keywords = suggestions('keyword', KEYWORDS)
    const grammar = SPL_COMMANDS.get(command)?.grammar
    if (grammar === 'eval' || grammar === 'where') {
      return [
        ...suggestions('function', SPL_EVAL_FUNCTIONS.keys(), aboutEval),
        ...fields,
        ...keywords,
        ...macros,
      ]
    }
    const isGrouped = rest.some((token) => token.lower === 'by')
    if ((grammar === 'stats' || grammar === 'tstats') && !isGrouped) {
      return [...suggestions('function', SPL_STATS_FUNCTIONS), ...fields, ...keywords, ...macros]
    }
    return [...fields, ...keywords, ...macros]
  },

  about(word, kind) {
    const lower = word.toLowerCase()
    if (kind === 'command') return ABOUT_COMMANDS[lower]
    return kind === 'function' ? aboutEval(lower) : undefined
  },
})

const CLASSES: Readonly<Record<Exclude<SplToken['kind'], 'word'>, TokenClass>> = {
  string: 'string',
  field: 'field',
  number: 'number',
  macro: 'macro',
  operator: 'operator',
  punctuation: 'punctuation',
  comment: 'comment',
  unknown: 'text',
  end: 'text',
}

// What stands after a sign of comparison is a value, elsewhere words name fields.
function wordClass(token: SplToken, before: readonly SplToken[]): TokenClass {
  const last = before.at(-1)
  const isValue = last?.kind === 'operator' && /^(?:=|==|!=|<=?|>=?)$/.test(last.text)
  if (!isValue) return /^\d+$/.test(token.text) ? 'number' : 'field'
  return SOURCES.has(before.at(-2)?.lower ?? '') ? 'source' : 'text'
}

function aboutEval(name: string): string | undefined {
  const known = SPL_EVAL_FUNCTIONS.get(name)
  return known && signature(name, known.least, known.most)
}
