// Markdown as a tree: nothing in it is HTML, no image, and no link but where it was resolved to.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { parseMarkdown, plainText, type Block, type Inline } from '#languages/markdown/parse.ts'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { corpusPath } from '#test/support/corpora.ts'

const resolve = (href: string) => (/^(https?|mailto):/i.test(href) ? href : undefined)
const parse = (text: string) => parseMarkdown(text, { resolve })

function inlinesOf(blocks: readonly Block[]): readonly Inline[] {
  return blocks.flatMap((block): readonly Inline[] => {
    if (block.kind === 'list') return block.items.flatMap(inlinesOf)
    if (block.kind === 'quote') return inlinesOf(block.children)
    if (block.kind === 'table') return [block.head, ...block.rows].flat(2)
    return 'children' in block ? block.children : []
  })
}

function linksIn(nodes: readonly Inline[]): readonly string[] {
  return nodes.flatMap((node) => {
    const inside = 'children' in node ? linksIn(node.children) : []
    return node.kind === 'link' ? [node.href, ...inside] : inside
  })
}

test('headings, lists, tables, code and quotes become nodes', () => {
  const blocks = parse(
    '# A *b*\n\ntext `c` **d**\n\n- one\n- two\n\n3. three\n\n| h |\n| --- |\n| x |\n\n```sh\nls\n```\n\n> q\n\n---\n\n# A b\n',
  )
  assert.deepEqual(
    blocks.map(({ kind }) => kind),
    ['heading', 'paragraph', 'list', 'list', 'table', 'code', 'quote', 'rule', 'heading'],
  )
  const ids = blocks.flatMap((block) => (block.kind === 'heading' ? [block.id] : []))
  assert.deepEqual(ids, ['a-b', 'a-b-2'])
  const lists = blocks.flatMap((block) => (block.kind === 'list' ? [block.start] : []))
  assert.deepEqual(lists, [undefined, 3])
})

test('HTML is text, an image is words, and a link goes where it may', () => {
  const blocks = parse(
    '<b onclick=x>a</b> ![alt](https://a.example/?d=1) [x](javascript:alert) [y](https://b.example)',
  )
  const nodes = inlinesOf(blocks)
  assert.match(plainText(nodes), /<b onclick=x>a<\/b> !alt/)
  assert.deepEqual(linksIn(nodes), ['https://a.example/?d=1', 'https://b.example'])
  assert.doesNotMatch(JSON.stringify(blocks), /"href":"javascript/)
})

test('no text makes it throw, nor go on for long', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void parse(text)))
  for (const piece of ['[', '> ', '* ', '`', '| a ', '<', '![a](', '_a*']) {
    parse(piece.repeat(Math.floor(20_000 / piece.length)))
  }
})

test('the published hostile texts leave no link that runs', () => {
  const file = corpusPath('hostile/xss.txt.gz')
  if (file === undefined) return
  for (const line of gunzipSync(readFileSync(file)).toString().split('\n')) {
    const payload = line.split('\t')[1]
    if (!payload?.startsWith('"')) continue
    for (const href of linksIn(inlinesOf(parse(JSON.parse(payload) as string)))) {
      assert.match(href, /^(https?|mailto):/i)
    }
  }
})
