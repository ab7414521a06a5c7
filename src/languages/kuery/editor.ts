// Kibana queries while they are typed.

import { fieldSuggestions, makeEditor, suggestions, type TokenClass } from '#languages/editor.ts'
import { lexKuery, type KueryToken, type KueryTokenKind } from './lex.ts'

export const KUERY_EDITOR = makeEditor<KueryToken>({
  lex: lexKuery,
  wordCharacters: /[\w.@]/,
  opens: new Set(),

  classOf(token, _before, after) {
    const isField = token.kind === 'word' && after?.kind === 'operator'
    return isField ? 'field' : CLASSES[token.kind]
  },

  suggest({ before, named }, schema) {
    if (before.at(-1)?.kind === 'operator') return []
    return [
      ...fieldSuggestions(named, schema).map((item) => ({ ...item, text: `${item.text}: ` })),
      ...suggestions('keyword', ['and', 'or', 'not']),
    ]
  },

  about: () => undefined,
})

const CLASSES: Readonly<Record<KueryTokenKind, TokenClass>> = {
  word: 'text',
  quoted: 'string',
  and: 'keyword',
  or: 'keyword',
  not: 'keyword',
  operator: 'operator',
  open: 'punctuation',
  close: 'punctuation',
  open_nested: 'punctuation',
  close_nested: 'punctuation',
  end: 'text',
}
