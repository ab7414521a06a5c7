// What an editor asks of a language while somebody types: what could stand here, what a word means,
// how to colour the text. Pure: text and offset in, plain data out. A query is broken most of the time
// it is typed, so all of this stands on tokens, never on a tree.

import type { Token } from './cursor.ts'
import type { QuerySchema, Range } from './query.ts'

export type TokenClass =
  | 'command'
  | 'function'
  | 'field'
  | 'source'
  | 'keyword'
  | 'operator'
  | 'string'
  | 'number'
  | 'macro'
  | 'comment'
  | 'punctuation'
  | 'text'

export interface ClassedToken extends Range {
  readonly class: TokenClass
}

export interface Suggestion {
  readonly text: string
  readonly class: TokenClass
  /** A few words for people. */
  readonly about?: string
}

/** The range is what a choice replaces: the word begun before the caret. */
export interface Completions extends Range {
  readonly items: readonly Suggestion[]
}

/** More than anybody reads. */
const SUGGESTIONS_MAX = 200

export interface Place<T extends Token> {
  /** Of the command the caret is in, from its first; the word being typed and comments left out. */
  readonly before: readonly T[]
  /** Nothing stands before the command. */
  readonly isFirst: boolean
  /** Fields that the query names anywhere. */
  readonly named: readonly string[]
}

export interface EditorGrammar<T extends Token> {
  lex(text: string): readonly T[]
  /** Characters of a word, for the one begun before the caret. */
  readonly wordCharacters: RegExp
  /** What begins a command, besides the text itself. */
  readonly opens: ReadonlySet<string>
  classOf(token: T, before: readonly T[], after: T | undefined): TokenClass
  suggest(place: Place<T>, schema: QuerySchema): readonly Suggestion[]
  /** What a word of a class means, from the language; the schema speaks for fields. */
  about(word: string, kind: TokenClass): string | undefined
}

export interface Editor {
  colour(text: string): readonly ClassedToken[]
  complete(text: string, offset: number, schema?: QuerySchema): Completions
  /** Null where there is nothing to say. */
  hover(text: string, offset: number, schema?: QuerySchema): string | null
}

export function makeEditor<T extends Token>(grammar: EditorGrammar<T>): Editor {
  const read = (text: string) => classify(grammar, text)
  return {
    colour: (text) =>
      read(text).map(({ token, kind }) => ({ class: kind, start: token.start, end: token.end })),

    complete(text, offset, schema = {}) {
      const start = wordStart(text, offset, grammar.wordCharacters)
      const classed = read(text)
      const earlier = classed.map(({ token }) => token).filter((token) => token.end <= start)
      const inComment = classed.some(
        ({ token, kind }) => kind === 'comment' && token.start < offset && offset < token.end,
      )
      if (inComment) return { items: [], start, end: offset }
      const commands = new Commands<T>(grammar.opens)
      for (const token of earlier) if (isSaid(token)) commands.add(token)
      const named = classed.flatMap(({ token, kind }) =>
        kind === 'field' && !(token.start <= offset && offset <= token.end) ? [token.text] : [],
      )
      const place = {
        before: commands.current,
        isFirst: commands.isFirst,
        named: [...new Set(named)],
      }
      const all = grammar.suggest(place, schema)
      return { items: startingWith(all, text.slice(start, offset)), start, end: offset }
    },

    hover(text, offset, schema = {}) {
      const here = read(text).find(({ token }) => token.start <= offset && offset < token.end)
      if (!here) return null
      const { token, kind } = here
      return grammar.about(token.text, kind) ?? aboutName(token.text, kind, schema) ?? null
    },
  }
}

interface Classed<T> {
  readonly token: T
  readonly kind: TokenClass
}

function classify<T extends Token>(grammar: EditorGrammar<T>, text: string): readonly Classed<T>[] {
  const tokens = grammar.lex(text).filter((token) => token.kind !== 'end')
  const said = tokens.filter(isSaid)
  const commands = new Commands<T>(grammar.opens)
  let at = 0
  return tokens.map((token) => {
    if (token.kind === 'comment') return { token, kind: 'comment' }
    const kind = grammar.classOf(token, commands.current, said[++at])
    commands.add(token)
    return { token, kind }
  })
}

function isSaid(token: Token): boolean {
  return token.kind !== 'comment' && token.kind !== 'end'
}

// The tokens of the command one stands in, kept while walking forward: a `|` begins the next, a
// bracket that opens commands keeps what was before it for when it closes.
class Commands<T extends Token> {
  current: T[] = []
  isFirst = true
  readonly #opens: ReadonlySet<string>
  readonly #outer: T[][] = []

  constructor(opens: ReadonlySet<string>) {
    this.#opens = opens
  }

  add(token: T): void {
    const sign = token.isQuoted ? '' : token.text
    // A search may begin with a `|` of its own.
    const isLeading = this.isFirst && this.current.length === 0
    if (sign === '|' && this.#opens.has('|')) {
      if (!isLeading) this.#begin()
    } else if (sign === '[' && this.#opens.has('[')) {
      this.#outer.push(this.current)
      this.#begin()
    } else if (sign === ']' && this.#opens.has('[')) {
      this.current = this.#outer.pop() ?? this.current
      this.current.push(token)
    } else this.current.push(token)
  }

  #begin(): void {
    this.current = []
    this.isFirst = false
  }
}

function wordStart(text: string, offset: number, characters: RegExp): number {
  let start = Math.min(offset, text.length)
  while (start > 0 && characters.test(text[start - 1]!)) start--
  return start
}

// What begins with the word first, then what holds it; of each first what is common enough to be told
// about.
function startingWith(all: readonly Suggestion[], word: string): readonly Suggestion[] {
  const wanted = word.toLowerCase()
  const unique = [...new Map(all.map((item) => [`${item.class} ${item.text}`, item])).values()]
  const rank = ({ text }: Suggestion) => text.toLowerCase().indexOf(wanted)
  const order = (item: Suggestion) => 2 * Number(rank(item) > 0) + Number(item.about === undefined)
  return unique
    .filter((item) => rank(item) >= 0 && item.text !== word)
    .toSorted((a, b) => order(a) - order(b))
    .slice(0, SUGGESTIONS_MAX)
}

export function suggestions(
  kind: TokenClass,
  texts: Iterable<string>,
  about?: (text: string) => string | undefined,
): readonly Suggestion[] {
  return [...texts].map((text) => {
    const words = about?.(text)
    return words === undefined ? { text, class: kind } : { text, class: kind, about: words }
  })
}

/** Fields that the query names already, and those of the schema. */
export function fieldSuggestions(
  named: readonly string[],
  schema: QuerySchema,
): readonly Suggestion[] {
  const typed = Object.entries(schema.tables ?? {}).flatMap(([table, columns]) =>
    Object.entries(columns).map(([text, type]): Suggestion => ({
      text,
      class: 'field',
      about: `${type} of ${table}`,
    })),
  )
  return [...typed, ...suggestions('field', named)]
}

function aboutName(word: string, kind: TokenClass, schema: QuerySchema): string | undefined {
  if (kind === 'macro') {
    const name = /^[\w.:-]+/.exec(word)?.[0] ?? ''
    const found = Object.entries(schema.macros ?? {}).find(
      ([key]) => key.replace(/\(.*/, '') === name,
    )
    return found && `macro ${found[0]}: ${found[1].definition}`
  }
  if (kind !== 'field') return undefined
  const homes = Object.entries(schema.tables ?? {}).filter(([, columns]) => word in columns)
  return homes.length === 0
    ? undefined
    : homes.map(([table, columns]) => `${word}: ${columns[word]!} of ${table}`).join('\n')
}

/** `replace(3 values)`, from the fewest and the most arguments. */
export function signature(name: string, least: number, most: number): string {
  const plural = (count: number) => (count === 1 ? '1 value' : `${count} values`)
  if (most === 0) return `${name}()`
  if (least === most) return `${name}(${plural(least)})`
  return most === Number.POSITIVE_INFINITY
    ? `${name}(${plural(least)} or more)`
    : `${name}(${least} to ${plural(most)})`
}
