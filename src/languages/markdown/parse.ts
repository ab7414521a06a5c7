// Markdown as a tree of plain nodes, for pages that show it by their own components: no HTML text is
// ever made, and HTML in the source is text like any other. There are no images, because an address
// of one tells somebody elsewhere what was read and when; a link goes where `resolve` says.

import MarkdownIt, { type Token } from 'markdown-it'

export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: 'break' }

export type Block =
  | {
      readonly kind: 'heading'
      readonly level: number
      /** For addresses within the text: unique in it. */
      readonly id: string
      readonly children: readonly Inline[]
    }
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | {
      readonly kind: 'list'
      /** Undefined for a list without numbers. */
      readonly start: number | undefined
      readonly items: readonly (readonly Block[])[]
    }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'table'
      readonly head: readonly (readonly Inline[])[]
      readonly rows: readonly (readonly (readonly Inline[])[])[]
    }
  | { readonly kind: 'rule' }

export interface MarkdownOptions {
  /** Where a link of the source leads; undefined for nowhere: then its words stand alone. */
  readonly resolve: (href: string) => string | undefined
}

/** Deeper quotes and lists than this are text. */
const NESTING_MAX = 20

const reader = new MarkdownIt({ html: false, linkify: false, typographer: false })
reader.disable(['image', 'html_block', 'html_inline'])
reader.set({ maxNesting: NESTING_MAX })

export function parseMarkdown(source: string, options: MarkdownOptions): readonly Block[] {
  return new Reading(reader.parse(source, {}), options).blocks()
}

/** The words of a tree, without what they look like. */
export function plainText(children: readonly Inline[]): string {
  return children
    .map((node) => {
      if (node.kind === 'break') return ' '
      return 'text' in node ? node.text : plainText(node.children)
    })
    .join('')
}

class Reading {
  readonly #tokens: readonly Token[]
  readonly #resolve: MarkdownOptions['resolve']
  readonly #ids = new Set<string>()
  #at = 0

  constructor(tokens: readonly Token[], { resolve }: MarkdownOptions) {
    this.#tokens = tokens
    this.#resolve = resolve
  }

  /** Up to the token that closes what is open, which is taken too. */
  blocks(closing?: string): readonly Block[] {
    const blocks: Block[] = []
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!
      if (token.type === closing) break
      const block = this.#block(token)
      if (block) blocks.push(block)
    }
    return blocks
  }

  #block(token: Token): Block | undefined {
    switch (token.type) {
      case 'heading_open':
        return this.#heading(Number(token.tag.slice(1)))
      case 'paragraph_open':
        return { kind: 'paragraph', children: this.#inline('paragraph_close') }
      case 'bullet_list_open':
        return { kind: 'list', start: undefined, items: this.#items('bullet_list_close') }
      case 'ordered_list_open': {
        const start = Number(token.attrGet('start') ?? 1)
        return { kind: 'list', start, items: this.#items('ordered_list_close') }
      }
      case 'blockquote_open':
        return { kind: 'quote', children: this.blocks('blockquote_close') }
      case 'fence':
      case 'code_block':
        return { kind: 'code', text: token.content.replace(/\n$/, '') }
      case 'table_open':
        return this.#table()
      case 'hr':
        return { kind: 'rule' }
      default:
        return undefined
    }
  }

  #heading(level: number): Block {
    const children = this.#inline('heading_close')
    return { kind: 'heading', level, id: this.#idFor(plainText(children)), children }
  }

  #idFor(words: string): string {
    const base =
      words
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
        .replaceAll(/^-|-$/g, '') || 'part'
    let id = base
    for (let count = 2; this.#ids.has(id); count++) id = `${base}-${count}`
    this.#ids.add(id)
    return id
  }

  #items(closing: string): readonly (readonly Block[])[] {
    const items: (readonly Block[])[] = []
    while (this.#at < this.#tokens.length) {
      const { type } = this.#tokens[this.#at++]!
      if (type === closing) break
      if (type === 'list_item_open') items.push(this.blocks('list_item_close'))
    }
    return items
  }

  #table(): Block {
    const rows: (readonly Inline[])[][] = []
    while (this.#at < this.#tokens.length) {
      const { type } = this.#tokens[this.#at++]!
      if (type === 'table_close') break
      if (type === 'tr_open') rows.push([])
      else if (type === 'th_open') rows.at(-1)!.push(this.#inline('th_close'))
      else if (type === 'td_open') rows.at(-1)!.push(this.#inline('td_close'))
    }
    const [head = [], ...rest] = rows
    return { kind: 'table', head, rows: rest }
  }

  #inline(closing: string): readonly Inline[] {
    const found: Inline[] = []
    while (this.#at < this.#tokens.length) {
      const { type, children } = this.#tokens[this.#at++]!
      if (type === closing) break
      if (type === 'inline') found.push(...this.#spans(children ?? []))
    }
    return found
  }

  #spans(tokens: readonly Token[]): readonly Inline[] {
    // What is open, outermost first, each with what it holds so far.
    const open: { readonly close: (inside: readonly Inline[]) => Inline[]; inside: Inline[] }[] = [
      { close: () => [], inside: [] },
    ]
    for (const token of tokens) {
      const top = open.at(-1)!
      if (token.nesting === 1) open.push({ close: this.#closing(token), inside: [] })
      else if (token.nesting === -1 && open.length > 1) {
        open.pop()
        open.at(-1)!.inside.push(...top.close(top.inside))
      } else top.inside.push(...leaf(token))
    }
    return open[0]!.inside
  }

  #closing(token: Token): (inside: readonly Inline[]) => Inline[] {
    const style = STYLES[token.type]
    if (style) return (children) => [{ kind: style, children }]
    if (token.type !== 'link_open') return (children) => [...children]
    const href = this.#resolve(String(token.attrGet('href') ?? ''))
    return (children) => (href === undefined ? [...children] : [{ kind: 'link', href, children }])
  }
}

const STYLES: Readonly<Record<string, 'strong' | 'em' | 'del'>> = {
  strong_open: 'strong',
  em_open: 'em',
  s_open: 'del',
}

function leaf({ type, content }: Token): Inline[] {
  if (type === 'code_inline') return [{ kind: 'code', text: content }]
  if (type === 'hardbreak') return [{ kind: 'break' }]
  if (type === 'softbreak') return [{ kind: 'text', text: '\n' }]
  return content === '' ? [] : [{ kind: 'text', text: content }]
}
