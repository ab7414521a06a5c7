// Lucene query strings while they are typed.

import { fieldSuggestions, makeEditor, suggestions, type TokenClass } from '#languages/editor.ts'
import { lexLucene, type LuceneToken } from './lex.ts'

const WORDS = new Set(['&&', '||', '!'])

export const LUCENE_EDITOR = makeEditor<LuceneToken>({
  lex: lexLucene,
  wordCharacters: /[\w.@]/,
  opens: new Set(),

  classOf(token, _before, after) {
    if (token.kind === 'term') return after?.text === ':' && !after.isQuoted ? 'field' : 'text'
    if (token.kind === 'sign') return signClass(token.text)
    return token.kind === 'end' ? 'text' : 'string'
  },

  suggest({ before, named }, schema) {
    const isValue = before.at(-1)?.text === ':'
    if (isValue) return []
    return [
      ...fieldSuggestions(named, schema).map((item) => ({ ...item, text: `${item.text}:` })),
      ...suggestions('keyword', ['AND', 'OR', 'NOT', '_exists_:']),
    ]
  },

  about: () => undefined,
})

function signClass(sign: string): TokenClass {
  if (WORDS.has(sign)) return 'keyword'
  return sign === '(' || sign === ')' ? 'punctuation' : 'operator'
}
