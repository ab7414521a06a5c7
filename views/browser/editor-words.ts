// What could stand where the caret is in a rule's text. A text is broken most of the time it is typed, so
// this stands on lines and how far they are indented, never on a tree.

import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { Text } from '@codemirror/state'
import type { KnownSource, Vocabulary } from '#views/rules/words.ts'

const LOG_SOURCE_KEYS = ['product', 'category', 'service', 'definition']
const CONDITION_WORDS = ['and', 'or', 'not', '1 of', 'all of', 'them']

/** Asks for the words when the first is wanted; without them nothing is offered. */
export function completeFrom(path: string) {
  let asked: Promise<Vocabulary | undefined> | undefined
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[\w.-]*/)
    if (!word || (word.text === '' && !context.explicit && !isAfterSign(context))) return null
    asked ??= fetch(path).then(
      (answer) => (answer.ok ? (answer.json() as Promise<Vocabulary>) : undefined),
      () => undefined,
    )
    const words = await asked
    if (!words) asked = undefined
    const options = words && offer(words, placeOf(context))
    return options && options.length > 0
      ? { from: word.from, options: [...options], validFor: /^[\w.-]*$/ }
      : null
  }
}

/** `Image|` and `- ` call for a word by themselves. */
const isAfterSign = ({ state, pos }: CompletionContext) =>
  /\w\||^\s*- $/.test(state.sliceDoc(state.doc.lineAt(pos).from, pos))

interface Place {
  readonly doc: Text
  /** Keys of the lines around this one, outermost first. */
  readonly path: readonly string[]
  /** Of this line, when the caret stands behind its colon. */
  readonly key: string | undefined
  readonly before: string
}

function placeOf({ state, pos }: CompletionContext): Place {
  const { doc } = state
  const line = doc.lineAt(pos)
  const before = line.text.slice(0, pos - line.from)
  let indent = /^[\s-]*/.exec(line.text)![0].length
  const isItem = /^\s*-/.test(line.text)
  const path: string[] = []
  for (let number = indent > 0 || isItem ? line.number - 1 : 0; number > 0; number--) {
    const { text } = doc.line(number)
    const [, space = '', key] = /^(\s*)(?:- )?([\w|.*-]+)\s*:/.exec(text) ?? []
    // The items of a list may stand as far left as its key.
    const isOutside = space.length < indent || (isItem && path.length === 0 && !/^\s*-/.test(text))
    if (key === undefined || !isOutside) continue
    path.unshift(key)
    indent = space.length
    if (indent === 0) break
  }
  const [, key] = /^\s*(?:- )?([\w|.*-]+)\s*:\s/.exec(before) ?? []
  return { doc, path, key, before }
}

function offer(words: Vocabulary, place: Place): readonly Completion[] {
  const { path, key, before } = place
  const [top, second] = path
  if (/(^|\s)#/.test(before)) return []
  if (top === undefined && key === undefined) return asKeys(words.keys)
  if (key === 'level') return asWords(words.levels)
  if (key === 'status' && top === undefined) return asWords(words.statuses)
  if (top === 'tags') {
    return words.tags.map(({ tag, name }) => ({ label: tag, detail: name, type: 'constant' }))
  }
  if (top === 'logsource') return ofLogSource(words, place)
  if (top === 'rulewright' && second === undefined && key === undefined) {
    return asKeys(words.ownKeys)
  }
  return top === 'detection' ? ofDetection(words, place) : []
}

function ofLogSource({ sources }: Vocabulary, { doc, key }: Place): readonly Completion[] {
  if (key === undefined) return asKeys(LOG_SOURCE_KEYS)
  const { product } = writtenSource(doc)
  if (key === 'product') return asWords(sources.flatMap((one) => one.product ?? []))
  const fitting = sources.filter(
    (one) => one.kind === key && (product === undefined || (one.product ?? product) === product),
  )
  return asWords(fitting.map(({ name }) => name))
}

function ofDetection(words: Vocabulary, place: Place): readonly Completion[] {
  const { doc, path, key, before } = place
  if (key === 'condition') return asWords([...searchesOf(doc), ...CONDITION_WORDS])
  if (key !== undefined) return []
  if (before.includes('|')) return asWords(words.modifiers)
  if (path.length > 1) return asKeys(fieldsOf(doc, words.sources), '')
  return asKeys(['condition', 'selection', 'filter_main', 'timeframe'])
}

interface WrittenSource {
  readonly product?: string
  readonly category?: string
  readonly service?: string
}

function writtenSource(doc: Text): WrittenSource {
  return Object.fromEntries(
    linesUnder(doc, 'logsource').flatMap((line) => {
      const [, key, value] = /^\s+(product|category|service):\s*['"]?([\w.-]+)/.exec(line) ?? []
      return key === undefined ? [] : [[key, value]]
    }),
  )
}

function searchesOf(doc: Text): readonly string[] {
  const names = linesUnder(doc, 'detection').flatMap(
    (line) => /^\s{1,4}([\w-]+):/.exec(line)?.[1] ?? [],
  )
  return names.filter((name) => name !== 'condition' && name !== 'timeframe')
}

/** Lines that belong to a key of the document. */
function linesUnder(doc: Text, key: string): readonly string[] {
  const lines: string[] = []
  let isInside = false
  for (const line of doc.iterLines()) {
    if (/^\S/.test(line)) isInside = line.startsWith(`${key}:`)
    else if (isInside) lines.push(line)
  }
  return lines
}

function fieldsOf(doc: Text, sources: readonly KnownSource[]): readonly string[] {
  const { product, category, service } = writtenSource(doc)
  return sources
    .filter(({ kind, name }) => name === (kind === 'category' ? category : service))
    .filter((one) => product === undefined || (one.product ?? product) === product)
    .flatMap(({ fields }) => fields)
}

function asKeys(names: readonly string[], end = ': '): readonly Completion[] {
  return unique(names).map((label) => ({ label, type: 'property', apply: label + end }))
}

function asWords(names: readonly string[]): readonly Completion[] {
  return unique(names).map((label) => ({ label, type: 'keyword' }))
}

const unique = (names: readonly string[]) => [...new Set(names)]
