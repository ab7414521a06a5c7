// Reference lists written into the text of a rule: `User|expand: '%Admins%'` becomes
// `User: ["ada","ravi"]`. Done before anything else reads the text, so that tests, compilers and
// targets that take Sigma itself all see the same. What has no list keeps its placeholder, and is
// refused later by name.

import { applySplices, type Splice } from './written-splice.ts'
import { Source } from './source.ts'
import {
  isPlaceholder,
  joinParts,
  readText,
  withPlaceholders,
  writeText,
  type TextPart,
} from './value.ts'
import { readYaml, valueOf, type YamlEntry, type YamlNode, type YamlScalar } from './yaml.ts'

export interface ValueList {
  readonly name: string
  /** As they are: an asterisk in them is no wildcard. */
  readonly values: readonly string[]
}

/** Two lists in one value are each with each; more than this is left as it was written. */
const VALUES_MAX = 20_000

const EXPAND = /\|expand(?=\||$)/

/** Names of the lists that a text asks for; a few more at most, where one stands in a comment. */
export function listsNamed(text: string): readonly string[] {
  if (!/\|expand\b/.test(text)) return []
  return [...new Set([...text.matchAll(/%(\w+)%/g)].map(([, name]) => name!))]
}

export function fillLists(text: string, lists: readonly ValueList[]): string {
  if (lists.length === 0 || !/\|expand\b/.test(text)) return text
  const values = new Map(lists.map((one) => [one.name, one.values]))
  const splices: Splice[] = []
  for (const { root } of readYaml(new Source(text))) {
    if (root?.kind !== 'map') continue
    for (const key of ['detection', 'filter']) {
      for (const entry of entriesIn(valueOf(root, key))) {
        const splice = EXPAND.test(entry.key.text) && fillEntry(text, entry, values)
        if (splice) splices.push(splice)
      }
    }
  }
  return applySplices(text, splices)
}

function entriesIn(node: YamlNode | undefined): readonly YamlEntry[] {
  if (node?.kind === 'list') return node.items.flatMap(entriesIn)
  if (node?.kind !== 'map') return []
  return node.entries.flatMap((entry) => [entry, ...entriesIn(entry.value)])
}

/** From the key to the end of its values: what stands between them may be a line break. */
function fillEntry(
  text: string,
  { key, value }: YamlEntry,
  lists: ReadonlyMap<string, readonly string[]>,
): Splice | undefined {
  const written = (value.kind === 'list' ? value.items : [value]).filter(
    (node): node is YamlScalar => node.kind === 'scalar',
  )
  const filled = written.map((node) => variantsOf(node.text, lists))
  const values = filled.flatMap((one) => one.values)
  if (!filled.some((one) => one.isFilled) || values.length > VALUES_MAX) return undefined
  const isWhole = filled.every((one) => one.isWhole)
  const name = isWhole ? key.text.replace(EXPAND, '') : key.text
  const said = values.map((parts) => JSON.stringify(write(parts, isWhole)))
  const { start } = key
  const { end } = value
  const tail = text.slice(start, end).endsWith('\n') ? '\n' : ''
  return { start, end, text: `${JSON.stringify(name)}: [${said.join(', ')}]${tail}` }
}

type Parts = readonly TextPart[]

function variantsOf(written: string, lists: ReadonlyMap<string, readonly string[]>) {
  const { parts } = withPlaceholders(readText(written))
  let values: Parts[] = [[]]
  let isFilled = false
  let isWhole = true
  for (const part of parts) {
    const list = isPlaceholder(part) ? lists.get(part.placeholder) : undefined
    if (list) isFilled = true
    else if (isPlaceholder(part)) isWhole = false
    const options: readonly TextPart[] = list ?? [part]
    if (values.length * options.length > VALUES_MAX) return { values, isFilled: false, isWhole }
    values = values.flatMap((before) => options.map((one) => [...before, one]))
  }
  return { values, isFilled, isWhole }
}

/** As the text of a value says it; while `expand` stays, a percent sign has to be told apart. */
function write(parts: Parts, isWhole: boolean): string {
  const joined = joinParts(parts)
  if (isWhole) return writeText(joined)
  return writeText(
    joined.map((part) => (typeof part === 'string' ? part.replaceAll('%', String.raw`\%`) : part)),
  )
}
