// The texts that ship with the product: what they are called, on which shelf they stand, and where
// words stand in them.

import { parseMarkdown, plainText, type Block, type Inline } from '#languages/markdown/parse.ts'
import type { Embedded } from '#platform/embedded.ts'

export interface Doc {
  readonly slug: string
  readonly title: string
  readonly text: string
}

/** A part of a text under one heading. */
export interface DocPart {
  readonly href: string
  /** Of the text. */
  readonly title: string
  /** Of the part; empty for what stands before the first heading below the title. */
  readonly heading: string
  readonly words: string
}

/** In the order a person meets them; what is on no shelf stands on the last one, by name. */
const SHELVES: readonly (readonly [name: string, slugs: readonly string[]])[] = [
  ['Start', ['start', 'concepts', 'pages', 'demo', 'overview']],
  [
    'Rules',
    ['rules', 'tests', 'lint', 'problems', 'exclusions', 'lists', 'upstreams', 'detection-as-code'],
  ],
  ['Changes', ['changes', 'impact', 'deployments', 'hotfix', 'drift', 'as-of']],
  ['Watching', ['health', 'coverage', 'triage', 'attack']],
  ['Searching', ['searches', 'queries', 'sandbox']],
  [
    'Targets',
    [
      'targets',
      'credentials',
      'adoption',
      'mappings',
      'splunk',
      'sentinel',
      'defender',
      'elastic',
      'opensearch',
      'conversion',
      'bodies',
    ],
  ],
  [
    'People and programs',
    ['signing-in', 'single-sign-on', 'provisioning', 'roles', 'tokens', 'api', 'mcp'],
  ],
  ['Operating', ['operating', 'settings', 'cli', 'keys', 'audit', 'logging', 'security']],
]

/** What is not a guide, but a table made from the product itself. */
const OTHERS = 'More'

export interface Shelf {
  readonly name: string
  readonly docs: readonly Doc[]
}

export function readDocs(files: Pick<Embedded, 'list' | 'read'>): readonly Shelf[] {
  const names = files.list('docs').filter((name) => /^[a-z-]+\.md$/.test(name))
  const docs = names.map((name) =>
    readDoc(name.slice(0, -'.md'.length), files.read(`docs/${name}`)),
  )
  const placed = new Set(SHELVES.flatMap(([, slugs]) => slugs))
  const shelves = SHELVES.map(([name, slugs]) => ({
    name,
    docs: slugs.flatMap((slug) => docs.find((doc) => doc.slug === slug) ?? []),
  }))
  return [...shelves, { name: OTHERS, docs: docs.filter(({ slug }) => !placed.has(slug)) }].filter(
    (shelf) => shelf.docs.length > 0,
  )
}

// A text is parsed when somebody reads it; every page shows the titles of all.
function readDoc(slug: string, bytes: Buffer): Doc {
  const text = bytes.toString()
  const [first] = parseDoc(text.split('\n', 1)[0]!)
  const title = first?.kind === 'heading' ? plainText(first.children) : slug
  return { slug, title, text }
}

export const parseDoc = (text: string): readonly Block[] =>
  parseMarkdown(text, { resolve: resolveLink })

/** Texts name each other as files; what is not among them is only named. */
function resolveLink(href: string): string | undefined {
  if (/^(https?|mailto):/i.test(href)) return href
  if (href.startsWith('#') || /^\/(?![/\\])/.test(href)) return href
  const file = /^([a-z-]+)\.md(#.*)?$/.exec(href)
  return file ? `/docs/${file[1]}${file[2] ?? ''}` : undefined
}

/** A text cut at its headings. */
export function partsOf({ slug, title, text }: Doc): readonly DocPart[] {
  const parts: { href: string; title: string; heading: string; words: string[] }[] = []
  for (const block of parseDoc(text)) {
    if (block.kind === 'heading') {
      const isTitle = block.level === 1
      parts.push({
        href: isTitle ? `/docs/${slug}` : `/docs/${slug}#${block.id}`,
        title,
        heading: isTitle ? '' : plainText(block.children),
        words: [],
      })
    } else parts.at(-1)?.words.push(wordsOf(block))
  }
  return parts.map((part) => ({ ...part, words: part.words.join(' ').replaceAll(/\s+/g, ' ') }))
}

function wordsOf(block: Block): string {
  const said = (cells: readonly (readonly Inline[])[]) => cells.map(plainText).join(' ')
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return plainText(block.children)
    case 'list':
      return block.items.flat().map(wordsOf).join(' ')
    case 'quote':
      return block.children.map(wordsOf).join(' ')
    case 'code':
      return block.text
    case 'table':
      return [block.head, ...block.rows].map(said).join(' ')
    case 'rule':
      return ''
  }
}
